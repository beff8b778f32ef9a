// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/unet_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "baseline/engine/operations/conv3x3.h"
#include "baseline/engine/operations/extend.h"
#include "baseline/engine/operations/normalise.h"
#include "baseline/engine/operations/pool.h"
#include "baseline/engine/operations/upsample.h"
#include "baseline/engine/operations/winograd3x3.h"

namespace reconproof::baseline::engine {
namespace {

constexpr int64_t kPadMultiple = 16;  // model/unet.cpp
constexpr int64_t kParts = 2;         // real and imaginary

}  // namespace

bool UnetEngine::takes(const UnetShape& shape) {
  const int64_t rows = round_up(shape.rows, kPadMultiple) >> shape.pools;
  const int64_t columns = round_up(shape.columns, kPadMultiple) >> shape.pools;
  return rows * columns > 1;
}

View UnetEngine::add_buffer(const std::string& name, int64_t channels, int64_t rows,
                            int64_t columns) {
  buffers_.push_back({name, {nullptr, channels, rows, columns}});
  return {static_cast<int>(buffers_.size()) - 1, 0, channels};
}

template <typename Kind, typename... Arguments>
void UnetEngine::add(Arguments&&... arguments) {
  operations_.push_back(std::make_unique<Kind>(std::forward<Arguments>(arguments)...));
}

void UnetEngine::add_convolution(const View& x, const View& out, const float* weights) {
  if (Winograd3x3::is_faster(x.count, out.count))
    add<Winograd3x3>(x, out, weights, kernels_);
  else
    add<Conv3x3>(x, out, weights, kernels_);
}

void UnetEngine::add_block(const View& x, const View& out, const Weights& weights,
                           const std::string& name) {
  const Planes planes = planes_of(buffers_, x);
  const View between = add_buffer("between", out.count, planes.rows, planes.columns);
  add_convolution(x, between, weights(name + ".layers.0.weight"));
  add<Normalise>(between);
  add_convolution(between, out, weights(name + ".layers.4.weight"));
  add<Normalise>(out);
}

View UnetEngine::descend(const View& x, const View& joint, const Weights& weights, int64_t level) {
  const int64_t chans = shape_.chans << level;
  const View skip = {joint.buffer, chans, chans};
  add_block(x, skip, weights, fmt::format("down_sample_layers.{}", level));
  const Planes planes = planes_of(buffers_, joint);
  const View halved =
      add_buffer(fmt::format("halved {}", level), chans, planes.rows / 2, planes.columns / 2);
  add<Pool>(skip, halved);
  return halved;
}

View UnetEngine::ascend(const View& x, const View& joint, const Weights& weights, int64_t level) {
  const int64_t chans = shape_.chans << level, step = shape_.pools - 1 - level;
  const View front = {joint.buffer, 0, chans};
  const Planes wanted = planes_of(buffers_, joint), low = planes_of(buffers_, x);
  const float* doubling = weights(fmt::format("up_transpose_conv.{}.layers.0.weight", step));
  if (wanted.rows == 2 * low.rows && wanted.columns == 2 * low.columns) {
    add<Upsample>(x, front, doubling);
    add<Normalise>(front);
  } else {
    const View doubled = add_buffer("doubled", chans, 2 * low.rows, 2 * low.columns);
    add<Upsample>(x, doubled, doubling);
    add<Normalise>(doubled);
    add<Extend>(doubled, front);
  }
  const View out = add_buffer(fmt::format("up {}", level), chans, wanted.rows, wanted.columns);
  // The last block is one of a pair, with the 1x1 convolution.
  add_block(joint, out, weights, fmt::format("up_conv.{}{}", step, level > 0 ? "" : ".0"));
  return out;
}

UnetEngine::UnetEngine(const UnetShape& shape, const Weights& all_weights,
                       const std::string& prefix, const Kernels& kernels)
    : shape_(shape), kernels_(kernels) {
  const Weights weights = [&](const std::string& name) { return all_weights(prefix + name); };
  int64_t rows = round_up(shape.rows, kPadMultiple),
          columns = round_up(shape.columns, kPadMultiple);
  rows_before_ = (rows - shape.rows) / 2;
  columns_before_ = (columns - shape.columns) / 2;
  View x = input_ = add_buffer("input", kParts, rows, columns);
  std::vector<View> joints;  // doubled channels in front, the skip behind them
  for (int64_t level = 0; level < shape.pools; ++level) {
    joints.push_back(
        add_buffer(fmt::format("joint {}", level), 2 * (shape.chans << level), rows, columns));
    x = descend(x, joints.back(), weights, level);
    rows /= 2, columns /= 2;
  }
  const View bottom = add_buffer("bottom", shape.chans << shape.pools, rows, columns);
  add_block(x, bottom, weights, "conv");
  x = bottom;
  for (int64_t level = shape.pools - 1; level >= 0; --level)
    x = ascend(x, joints[static_cast<size_t>(level)], weights, level);
  result_ = x;
  const std::string last = fmt::format("up_conv.{}.1", shape.pools - 1);
  const float *weight = weights(last + ".weight"), *bias = weights(last + ".bias");
  last_weights_.assign(weight, weight + kParts * shape.chans);
  last_bias_.assign(bias, bias + kParts);
  place();
}

void UnetEngine::place() {
  const int count = static_cast<int>(operations_.size());
  const auto use = [&](const View& view, int when) {
    Buffer& buffer = buffers_[static_cast<size_t>(view.buffer)];
    if (buffer.first < 0) buffer.first = when;
    buffer.last = when;
  };
  use(input_, 0);
  for (int i = 0; i < count; ++i) {
    use(operations_[static_cast<size_t>(i)]->in, i);
    use(operations_[static_cast<size_t>(i)]->out, i);
  }
  use(result_, count);
  workspace_floats_ = place_buffers(buffers_);
}

void UnetEngine::for_rows(Team& team, const std::function<void(int64_t row)>& work) const {
  constexpr int64_t kRows = 16;  // of a task
  team.run((shape_.rows + kRows - 1) / kRows, [&](int64_t task, int) {
    const int64_t end = std::min((task + 1) * kRows, shape_.rows);
    for (int64_t row = task * kRows; row < end; ++row) work(row);
  });
}

void UnetEngine::bring_in(const Image& image, Context& context, double (&mean)[2],
                          double (&deviation)[2]) const {
  constexpr int64_t kRange = 1 << 15;  // pixels of a task
  const int64_t pixels = shape_.rows * shape_.columns;
  const auto n = static_cast<double>(pixels);
  std::vector<double> parts(static_cast<size_t>((pixels + kRange - 1) / kRange));
  const auto summed = [&](const auto& part) {
    context.team.run(std::ssize(parts), [&](int64_t range, int) {
      const int64_t begin = range * kRange;
      parts[static_cast<size_t>(range)] = part(begin, std::min(kRange, pixels - begin));
    });
    return std::accumulate(parts.begin(), parts.end(), 0.0);
  };
  const Planes input = context.planes(input_);
  for (const int64_t plane : {0, 1}) {
    const float* from = plane == 0 ? image.re : image.im;
    mean[plane] =
        summed([&](int64_t at, int64_t count) { return kernels_.sum(from + at, count); }) / n;
    const auto middle = static_cast<float>(mean[plane]);
    const double squares = summed([&](int64_t at, int64_t count) {
      return kernels_.squared_distance(from + at, count, middle);
    });
    deviation[plane] = std::sqrt(squares / (n - 1));  // the unbiased one, as the official code's
    const auto spread = static_cast<float>(deviation[plane]);
    std::fill_n(input.data + plane * input.plane_floats(), input.plane_floats(), 0.F);
    for_rows(context.team, [&](int64_t row) {
      const float* pixel = from + row * shape_.columns;
      float* to = input.row(plane, row + rows_before_) + columns_before_;
      for (int64_t i = 0; i < shape_.columns; ++i) to[i] = (pixel[i] - middle) / spread;
    });
  }
}

void UnetEngine::run(const Image& image, const MutableImage& out, float* workspace,
                     Team& team) const {
  Context context{kernels_, team, buffers_, workspace};
  double mean[2], deviation[2];
  bring_in(image, context, mean, deviation);
  for (const auto& operation : operations_) operation->run(context);
  const Planes result = context.planes(result_);
  for_rows(team, [&](int64_t row) {
    for (const int part : {0, 1}) {
      float* to = (part == 0 ? out.re : out.im) + row * shape_.columns;
      kernels_.combine_row(
          result.row(0, row + rows_before_) + columns_before_, shape_.chans, result.plane_floats(),
          last_weights_.data() + part * shape_.chans, last_bias_[static_cast<size_t>(part)],
          static_cast<float>(deviation[part]), static_cast<float>(mean[part]), to, shape_.columns);
    }
  });
}

double UnetEngine::flops() const {
  double all = 0;
  for (const auto& operation : operations_) all += operation->flops(buffers_);
  return all;
}

std::string UnetEngine::plan_text() const {
  std::string text;
  for (const auto& operation : operations_) {
    const auto place = [&](const View& view) {
      const Buffer& buffer = buffers_[static_cast<size_t>(view.buffer)];
      return fmt::format(
          "{:>10} {:>3} x {} x {} at {:.1f} MB", buffer.name, view.count, buffer.planes.rows,
          buffer.planes.columns,
          4e-6 * static_cast<double>(buffer.offset + view.begin * buffer.planes.plane_floats()));
    };
    text +=
        fmt::format("{:<28} {:<40} -> {:<40} {:8.3f} GFLOP\n", operation->name(),
                    place(operation->in), place(operation->out), 1e-9 * operation->flops(buffers_));
  }
  return text;
}

}  // namespace reconproof::baseline::engine
