// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/unet_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ranges>
#include <span>

#include "baseline/engine/operations/conv1x1.h"
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
constexpr int64_t kTaps3x3 = 9, kTaps2x2 = 4;
// In the memory that is kept: the deviations of both parts, scales of norms, buffers.
constexpr int64_t kScalesAt = kParts;

}  // namespace

bool UnetEngine::takes(const UnetShape& shape) {
  const int64_t rows = round_up(shape.rows, kPadMultiple) >> shape.pools;
  const int64_t columns = round_up(shape.columns, kPadMultiple) >> shape.pools;
  return rows * columns > 1;
}

View UnetEngine::add_buffer(const std::string& name, int64_t channels, int64_t rows,
                            int64_t columns) {
  const int number = static_cast<int>(buffers_.size());
  const Planes planes = {nullptr, channels, rows, columns};
  const std::vector<Life> lives(static_cast<size_t>(channels));
  buffers_.push_back({name, planes, lives});
  gradients_.push_back(number + 1);
  if (goes_back()) {
    buffers_.push_back({"d " + name, planes, lives});
    gradients_.push_back(-1);
  }
  return {number, 0, channels};
}

View UnetEngine::gradient(const View& view) const {
  return {gradients_[static_cast<size_t>(view.buffer)], view.begin, view.count};
}

template <typename Kind, typename... Arguments>
void UnetEngine::add(Arguments&&... arguments) {
  operations_.push_back(std::make_unique<Kind>(std::forward<Arguments>(arguments)...));
}

template <typename Kind, typename... Arguments>
void UnetEngine::add_back(Arguments&&... arguments) {
  back_.push_back(std::make_unique<Kind>(std::forward<Arguments>(arguments)...));
}

int64_t UnetEngine::add_weights(const std::string& name, int64_t count) {
  weight_places_.push_back({name, gradient_floats_, count});
  gradient_floats_ += count;
  return weight_places_.back().at;
}

void UnetEngine::add_convolution(const View& x, const View& out, const std::string& layer) {
  const std::string name = layer + ".weight";
  if (Winograd3x3::is_faster(x.count, out.count))
    add<Winograd3x3>(x, out, ConvolutionWeights{prefix_ + name}, kernels_);
  else
    add<Conv3x3>(x, out, ConvolutionWeights{prefix_ + name}, kernels_);
  if (!goes_back()) return;
  const ConvolutionWeights turned{prefix_ + name, true};
  const View from = gradient(out), to = gradient(x);
  if (x.buffer == input_.buffer && backward_ != Backward::kWeightsAndInput) {
    // Nobody asks for it.
  } else if (Winograd3x3::is_faster(out.count, x.count)) {
    add_back<Winograd3x3>(from, to, turned, kernels_);
  } else {
    add_back<Conv3x3>(from, to, turned, kernels_);
  }
  const int64_t at = add_weights(name, out.count * x.count * kTaps3x3);
  if (Winograd3x3::is_faster(x.count, out.count))
    add_back<Winograd3x3Gradient>(x, from, at, kernels_);
  else
    add_back<Conv3x3Gradient>(x, from, at, kernels_);
}

void UnetEngine::add_norm(const View& view) {
  if (!goes_back()) return add<Normalise>(view);
  const int64_t at = kScalesAt + scales_;
  scales_ += view.count;
  add<Normalise>(view, at);
  add_back<NormaliseGradient>(view, gradient(view), at);
}

void UnetEngine::add_upsampling(const View& x, const View& out, const std::string& name) {
  add<Upsample>(x, out, prefix_ + name);
  if (!goes_back()) return;
  const int64_t at = add_weights(name, x.count * out.count * kTaps2x2);
  add_back<UpsampleGradient>(gradient(out), gradient(x), x, prefix_ + name, at);
}

void UnetEngine::add_block(const View& x, const View& out, const std::string& name) {
  const Planes planes = planes_of(buffers_, x);
  const View between = add_buffer("between", out.count, planes.rows, planes.columns);
  add_convolution(x, between, name + ".layers.0");
  add_norm(between);
  add_convolution(between, out, name + ".layers.4");
  add_norm(out);
}

View UnetEngine::descend(const View& x, const View& joint, int64_t level) {
  const int64_t chans = shape_.chans << level;
  const View skip = {joint.buffer, chans, chans};
  add_block(x, skip, fmt::format("down_sample_layers.{}", level));
  const Planes planes = planes_of(buffers_, joint);
  const View halved =
      add_buffer(fmt::format("halved {}", level), chans, planes.rows / 2, planes.columns / 2);
  add<Pool>(skip, halved);
  if (goes_back()) add_back<PoolGradient>(gradient(halved), gradient(skip));
  return halved;
}

