// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/plan/shadow_unet.h"

#include <algorithm>

namespace reconproof::baseline {
namespace {

using formats::Shape;

constexpr int64_t kShadowPadMultiple = 16;

int64_t multiple_of(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

Shape with_channels(const Shadow& x, int64_t channels) {
  return {x.shape[0], channels, x.shape[2], x.shape[3]};
}

Work moved(int64_t bytes) { return work_of(Kind::kPointwise, static_cast<double>(bytes)); }

Shadow conv_block(Layers& layers, const Shadow& x, int64_t outputs) {
  Shadow y = layers.relu_in_place(layers.norm(layers.convolution(x, outputs, 3)));
  return layers.relu_in_place(layers.norm(layers.convolution(y, outputs, 3)));
}

}  // namespace

int64_t Layers::blocked_bytes(const Shadow& x, int64_t channels, int64_t block) const {
  return block_ == 1 ? 0 : x.values() / x.shape[1] * multiple_of(channels, block) * element_;
}

// What oneDNN lays out: a convolution reads fewer channels than a block as they are, but makes
// whole blocks, of the inputs' gradient too. For the weights' its AVX-512 kernel takes up to three
// channels as they are or sixteen and more; what lies between goes to the kernel of AVX2.
Layers::ConvolutionScratch Layers::convolution_scratch(const Shadow& x, int64_t outputs) const {
  constexpr int64_t kAvx2Block = 8, kFewChannels = 3;
  const int64_t inputs = x.shape[1];
  const int64_t in = blocked_bytes(x, inputs, block_), out = blocked_bytes(x, outputs, block_);
  const bool as_they_are = block_ > kAvx2Block && inputs <= kFewChannels;
  const int64_t weights_block = inputs < block_ && !as_they_are ? kAvx2Block : block_;
  const int64_t for_weights = (as_they_are ? 0 : blocked_bytes(x, inputs, weights_block)) +
                              blocked_bytes(x, outputs, weights_block);
  return {inputs < block_ ? 0 : in, out, out + in, for_weights};
}

Shadow Layers::convolution(const Shadow& x, int64_t outputs, int64_t kernel) {
  const int64_t inputs = x.shape[1];
  Operation operation{.shape = with_channels(x, outputs), .element = element_};
  operation.inputs = operation.saved = {x};
  operation.has_parameters = true;
  const int64_t weights = 4 * inputs * outputs * kernel * kernel;
  const ConvolutionScratch scratch = convolution_scratch(x, outputs);
  operation.scratch = {scratch.input + scratch.result, scratch.result};
  // First the input's gradient, where one is wanted; beside it the weights'.
  operation.backward_scratch = {scratch.for_weights + weights};
  if (x.node)
    operation.backward_scratch = {scratch.for_input, x.bytes() + scratch.for_weights + weights};
  const int64_t pixels = x.values() / inputs;
  const double operations = 2.0 * static_cast<double>(pixels * kernel * kernel) *
                            static_cast<double>(multiple_of(inputs, inputs < block_ ? 1 : block_)) *
                            static_cast<double>(multiple_of(outputs, block_));
  const double bytes = static_cast<double>(pixels * (inputs + outputs) * element_);
  operation.forward = work_of(Kind::kConvolution, operations);
  operation.forward[static_cast<size_t>(Kind::kConvolutionBytes)] = bytes;
  operation.forward[static_cast<size_t>(Kind::kWeights)] = static_cast<double>(weights);
  operation.backward = (x.node ? 2.0 : 1.0) * operation.forward;
  return shadows_.apply(operation);
}

Shadow Layers::local_mean(const Shadow& x, int64_t window) {
  Operation operation{.shape = {x.shape[0], 1, x.shape[2] - window + 1, x.shape[3] - window + 1},
                      .element = element_};
  operation.inputs = operation.saved = {x};
  Shadow result{operation.shape, element_, nullptr, nullptr};
  const int64_t blocked = blocked_bytes(result, 1, block_);
  operation.scratch = {blocked};
  operation.backward_scratch = {blocked + blocked_bytes(x, 1, block_)};
  operation.forward =
      work_of(Kind::kConvolution, 2.0 * static_cast<double>(window * window) *
                                      static_cast<double>(block_ * result.values()));
  operation.forward[static_cast<size_t>(Kind::kConvolutionBytes)] =
      static_cast<double>(x.bytes() + result.bytes());
  operation.backward = operation.forward;
  return shadows_.apply(operation);
}

Shadow Layers::norm(const Shadow& x) {
  Operation operation{.shape = x.shape, .element = element_};
  operation.inputs = operation.saved = {x};
  operation.forward = moved(3 * x.bytes());  // read twice: for the mean and deviation before
  operation.backward = moved(5 * x.bytes());
  return shadows_.apply(operation);
}

Shadow Layers::relu_in_place(const Shadow& x) {
  Operation operation{.shape = x.shape, .element = element_, .in_place = true};
  operation.inputs = {x};
  operation.saves_result = true;
  operation.forward = moved(2 * x.bytes());
  operation.backward = moved(3 * x.bytes());
  return shadows_.apply(operation);
}

Shadow Layers::pool(const Shadow& x) {
  Operation operation{.shape = {x.shape[0], x.shape[1], x.shape[2] / 2, x.shape[3] / 2},
                      .element = element_};
  operation.inputs = operation.saved = {x};
  operation.forward = operation.backward = moved(x.bytes() * 5 / 4);
  return shadows_.apply(operation);
}

Shadow Layers::transposed(const Shadow& x, int64_t outputs) {
  Operation operation{.shape = {x.shape[0], outputs, 2 * x.shape[2], 2 * x.shape[3]},
                      .element = element_};
  operation.inputs = operation.saved = {x};
  operation.has_parameters = true;
  // LibTorch's own kernel on a CPU lays out the columns of one image after another.
  const int64_t result = x.values() / x.shape[1] * 4 * outputs * element_;
  const int64_t columns = block_ == 1 ? 0 : result / x.shape[0];
  operation.scratch = operation.backward_scratch = {columns};
  operation.forward = work_of(Kind::kTransposed, static_cast<double>(x.bytes() + 3 * result));
  operation.backward = 2 * operation.forward;
  return shadows_.apply(operation);
}

Shadow Layers::cat(const Shadow& a, const Shadow& b) {
  Operation operation{.shape = with_channels(a, a.shape[1] + b.shape[1]), .element = element_};
  operation.inputs = {a, b};
  operation.shares_gradient = true;
  operation.forward = moved(2 * (a.bytes() + b.bytes()));
  return shadows_.apply(operation);
}

Shadow Layers::pad(const Shadow& x, int64_t rows, int64_t columns) {
  Operation operation{.shape = {x.shape[0], x.shape[1], rows, columns}, .element = element_};
  operation.inputs = {x};
  operation.forward = operation.backward = moved(2 * x.bytes());
  return shadows_.apply(operation);
}

Shadow Layers::pointwise(const std::vector<Shadow>& inputs, const std::vector<Shadow>& saved,
                         bool shared, const Scratch& backward_scratch) {
  Operation operation{.shape = inputs.front().shape, .element = inputs.front().element};
  operation.inputs = inputs;
  operation.saved = saved;
  operation.shares_gradient = shared;
  operation.backward_scratch = backward_scratch;
  int64_t bytes = operation.inputs.front().bytes();
  for (const Shadow& input : inputs) bytes += input.bytes();
  operation.forward = moved(bytes);
  if (!shared) operation.backward = static_cast<double>(inputs.size()) * moved(bytes);
  return shadows_.apply(operation);
}

Shadow Layers::reduce(const Shadow& x, const Shape& shape, const std::vector<Shadow>& saved,
                      const Scratch& backward_scratch) {
  Operation operation{.shape = shape, .element = 4};
  operation.inputs = {x};
  operation.saved = saved;
  operation.backward_scratch = backward_scratch;
  operation.forward = moved(x.bytes());
  operation.backward = moved(2 * x.bytes());
  return shadows_.apply(operation);
}

Shadow shadow_unet(Layers& layers, const Shadow& image, int64_t outputs, int64_t chans,
                   int64_t pools, bool recompute) {
  const auto run = [&](const Shadows::Function& block, const Shadow& a, const Shadow& b) {
    return recompute ? layers.shadows().recomputed(block, a, b) : block(a, b);
  };
  const auto through = [&](const Shadow& x, int64_t out) {
    return run(
        [&layers, out](const Shadow& a, const Shadow&) { return conv_block(layers, a, out); }, x,
        {});
  };
  std::vector<Shadow> skips;
  Shadow x = image;
  for (int64_t level = 0; level < pools; ++level) {
    skips.push_back(through(x, chans << level));
    x = layers.pool(skips.back());
  }
  x = through(x, chans << pools);
  for (int64_t level = pools - 1; level >= 0; --level) {
    const auto ascend = [&layers, level, chans, outputs](const Shadow& low, const Shadow& skip) {
      const auto joined = [&] {
        Shadow doubled = layers.transposed(low, chans << level);
        doubled = layers.relu_in_place(layers.norm(doubled));
        doubled.shape = with_channels(skip, doubled.shape[1]);  // padded where it was odd
        return layers.cat(doubled, skip);
      };
      Shadow y = conv_block(layers, joined(), chans << level);
      return level == 0 ? layers.convolution(y, outputs, 1) : y;
    };
    x = run(ascend, x, skips.back());
    skips.pop_back();
  }
  return x;
}

Shadow shadow_norm_unet(Layers& layers, const Shadow& image, int64_t chans, int64_t pools,
                        bool recompute) {
  const int64_t n = image.shape[0], rows = image.shape[1], columns = image.shape[2];
  Shadow planes = image;
  planes.shape = {n, 2, rows, columns};
  planes.element = 4;
  const int64_t bytes = planes.bytes();
  const Shadow pixels = layers.pointwise({planes}, {}, true);
  const Shadow mean = layers.reduce(pixels, {n, 2, 1, 1});
  const Shadow deviation = layers.reduce(pixels, {n, 2, 1, 1}, {pixels}, {bytes});
  Shadow x = [&] {
    const Shadow centred = layers.pointwise({pixels, mean}, {}, false, {bytes});
    return layers.pointwise({centred, deviation}, {centred, deviation}, false, {2 * bytes});
  }();
  x = layers.pad(x, multiple_of(rows, kShadowPadMultiple),
                 multiple_of(columns, kShadowPadMultiple));
  x = shadow_unet(layers, x, 2, chans, pools, recompute);
  x.shape = planes.shape;  // a part of the padded one, which stays
  x.element = 4;
  x = layers.pointwise({x, deviation},
                       deviation.node ? std::vector{x, deviation} : std::vector{deviation}, false,
                       {bytes});
  x = layers.pointwise({x, mean}, {}, true);
  x = layers.pointwise({x}, {}, true);
  x.shape = image.shape;
  x.element = image.element;
  return x;
}

Shadow shadow_image_unet(Layers& layers, const Shadow& image) {
  constexpr int64_t kChans = 2;
  const int64_t n = image.shape[0], rows = image.shape[1], columns = image.shape[2];
  Shadow normalised = image;
  normalised.shape = {n, 1, rows, columns};
  normalised = layers.pointwise({layers.pointwise({normalised})});
  const auto block = [&](const Shadow& x, int64_t outputs) {
    return conv_block(layers, x, outputs);
  };
  const Shadow skip = block(normalised, kChans);
  const Shadow low = block(layers.pool(skip), 2 * kChans);
  const Shadow joined = block(layers.cat(skip, layers.transposed(low, kChans)), kChans);
  const Shadow x = layers.convolution(joined, 1, 1);
  return layers.pointwise({layers.pointwise({x})}, {}, true);
}

}  // namespace reconproof::baseline
