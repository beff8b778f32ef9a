// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/network.h"

#include "baseline/model/image_unet.h"
#include "baseline/model/varnet.h"

namespace reconproof::baseline {

NetworkInput NetworkInput::to(torch::Device device) const {
  // Pinned memory stays until the GPU has copied it; the other way the values could be missing.
  const bool non_blocking = device.is_cuda();
  const auto move = [&](const torch::Tensor& tensor) {
    return tensor.defined() ? tensor.to(device, non_blocking) : tensor;
  };
  return {move(kspace), move(mask), move(image), move(acs_columns)};
}

NetworkInput NetworkInput::pinned() const {
  NetworkInput input = *this;
  if (kspace.defined()) input.kspace = kspace.pin_memory();
  return input;
}

std::shared_ptr<Network> make_network(const NetworkSizes& sizes, const ImageGeometry& geometry) {
  if (const auto* unet = std::get_if<UnetSizes>(&sizes))
    return std::make_shared<ImageUnetImpl>(*unet);
  return std::make_shared<VarnetImpl>(std::get<VarnetSizes>(sizes), geometry.size, geometry.crop);
}

Domain domain_of(const NetworkSizes& sizes) {
  return std::holds_alternative<UnetSizes>(sizes) ? Domain::kImage : Domain::kKspace;
}

}  // namespace reconproof::baseline
