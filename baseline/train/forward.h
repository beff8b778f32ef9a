// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Images of a network that is being trained, by the fastest way there is on the device.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include "baseline/model/backend.h"

namespace reconproof::baseline {

class EngineForward;

class Forward {
 public:
  /// `network`, on `device`, must outlive this; its weights may change between two images, its
  /// execution not. kUnsupported for Backend::kEngine where the engine does not know the network.
  Forward(Network& network, const Execution& execution, torch::Device device, Backend backend);
  ~Forward();
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  /// -> [B, size, size] f32 on the device, which knows its way back to the network's parameters.
  /// Where the engine computes it can be taken once, and not after the next image was asked for.
  torch::Tensor reconstruct(const NetworkInput& input);

  /// The official loss (model/ssim_loss.h) of such an image, a scalar: by the engine's own sums
  /// where it computes, since LibTorch's convolutions of one channel take a fifth of a step.
  torch::Tensor loss(const torch::Tensor& image, const torch::Tensor& target,
                     const torch::Tensor& maximum) const;

  /// Who computes: "libtorch", "engine (avx2)".
  std::string backend_text() const;

 private:
  Network& network_;
  const torch::Device device_;
  const Backend backend_;
  c10::intrusive_ptr<EngineForward> engine_;  // none: LibTorch
};

}  // namespace reconproof::baseline