View UnetEngine::ascend(const View& x, const View& joint, int64_t level) {
  const int64_t chans = shape_.chans << level, step = shape_.pools - 1 - level;
  const View front = {joint.buffer, 0, chans};
  const Planes wanted = planes_of(buffers_, joint), low = planes_of(buffers_, x);
  const std::string doubling = fmt::format("up_transpose_conv.{}.layers.0.weight", step);
  if (wanted.rows == 2 * low.rows && wanted.columns == 2 * low.columns) {
    add_upsampling(x, front, doubling);
    add_norm(front);
  } else {
    const View doubled = add_buffer("doubled", chans, 2 * low.rows, 2 * low.columns);
    add_upsampling(x, doubled, doubling);
    add_norm(doubled);
    add<Extend>(doubled, front);
    if (goes_back()) add_back<ExtendGradient>(gradient(front), gradient(doubled));
  }
  const View out = add_buffer(fmt::format("up {}", level), chans, wanted.rows, wanted.columns);
  // The last block is one of a pair, with the 1x1 convolution.
  add_block(joint, out, fmt::format("up_conv.{}{}", step, level > 0 ? "" : ".0"));
  return out;
}

void UnetEngine::add_last() {
  last_name_ = fmt::format("up_conv.{}.1", shape_.pools - 1);
  if (!goes_back()) return;
  const Planes planes = planes_of(buffers_, result_);
  output_gradient_ = add_buffer("d output", kParts, planes.rows, planes.columns);
  last_at_ = add_weights(last_name_ + ".weight", kParts * shape_.chans);
  add_weights(last_name_ + ".bias", kParts);
  add_back<Conv1x1Gradient>(output_gradient_, gradient(result_), prefix_ + last_name_ + ".weight");
  add_back<Conv1x1WeightGradient>(result_, output_gradient_, last_at_);
}

UnetEngine::UnetEngine(const UnetShape& shape, std::string prefix, const Kernels& kernels,
                       Backward backward)
    : shape_(shape), prefix_(std::move(prefix)), kernels_(kernels), backward_(backward) {
  int64_t rows = round_up(shape.rows, kPadMultiple),
          columns = round_up(shape.columns, kPadMultiple);
  rows_before_ = (rows - shape.rows) / 2;
  columns_before_ = (columns - shape.columns) / 2;
  View x = input_ = add_buffer("input", kParts, rows, columns);
  std::vector<View> joints;  // doubled channels in front, the skip behind them
  for (int64_t level = 0; level < shape.pools; ++level) {
    joints.push_back(
        add_buffer(fmt::format("joint {}", level), 2 * (shape.chans << level), rows, columns));
    x = descend(x, joints.back(), level);
    rows /= 2, columns /= 2;
  }
  const View bottom = add_buffer("bottom", shape.chans << shape.pools, rows, columns);
  add_block(x, bottom, "conv");
  x = bottom;
  for (int64_t level = shape.pools - 1; level >= 0; --level)
    x = ascend(x, joints[static_cast<size_t>(level)], level);
  result_ = x;
  add_last();
  place();
}

void UnetEngine::load(const Weights& weights) {
  for (const auto& operation : operations_) operation->load(weights);
  for (const auto& operation : back_) operation->load(weights);
  const std::string last = prefix_ + last_name_;
  const float *weight = weights(last + ".weight"), *bias = weights(last + ".bias");
  last_weights_.assign(weight, weight + kParts * shape_.chans);
  last_bias_.assign(bias, bias + kParts);
}

