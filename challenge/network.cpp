// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/network.h"

#include <fmt/core.h>

#include <utility>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

using formats::Shape;
using formats::TensorInfo;

constexpr const char* kFloat = "F32";
constexpr const char* kCounter = "I64";
constexpr const char* kSensUnet = "sens_net.norm_unet.unet";

using Tensors = std::vector<NetworkTensor>;

std::string cascade_unet(int64_t cascade) { return fmt::format("cascades.{}.model.unet", cascade); }

/// fastMRI unet.py, ConvBlock: two 3x3 convolutions without bias; instance norm has no weights.
void add_conv_block(Tensors& tensors, const std::string& name, int64_t in, int64_t out) {
  tensors.push_back({name + ".layers.0.weight", kFloat, {out, in, 3, 3}});
  tensors.push_back({name + ".layers.4.weight", kFloat, {out, out, 3, 3}});
}

/// fastMRI unet.py, Unet with two channels (real, imaginary) in and out.
void add_fastmri_unet(Tensors& tensors, const std::string& name, int64_t chans, int64_t pools) {
  for (int64_t level = 0; level < pools; ++level) {
    add_conv_block(tensors, fmt::format("{}.down_sample_layers.{}", name, level),
                   level == 0 ? 2 : chans << (level - 1), chans << level);
  }
  add_conv_block(tensors, name + ".conv", chans << (pools - 1), chans << pools);
  for (int64_t i = 0; i < pools; ++i) {
    const int64_t out = chans << (pools - 1 - i);
    const bool last = i == pools - 1;  // the last block is followed by the final convolution
    add_conv_block(tensors, fmt::format("{}.up_conv.{}{}", name, i, last ? ".0" : ""), 2 * out,
                   out);
  }
  const std::string final_conv = fmt::format("{}.up_conv.{}.1", name, pools - 1);
  tensors.push_back({final_conv + ".weight", kFloat, {2, chans, 1, 1}});
  tensors.push_back({final_conv + ".bias", kFloat, {2}});
  for (int64_t i = 0; i < pools; ++i) {
    const int64_t out = chans << (pools - 1 - i);
    tensors.push_back({fmt::format("{}.up_transpose_conv.{}.layers.0.weight", name, i),
                       kFloat,
                       {2 * out, out, 2, 2}});
  }
}

Tensors varnet_tensors(const VarnetSizes& sizes) {
  Tensors tensors;
  add_fastmri_unet(tensors, kSensUnet, sizes.sens_chans, sizes.pools);
  for (int64_t i = 0; i < sizes.cascades; ++i) {
    tensors.push_back({fmt::format("cascades.{}.dc_weight", i), kFloat, {1}});
    add_fastmri_unet(tensors, cascade_unet(i), sizes.chans, sizes.pools);
  }
  return tensors;
}

void add_biased(Tensors& tensors, const std::string& name, const Shape& weight, int64_t outputs) {
  tensors.push_back({name + ".weight", kFloat, weight});
  tensors.push_back({name + ".bias", kFloat, {outputs}});
}

/// Twice: 3x3 convolution with bias, batch norm, ReLU.
void add_normalised_block(Tensors& tensors, const std::string& name, int64_t in, int64_t out) {
  for (const auto& [convolution, inputs] : {std::pair<int, int64_t>{0, in}, {3, out}}) {
    const std::string norm = fmt::format("{}.layers.{}", name, convolution + 1);
    add_biased(tensors, fmt::format("{}.layers.{}", name, convolution), {out, inputs, 3, 3}, out);
    add_biased(tensors, norm, {out}, out);
    tensors.push_back({norm + ".running_mean", kFloat, {out}});
    tensors.push_back({norm + ".running_var", kFloat, {out}});
    tensors.push_back({norm + ".num_batches_tracked", kCounter, {}});
  }
}

