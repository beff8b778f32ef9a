// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The only file that names CUDA. Without its headers, or with a LibTorch for processors alone or
// before 2.1, there is nothing in it.
#include <torch/version.h>

#include "baseline/model/recording.h"

#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 1)
#undef RECONPROOF_CUDA_GRAPHS
#endif

#ifdef RECONPROOF_CUDA_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/StreamGuard.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/cuda.h>
#endif

namespace reconproof::baseline {

#ifdef RECONPROOF_CUDA_GRAPHS
namespace {

class CudaGraph final : public Recording {
 public:
  void replay() override { graph_.replay(); }

 private:
  friend class CudaGraphRecorder;
  at::cuda::CUDAGraph graph_;
};

class CudaGraphRecorder final : public Recorder {
 public:
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    auto made = std::make_unique<CudaGraph>();
    torch::cuda::synchronize();
    {
      const c10::StreamGuard guard(stream_.unwrap());  // CUDA's own would need its libraries
      constexpr int kWarmUps = 2;                      // plans of transforms, choice of kernels
      for (int i = 0; i < kWarmUps; ++i) work();
      // While it records, the allocator gives nothing back that was taken outside.
      torch::cuda::synchronize();
      c10::cuda::CUDACachingAllocator::emptyCache();
      capture(made->graph_, work);
    }
    torch::cuda::synchronize();
    return made;
  }

 private:
  void capture(at::cuda::CUDAGraph& graph, const std::function<void()>& work) {
    // What other threads do, such as reading ahead into pinned memory, is theirs.
    graph.capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      try {
        graph.capture_end();  // or the stream would go on recording
      } catch (const std::exception&) {
        // It tells of the same error.
      }
      throw;
    }
    graph.capture_end();
  }

  // Recording is not allowed on the default stream, on which replays run. One stream and one pool
  // for all: memory is only used again on its own stream, and what a replay leaves there is taken
  // out before the next one.
  const c10::cuda::CUDAStream stream_ = c10::cuda::getStreamFromPool();
  const decltype(at::cuda::graph_pool_handle()) pool_ = at::cuda::graph_pool_handle();
};

}  // namespace

std::unique_ptr<Recorder> cuda_graph_recorder() {
  if (!torch::cuda::is_available()) return nullptr;
  return std::make_unique<CudaGraphRecorder>();
}
#else
std::unique_ptr<Recorder> cuda_graph_recorder() { return nullptr; }
#endif

}  // namespace reconproof::baseline
