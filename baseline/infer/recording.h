// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A network's forward pass as the device recorded it: at one slice a batch a GPU waits for the
// processor to launch some hundred small kernels, and a recording launches them all at once.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "baseline/model/network.h"

namespace reconproof::baseline {

class Recording {
 public:
  virtual ~Recording() = default;
  /// Does the same work on the same memory.
  virtual void replay() = 0;
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  /// `work` runs a few times before it is recorded; it must neither wait for the device nor depend
  /// on values there.
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) = 0;
};

/// CUDA graphs; null where this program's LibTorch has none, or there is no GPU.
std::unique_ptr<Recorder> cuda_graph_recorder();

/// The forward pass of a VarNet, recorded for each shape and ACS of a slice.
class RecordedForward {
 public:
  /// `network`, on `device`, must outlive this, its weights where they are.
  RecordedForward(Network& network, torch::Device device, std::unique_ptr<Recorder> recorder);

  /// Input on the host -> [1, size, size] f32 on the host.
  torch::Tensor reconstruct(const NetworkInput& input);

 private:
  struct Slot {
    std::vector<int64_t> sizes;
    NetworkInput input;    // on the device
    torch::Tensor output;  // there, too
    std::unique_ptr<Recording> recording;
  };
  Slot& slot_for(const NetworkInput& input, const Acs& acs);

  Network& network_;
  const torch::Device device_;
  std::unique_ptr<Recorder> recorder_;
  std::list<Slot> slots_;  // the last used first
};

}  // namespace reconproof::baseline