Tensors unet_tensors(const UnetSizes& sizes) {
  Tensors tensors;
  add_normalised_block(tensors, "first_block", sizes.in_chans, 2);
  add_normalised_block(tensors, "down1.layers.1", 2, 4);
  add_biased(tensors, "up1.up", {4, 2, 2, 2}, 2);
  add_normalised_block(tensors, "up1.conv", 4, 2);
  add_biased(tensors, "last_block", {sizes.out_chans, 2, 1, 1}, sizes.out_chans);
  return tensors;
}

/// An extent of a tensor, 0 when there is none such.
int64_t extent(const std::map<std::string, TensorInfo>& tensors, const std::string& name,
               size_t axis) {
  const auto found = tensors.find(name);
  return found == tensors.end() || axis >= found->second.shape.size() ? 0
                                                                      : found->second.shape[axis];
}

std::string first_weight(const std::string& unet, int64_t level) {
  return fmt::format("{}.down_sample_layers.{}.layers.0.weight", unet, level);
}

VarnetSizes deduced_varnet(const std::map<std::string, TensorInfo>& tensors) {
  VarnetSizes sizes{0, extent(tensors, first_weight(cascade_unet(0), 0), 0),
                    extent(tensors, first_weight(kSensUnet, 0), 0), 0};
  while (tensors.contains(first_weight(cascade_unet(sizes.cascades), 0))) ++sizes.cascades;
  while (tensors.contains(first_weight(kSensUnet, sizes.pools))) ++sizes.pools;
  return sizes;
}

bool consists_of(const std::map<std::string, TensorInfo>& tensors, const Tensors& expected) {
  if (tensors.size() != expected.size()) return false;
  for (const NetworkTensor& item : expected) {
    const auto found = tensors.find(item.name);
    if (found == tensors.end() || found->second.dtype != item.dtype ||
        found->second.shape != item.shape)
      return false;
  }
  return true;
}

}  // namespace

const char* network_name(const NetworkSizes& sizes) {
  return std::holds_alternative<VarnetSizes>(sizes) ? "varnet" : "unet";
}

std::map<std::string, int64_t> size_fields(const NetworkSizes& sizes) {
  if (const UnetSizes* unet = std::get_if<UnetSizes>(&sizes))
    return {{"in_chans", unet->in_chans}, {"out_chans", unet->out_chans}};
  const VarnetSizes& varnet = std::get<VarnetSizes>(sizes);
  return {{"cascades", varnet.cascades},
          {"chans", varnet.chans},
          {"sens_chans", varnet.sens_chans},
          {"pools", varnet.pools}};
}

std::string absurd_size_reason(const NetworkSizes& sizes) {
  for (const auto& [name, value] : size_fields(sizes)) {
    // The official U-Net takes and gives images without a channel axis: it runs with one channel
    // only.
    const int64_t most = name == "in_chans" || name == "out_chans" ? 1
                         : name == "cascades"                      ? 64
                         : name == "pools"                         ? 8
                                                                   : 1024;
    if (value < 1 || value > most)
      return fmt::format("{} is {}, expected 1 to {}", name, value, most);
  }
  return "";
}

std::vector<NetworkTensor> network_tensors(const NetworkSizes& sizes) {
  RP_ASSERT(absurd_size_reason(sizes).empty());
  if (const UnetSizes* unet = std::get_if<UnetSizes>(&sizes)) return unet_tensors(*unet);
  return varnet_tensors(std::get<VarnetSizes>(sizes));
}

std::optional<NetworkSizes> recognise_network(const std::map<std::string, TensorInfo>& tensors) {
  const UnetSizes unet{extent(tensors, "first_block.layers.0.weight", 1),
                       extent(tensors, "last_block.weight", 0)};
  for (const NetworkSizes& sizes : {NetworkSizes(deduced_varnet(tensors)), NetworkSizes(unet)}) {
    if (absurd_size_reason(sizes).empty() && consists_of(tensors, network_tensors(sizes)))
      return sizes;
  }
  return std::nullopt;
}

}  // namespace reconproof::challenge
