// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The only file that names CUDA. Without its headers, or with a LibTorch for processors alone,
// there is nothing in it.
#include "baseline/model/recording.h"

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

using Pool = decltype(at::cuda::graph_pool_handle());

class CudaGraph final : public Recording {
 public:
  CudaGraph(const std::function<void()>& work, Pool pool) {
    // Recording is not allowed on the default stream, on which replays run.
    const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool();
    torch::cuda::synchronize();
    {
      const c10::StreamGuard guard(stream.unwrap());  // CUDA's own would need its libraries
      constexpr int kWarmUps = 2;  // plans of transforms, choice of kernels, memory
      for (int i = 0; i < kWarmUps; ++i) work();
      // What other threads do, such as reading ahead into pinned memory, is theirs.
      graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
      work();
      graph_.capture_end();
    }
    torch::cuda::synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // what the warm-ups took on their stream
  }
  void replay() override { graph_.replay(); }

 private:
  at::cuda::CUDAGraph graph_;
};

class CudaGraphRecorder final : public Recorder {
 public:
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    return std::make_unique<CudaGraph>(work, pool_);
  }

 private:
  // What a replay leaves in it is taken out before the next one, so that one is enough.
  const Pool pool_ = at::cuda::graph_pool_handle();
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
