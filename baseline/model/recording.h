// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Work as the device recorded it: at one slice a batch a GPU waits for the processor to launch
// hundreds of small kernels, and a recording launches them all at once.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <vector>

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
  /// on values there. Recordings share the memory for what is between input and result: of two
  /// replays, the first one's result must be read before the second begins.
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) = 0;
};

/// CUDA graphs; null where this program's LibTorch has none, or there is no GPU.
std::unique_ptr<Recorder> cuda_graph_recorder();

/// The same for a network of this domain; kUnsupported instead of null, and where it is no VarNet.
std::unique_ptr<Recorder> require_recorder(Domain domain);

/// Work on one slice of a VarNet, recorded for each of the shapes that come.
class RecordedWork {
 public:
  using Tensors = std::vector<torch::Tensor>;
  /// All on the device: the slice, its `acs_columns` in place of its `acs`, what else was given.
  using Work = std::function<torch::Tensor(const NetworkInput& slice, const Tensors& further)>;

  /// What else `work` uses must stay where it is. `changed`: what of it the work changes; the runs
  /// before a recording leave no trace there.
  RecordedWork(torch::Device device, std::unique_ptr<Recorder> recorder, Work work,
               Tensors changed = {});
  RecordedWork(const RecordedWork&) = delete;
  RecordedWork& operator=(const RecordedWork&) = delete;

  /// From the host or the device; the work's result on the host.
  torch::Tensor run(const NetworkInput& slice, const Tensors& further = {});

 private:
  struct Place {
    std::vector<int64_t> shapes;  // of all that is given
    NetworkInput slice;           // on the device
    Tensors further;              // there, too
    torch::Tensor result;         // there, too
    std::unique_ptr<Recording> recording;
  };
  /// Null where it is not worth it.
  Place* place_for(const std::vector<int64_t>& shapes, const NetworkInput& slice,
                   const Tensors& further);
  Place& record(const std::vector<int64_t>& shapes, const NetworkInput& slice,
                const Tensors& further);
  NetworkInput on_device(const NetworkInput& slice) const;

  const torch::Device device_;
  const std::unique_ptr<Recorder> recorder_;
  const Work work_;
  const Tensors changed_;
  std::list<Place> places_;           // the last used first
  std::vector<int64_t> turned_away_;  // shapes that came last without a place
};

}  // namespace reconproof::baseline
