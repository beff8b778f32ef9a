// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/inference.h"

#include <torch/utils.h>

#include <optional>

#include "baseline/engine/choice.h"
#include "baseline/engine/varnet_engine.h"
#include "baseline/memory.h"
#include "baseline/model/varnet.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::baseline {

using system::Code;
using system::fail;

Backend backend_of(std::string_view name) {
  if (name == "auto") return Backend::kAuto;
  if (name == "engine") return Backend::kEngine;
  if (name == "libtorch") return Backend::kLibTorch;
  fail(Code::kUsage, "--backend {}: expected auto, engine or libtorch",
       system::printable(std::string(name)));
}

/// The engine for tensors.
class Inference::Engine {
 public:
  static std::unique_ptr<Engine> of(Network& network, torch::Device device) {
    const auto* varnet = dynamic_cast<const VarnetImpl*>(&network);
    if (varnet == nullptr || !device.is_cpu() || varnet->precision() != Precision::kFloat32)
      return nullptr;
    return std::make_unique<Engine>(*varnet);
  }

  explicit Engine(const VarnetImpl& network)
      : network_(network),
        engine_(network.sizes(), weights_of(network), torch::get_num_threads(),
                engine::best_kernels()) {}

  /// Not where LibTorch's image is smaller than its geometry says, and where a U-Net's bottom has a
  /// single value, which has no deviation to be brought to 1.
  bool takes(const NetworkInput& input) const {
    const int64_t size = network_.image_size();
    const int64_t rows = input.kspace.size(2), columns = input.kspace.size(3);
    if (network_.crop() == Crop::kSlice && (rows < size || columns < size)) return false;
    return input.kspace.size(0) == 1 &&
           engine::UnetEngine::takes({1, network_.sizes().pools, rows, columns});
  }

  torch::Tensor reconstruct(const NetworkInput& input) {
    const int64_t size = network_.image_size();
    const torch::Tensor kspace = input.kspace.contiguous(), mask = input.mask.contiguous();
    const int64_t coils = kspace.size(1), rows = kspace.size(2), columns = kspace.size(3);
    const auto* values =
        reinterpret_cast<const std::complex<float>*>(kspace.data_ptr<c10::complex<float>>());
    const Acs acs = find_acs(mask);
    const int64_t height = std::min(rows, size), width = std::min(columns, size);
    torch::Tensor image = torch::empty({1, height, width});
    engine_.reconstruct({values, mask.data_ptr<float>(), coils, rows, columns}, acs.begin, acs.end,
                        {(rows - height) / 2, (columns - width) / 2, height, width},
                        image.data_ptr<float>());
    count_memory();
    return centre_crop(image, size, network_.crop());
  }

 private:
  static engine::Weights weights_of(const VarnetImpl& network) {
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& item : network.named_parameters())
      tensors[item.key()] = item.value().detach().contiguous();
    return [tensors](const std::string& name) { return tensors.at(name).data_ptr<float>(); };
  }

  void count_memory() {
    const int64_t bytes = engine_.memory_bytes();
    if (bytes == counted_bytes_) return;
    memory_.reset();
    memory_.emplace(bytes);
    counted_bytes_ = bytes;
  }

  const VarnetImpl& network_;
  engine::VarnetEngine engine_;
  int64_t counted_bytes_ = 0;
  std::optional<CountedMemory> memory_;
};

Inference::Inference(Network& network, torch::Device device, Backend backend)
    : network_(network), device_(device), backend_(backend) {
  if (backend != Backend::kLibTorch) engine_ = Engine::of(network, device);
  if (backend == Backend::kEngine && !engine_) {
    fail(Code::kUnsupported,
         "--backend engine: computes VarNets on a processor; take --backend auto");
  }
}

Inference::~Inference() = default;

torch::Tensor Inference::reconstruct(const NetworkInput& input) {
  if (engine_ && engine_->takes(input)) return engine_->reconstruct(input);
  if (backend_ == Backend::kEngine) {
    fail(Code::kUnsupported,
         "--backend engine: the slice's {} x {} pixels are too few for it; take --backend auto",
         input.kspace.size(2), input.kspace.size(3));
  }
  return network_.reconstruct(input.to(device_)).to(torch::kCPU);
}

}  // namespace reconproof::baseline