void UnetEngine::place() {
  int now = 0;
  const auto use = [&](const View& view) {
    std::vector<Life>& lives = buffers_[static_cast<size_t>(view.buffer)].lives;
    for (Life& life : std::span(lives).subspan(static_cast<size_t>(view.begin),
                                               static_cast<size_t>(view.count))) {
      if (life.first < 0) life.first = now;
      life.last = now;
    }
  };
  const auto use_by = [&](const Operation& operation) {
    use(operation.in);
    use(operation.out);
    for (const View& view : operation.also_reads()) use(view);
  };
  use(input_);
  for (const auto& operation : operations_) use_by(*operation), ++now;
  const int turn = now;
  use(result_);
  if (goes_back()) {
    use(output_gradient_);
    for (const auto& operation : std::views::reverse(back_)) ++now, use_by(*operation);
    if (backward_ == Backward::kWeightsAndInput) ++now, use(input_), use(gradient(input_));
  }
  std::vector<Buffer*> kept, scratch;
  for (Buffer& buffer : buffers_) {
    const auto lives_on = [&](const Life& life) { return life.first < turn && life.last > turn; };
    buffer.kept = std::ranges::any_of(buffer.lives, lives_on);
    (buffer.kept ? kept : scratch).push_back(&buffer);
  }
  scratch_floats_ = place_buffers(scratch);
  if (!goes_back()) return;
  const int64_t front = round_up(kScalesAt + scales_, kAlignment);
  kept_floats_ = front + place_buffers(kept);
  for (Buffer* buffer : kept) buffer->offset += front;
}

void UnetEngine::for_rows(Team& team, const std::function<void(int64_t row)>& work) const {
  constexpr int64_t kRows = 16;  // of a task
  team.run((shape_.rows + kRows - 1) / kRows, [&](int64_t task, int) {
    const int64_t end = std::min((task + 1) * kRows, shape_.rows);
    for (int64_t row = task * kRows; row < end; ++row) work(row);
  });
}

