// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/inference.h"

#include <torch/utils.h>

#include "baseline/engine/choice.h"
#include "baseline/engine/varnet_engine.h"
#include "baseline/memory.h"
#include "system/error.h"

namespace reconproof::baseline {

namespace {

// The sensitivity network takes most of the memory of a slice, and fills a GPU with a few coils.
constexpr int64_t kCoilsAtOnce = 4;

}  // namespace

/// The engine for tensors.
class Inference::Engine {
 public:
  explicit Engine(const VarnetImpl& network)
      : network_(network),
        engine_(network.sizes(), engine_weights(network), torch::get_num_threads(),
                engine::best_kernels()) {}

  bool takes(const NetworkInput& input, Backend backend) const {
    return engine_takes(network_, input, backend);
  }

  torch::Tensor reconstruct(const NetworkInput& input) {
    const EngineInput one(network_, input);
    torch::Tensor image = torch::empty({1, one.window.rows, one.window.columns});
    engine_.reconstruct(one.slice, one.acs, one.window, image.data_ptr<float>());
    memory_.set(engine_.memory_bytes());
    return centre_crop(image, network_.image_size(), network_.crop());
  }

 private:
  const VarnetImpl& network_;
  engine::VarnetEngine engine_;
  CountedMemory memory_;
};

std::unique_ptr<RecordedWork> recorded_forward(Network& network, torch::Device device,
                                               std::unique_ptr<Recorder> recorder) {
  return std::make_unique<RecordedWork>(
      device, std::move(recorder),
      [&network](const NetworkInput& input, const auto&) { return network.reconstruct(input); });
}

Inference::Inference(Network& network, torch::Device device, Backend backend)
    : network_(network), device_(device), backend_(backend) {
  if (backend == Backend::kGraph) {
    recorded_ = recorded_forward(network, device, require_recorder(network.domain()));
  }
  // Backend::kLibTorch is what teams' own programs are like.
  if (device.is_cuda() && backend != Backend::kLibTorch) set_coils_at_once(kCoilsAtOnce);
  if (const VarnetImpl* varnet = varnet_for_engine(network, device, backend))
    engine_ = std::make_unique<Engine>(*varnet);
}

Inference::~Inference() { set_coils_at_once(0); }

void Inference::set_coils_at_once(int64_t coils) {
  if (auto* varnet = dynamic_cast<VarnetImpl*>(&network_)) varnet->set_coils_at_once(coils);
}

torch::Tensor Inference::reconstruct(const NetworkInput& input) {
  if (recorded_) return recorded_->run(input);
  if (engine_ && engine_->takes(input, backend_)) return engine_->reconstruct(input);
  return network_.reconstruct(input.to(device_)).to(torch::kCPU);
}

}  // namespace reconproof::baseline
