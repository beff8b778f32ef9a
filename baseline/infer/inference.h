// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Images by trained weights, by the fastest way there is on the device.
#pragma once

#include <torch/types.h>

#include <memory>

#include "baseline/model/backend.h"
#include "baseline/model/recording.h"

namespace reconproof::baseline {

/// The forward pass of a VarNet, recorded.
std::unique_ptr<RecordedWork> recorded_forward(Network& network, torch::Device device,
                                               std::unique_ptr<Recorder> recorder);

class Inference {
 public:
  /// `network`, on `device`, must outlive this, and its weights stay what they are. kUnsupported
  /// where a backend that is named does not know the network or the device. The engine has as many
  /// threads as LibTorch is set to use.
  Inference(Network& network, torch::Device device, Backend backend = Backend::kAuto);
  ~Inference();
  Inference(const Inference&) = delete;
  Inference& operator=(const Inference&) = delete;

  Domain domain() const { return network_.domain(); }
  torch::Device device() const { return device_; }

  /// One slice, which lies anywhere -> [1, size, size] f32 on the CPU. kUnsupported for
  /// Backend::kEngine and an image that it cannot compute.
  torch::Tensor reconstruct(const NetworkInput& input);

 private:
  class Engine;
  void set_coils_at_once(int64_t coils);

  Network& network_;
  const torch::Device device_;
  const Backend backend_;
  // Neither: LibTorch, operation by operation.
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<RecordedWork> recorded_;
};

}  // namespace reconproof::baseline