double UnetEngine::sum_over_pixels(
    Team& team, const std::function<double(int64_t begin, int64_t count)>& work) const {
  constexpr int64_t kRange = 1 << 15;  // pixels of a task
  const int64_t pixels = shape_.rows * shape_.columns;
  std::vector<double> parts(static_cast<size_t>((pixels + kRange - 1) / kRange));
  team.run(std::ssize(parts), [&](int64_t range, int) {
    const int64_t begin = range * kRange;
    parts[static_cast<size_t>(range)] = work(begin, std::min(kRange, pixels - begin));
  });
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

UnetEngine::Spread UnetEngine::bring_in(const Image& image, Context& context) const {
  const auto n = static_cast<double>(shape_.rows * shape_.columns);
  const Planes input = context.planes(input_);
  Spread spread;
  for (const int64_t plane : {0, 1}) {
    const float* from = plane == 0 ? image.re : image.im;
    const auto mean = static_cast<float>(
        sum_over_pixels(context.team,
                        [&](int64_t at, int64_t count) { return kernels_.sum(from + at, count); }) /
        n);
    const double squares = sum_over_pixels(context.team, [&](int64_t at, int64_t count) {
      return kernels_.squared_distance(from + at, count, mean);
    });
    // The unbiased one, as the official code's.
    const auto deviation = static_cast<float>(std::sqrt(squares / (n - 1)));
    std::fill_n(input.data + plane * input.plane_floats(), input.plane_floats(), 0.F);
    for_rows(context.team, [&](int64_t row) {
      const float* pixel = from + row * shape_.columns;
      float* to = input.row(plane, row + rows_before_) + columns_before_;
      for (int64_t i = 0; i < shape_.columns; ++i) to[i] = (pixel[i] - mean) / deviation;
    });
    spread.mean[plane] = mean;
    spread.deviation[plane] = deviation;
  }
  return spread;
}

void UnetEngine::run(const Image& image, const MutableImage& out, const Memory& memory,
                     Team& team) const {
  Context context{kernels_, team, buffers_, memory};
  const Spread spread = bring_in(image, context);
  if (goes_back()) std::copy_n(spread.deviation, kParts, memory.kept);
  for (const auto& operation : operations_) operation->run(context);
  const Planes result = context.planes(result_);
  for_rows(team, [&](int64_t row) {
    for (const int part : {0, 1}) {
      float* to = (part == 0 ? out.re : out.im) + row * shape_.columns;
      kernels_.combine_row(result.row(0, row + rows_before_) + columns_before_, shape_.chans,
                           result.plane_floats(), last_weights_.data() + part * shape_.chans,
                           last_bias_[static_cast<size_t>(part)], spread.deviation[part],
                           spread.mean[part], to, shape_.columns);
    }
  });
}

/// Of what came out of the 1x1 convolution, before it was brought back to the deviation.
void UnetEngine::bring_in_gradient(const Image& gradient, Context& context) const {
  const Planes planes = context.planes(output_gradient_);
  for (const int64_t plane : {0, 1}) {
    const float* from = plane == 0 ? gradient.re : gradient.im;
    const float deviation = context.memory.kept[plane];
    std::fill_n(planes.data + plane * planes.plane_floats(), planes.plane_floats(), 0.F);
    for_rows(context.team, [&](int64_t row) {
      kernels_.assign(planes.row(plane, row + rows_before_) + columns_before_,
                      from + row * shape_.columns, shape_.columns, deviation);
    });
  }
}

/// The image's mean and deviation depend on every pixel, and act where it is brought to 0 and 1 and
/// where the output is brought back.
void UnetEngine::bring_out_gradient(const MutableImage& to, Context& context) const {
  const Planes x = context.planes(input_), g = context.planes(gradient(input_));
  const auto n = static_cast<double>(shape_.rows * shape_.columns);
  for (const int64_t plane : {0, 1}) {
    const double deviation = static_cast<double>(context.memory.kept[plane]);
    const float* weight_gradients = context.memory.gradients + last_at_ + plane * shape_.chans;
    const double bias_gradient =
        static_cast<double>(context.memory.gradients[last_at_ + kParts * shape_.chans + plane]);
    double of_output = static_cast<double>(last_bias_[static_cast<size_t>(plane)]) * bias_gradient;
    for (int64_t i = 0; i < shape_.chans; ++i) {
      of_output +=
          static_cast<double>(last_weights_[static_cast<size_t>(plane * shape_.chans + i)]) *
          static_cast<double>(weight_gradients[i]);
    }
    std::vector<double> sums(static_cast<size_t>(shape_.rows)), products(sums.size());
    const auto row_of = [&](const Planes& planes, int64_t row) {
      return planes.row(plane, row + rows_before_) + columns_before_;
    };
    for_rows(context.team, [&](int64_t row) {
      float product = 0;
      kernels_.products1({row_of(x, row), 0, row_of(g, row), 0, shape_.columns, &product});
      products[static_cast<size_t>(row)] = static_cast<double>(product);
      sums[static_cast<size_t>(row)] = kernels_.sum(row_of(g, row), shape_.columns);
    });
    const double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
    const double product = std::accumulate(products.begin(), products.end(), 0.0);
    const auto of_mean = static_cast<float>((bias_gradient - sum) / deviation / n);
    const auto of_deviation = static_cast<float>((of_output - product) / deviation / (n - 1));
    const auto inverse = static_cast<float>(1 / deviation);
    for_rows(context.team, [&](int64_t row) {
      const float *values = row_of(x, row), *gradients = row_of(g, row);
      float* pixel = (plane == 0 ? to.re : to.im) + row * shape_.columns;
      for (int64_t i = 0; i < shape_.columns; ++i)
        pixel[i] = gradients[i] * inverse + values[i] * of_deviation + of_mean;
    });
  }
}

void UnetEngine::run_back(const Image& gradient, const MutableImage& to, const Memory& memory,
                          Team& team) const {
  Context context{kernels_, team, buffers_, memory};
  bring_in_gradient(gradient, context);
  for (const auto& operation : std::views::reverse(back_)) operation->run(context);
  if (backward_ == Backward::kWeightsAndInput) bring_out_gradient(to, context);
}

int64_t UnetEngine::weight_floats() const {
  int64_t all = 0;
  for (const auto* operations : {&operations_, &back_})
    for (const auto& operation : *operations) all += operation->weight_floats();
  return all;
}

double UnetEngine::flops() const {
  double all = 0;
  for (const auto* operations : {&operations_, &back_})
    for (const auto& operation : *operations) all += operation->flops(buffers_);
  return all;
}

std::string UnetEngine::plan_text() const {
  std::string text;
  const auto line = [&](const std::unique_ptr<Operation>& operation) {
    const auto place = [&](const View& view) {
      const Buffer& buffer = buffers_[static_cast<size_t>(view.buffer)];
      return fmt::format(
          "{:>10} {:>3} x {} x {} at {}{:.1f} MB", buffer.name, view.count, buffer.planes.rows,
          buffer.planes.columns, buffer.kept ? "kept " : "",
          4e-6 * static_cast<double>(buffer.offset + view.begin * buffer.planes.plane_floats()));
    };
    text +=
        fmt::format("{:<28} {:<40} -> {:<40} {:8.3f} GFLOP\n", operation->name(),
                    place(operation->in), place(operation->out), 1e-9 * operation->flops(buffers_));
  };
  std::ranges::for_each(operations_, line);
  std::ranges::for_each(std::views::reverse(back_), line);
  return text;
}

}  // namespace reconproof::baseline::engine
