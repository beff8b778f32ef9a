// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Images of a network that is being trained, by the fastest way there is on the device.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <memory>
#include <string>

#include "baseline/model/backend.h"
#include "baseline/model/recording.h"

namespace reconproof::baseline {

class EngineForward;

/// accumulate() of a VarNet, recorded: `further` are target, maximum and factor.
std::unique_ptr<RecordedWork> recorded_accumulation(Network& network, torch::Device device,
                                                    std::unique_ptr<Recorder> recorder);

class Forward {
 public:
  /// `network`, on `device`, must outlive this; its weights may change between two images, its
  /// execution not. kUnsupported where a backend that is named does not know the network or the
  /// device. With Backend::kGraph weights and gradients must be there, and stay where they are.
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

  /// The loss of a slice's image; `factor` times its gradient is added to those of the parameters.
  /// Where the loss is not finite, they are of no use any more.
  double accumulate(const NetworkInput& input, const torch::Tensor& target,
                    const torch::Tensor& maximum, double factor);

  /// Who computes: "libtorch", "engine (avx2)", "graph".
  std::string backend_text() const;

 private:
  Network& network_;
  const torch::Device device_;
  const Backend backend_;
  // Neither: LibTorch, operation by operation.
  c10::intrusive_ptr<EngineForward> engine_;
  std::unique_ptr<RecordedWork> recorded_;
};

}  // namespace reconproof::baseline
