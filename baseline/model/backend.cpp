// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/backend.h"

#include <algorithm>
#include <map>

#include "baseline/engine/unet_engine.h"
#include "baseline/model/recording.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

}  // namespace

Backend backend_of(std::string_view name) {
  if (name == "auto") return Backend::kAuto;
  if (name == "engine") return Backend::kEngine;
  if (name == "libtorch") return Backend::kLibTorch;
  if (name == "graph") return Backend::kGraph;
  fail(Code::kUsage, "--backend {}: expected auto, engine, libtorch or graph",
       system::printable(std::string(name)));
}

bool uses_engine(Domain domain, Precision precision, torch::Device device, Backend backend) {
  const bool wanted = backend == Backend::kAuto || backend == Backend::kEngine;
  return wanted && domain == Domain::kKspace && precision == Precision::kFloat32 && device.is_cpu();
}

void require_backend(Domain domain, Precision precision, torch::Device device, Backend backend) {
  if (backend == Backend::kGraph) require_recorder(domain);
  if (backend != Backend::kEngine || uses_engine(domain, precision, device, backend)) return;
  fail(Code::kUnsupported,
       "--backend engine: computes VarNets of fp32 on a processor; take --backend auto");
}

VarnetImpl* varnet_for_engine(Network& network, torch::Device device, Backend backend) {
  auto* varnet = dynamic_cast<VarnetImpl*>(&network);
  const Precision precision = varnet != nullptr ? varnet->precision() : Precision::kFloat32;
  require_backend(network.domain(), precision, device, backend);
  return uses_engine(network.domain(), precision, device, backend) ? varnet : nullptr;
}

bool engine_takes(const VarnetImpl& network, const NetworkInput& input, Backend backend) {
  const int64_t size = network.image_size();
  const int64_t rows = input.kspace.size(2), columns = input.kspace.size(3);
  const bool whole = network.crop() != Crop::kSlice || (rows >= size && columns >= size);
  if (whole && input.kspace.size(0) == 1 &&
      engine::UnetEngine::takes({1, network.sizes().pools, rows, columns}))
    return true;
  if (backend != Backend::kEngine) return false;
  fail(Code::kUnsupported,
       "--backend engine: the slice's {} x {} pixels are too few for it; take --backend auto", rows,
       columns);
}

EngineInput::EngineInput(const VarnetImpl& network, const NetworkInput& input)
    : kspace(input.kspace.contiguous()), mask(input.mask.contiguous()) {
  const int64_t rows = kspace.size(2), columns = kspace.size(3);
  const auto* values =
      reinterpret_cast<const std::complex<float>*>(kspace.data_ptr<c10::complex<float>>());
  slice = {values, mask.data_ptr<float>(), kspace.size(1), rows, columns};
  const Acs found = find_acs(mask);
  acs = {found.begin, found.end};
  const int64_t height = std::min(rows, network.image_size());
  const int64_t width = std::min(columns, network.image_size());
  window = {(rows - height) / 2, (columns - width) / 2, height, width};
}

engine::Weights engine_weights(const VarnetImpl& network) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& item : network.named_parameters())
    tensors[item.key()] = item.value().detach().contiguous();
  return [tensors](const std::string& name) { return tensors.at(name).data_ptr<float>(); };
}

}  // namespace reconproof::baseline
