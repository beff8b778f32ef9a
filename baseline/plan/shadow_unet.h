// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The shadows of model/unet.h and model/image_unet.h: the same operations in the same order.
#pragma once

#include "baseline/plan/shadow.h"

namespace reconproof::baseline {

/// Layers of networks as operations on shadows.
class Layers {
 public:
  /// `element`: bytes of a value between the layers. `channel_block`: DeviceKind.
  Layers(Shadows& shadows, int64_t element, int64_t channel_block)
      : shadows_(shadows), element_(element), block_(channel_block) {}

  Shadow convolution(const Shadow& x, int64_t outputs, int64_t kernel);
  /// Of one channel, over square windows inside the image, by a convolution that learns nothing.
  Shadow local_mean(const Shadow& x, int64_t window);
  Shadow norm(const Shadow& x);
  Shadow relu_in_place(const Shadow& x);
  Shadow pool(const Shadow& x);
  Shadow transposed(const Shadow& x, int64_t outputs);
  Shadow cat(const Shadow& a, const Shadow& b);
  Shadow pad(const Shadow& x, int64_t rows, int64_t columns);
  /// Any operation element by element, whose result has the shape of its first input. In backward
  /// every input has a gradient of its own; `shared`: it is that of the result.
  Shadow pointwise(const std::vector<Shadow>& inputs, const std::vector<Shadow>& saved = {},
                   bool shared = false, const Scratch& backward_scratch = {});
  /// Sums, means: from `x` to less.
  Shadow reduce(const Shadow& x, const formats::Shape& shape, const std::vector<Shadow>& saved = {},
                const Scratch& backward_scratch = {});

  Shadows& shadows() { return shadows_; }

 private:
  /// Copies of tensors as a convolution of a CPU lays them out, in bytes.
  struct ConvolutionScratch {
    int64_t input, result;           // forward
    int64_t for_input, for_weights;  // both gradients and what they are computed from
  };
  ConvolutionScratch convolution_scratch(const Shadow& x, int64_t outputs) const;
  int64_t blocked_bytes(const Shadow& x, int64_t channels, int64_t block) const;

  Shadows& shadows_;
  int64_t element_, block_;
};

/// x [N, C, H, W]. `chans` at full resolution.
Shadow shadow_unet(Layers& layers, const Shadow& x, int64_t outputs, int64_t chans, int64_t pools,
                   bool recompute);
/// image [N, H, W] c64.
Shadow shadow_norm_unet(Layers& layers, const Shadow& image, int64_t chans, int64_t pools,
                        bool recompute);
/// image [N, H, W] f32.
Shadow shadow_image_unet(Layers& layers, const Shadow& image);

}  // namespace reconproof::baseline
