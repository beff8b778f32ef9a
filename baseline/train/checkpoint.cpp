// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/checkpoint.h"

#include <charconv>
#include <span>

#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr const char* kSchema = "reconproof.checkpoint";
constexpr const char* kVersion = "1";
constexpr const char *kVarnet = "varnet", *kUnet = "unet";

template <typename T>
T number(const formats::TensorFile& file, const std::string& key) {
  const std::string& text = file.require_metadata(key);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(Code::kCorrupt, "{}: metadata '{}' is '{}', expected a number", file.path().string(), key,
         text);
  }
  return value;
}

/// The widest layer of a U-Net shows its sizes. The tensor lies within the file, so whatever is
/// allocated after this check is no larger than what a real checkpoint of that size needs.
void require_bottom(const formats::TensorFile& file, const std::string& unet, int64_t chans,
                    int64_t pools) {
  const std::string name = unet + ".conv.layers.4.weight";
  const formats::Shape expected = {chans << pools, chans << pools, 3, 3};
  const formats::Shape& found = file.tensor(name).shape;
  if (found != expected) {
    fail(Code::kCorrupt, "{}: '{}' has shape {}, but the sizes in the metadata ask for {}",
         file.path().string(), name, formats::shape_text(found), formats::shape_text(expected));
  }
}

NetworkSizes read_sizes(const formats::TensorFile& file) {
  const std::string& model = file.require_metadata("model");
  if (model == kUnet)
    return UnetSizes{number<int64_t>(file, "in_chans"), number<int64_t>(file, "out_chans")};
  if (model != kVarnet) {
    fail(Code::kUnsupported, "{}: model '{}', expected '{}' or '{}'", file.path().string(), model,
         kVarnet, kUnet);
  }
  return VarnetSizes{number<int64_t>(file, "cascades"), number<int64_t>(file, "chans"),
                     number<int64_t>(file, "sens_chans"), number<int64_t>(file, "pools")};
}

void require_tensors_of(const NetworkSizes& sizes, const formats::TensorFile& file) {
  const auto* varnet = std::get_if<VarnetSizes>(&sizes);
  if (varnet == nullptr) return;
  require_bottom(file, "sens_net.norm_unet.unet", varnet->sens_chans, varnet->pools);
  for (int64_t i = 0; i < varnet->cascades; ++i)
    require_bottom(file, fmt::format("cascades.{}.model.unet", i), varnet->chans, varnet->pools);
}

void write_sizes(const NetworkSizes& sizes, std::map<std::string, std::string>& metadata) {
  if (const auto* unet = std::get_if<UnetSizes>(&sizes)) {
    metadata["model"] = kUnet;
    metadata["in_chans"] = std::to_string(unet->in_chans);
    metadata["out_chans"] = std::to_string(unet->out_chans);
    return;
  }
  const auto& varnet = std::get<VarnetSizes>(sizes);
  metadata["model"] = kVarnet;
  metadata["cascades"] = std::to_string(varnet.cascades);
  metadata["chans"] = std::to_string(varnet.chans);
  metadata["sens_chans"] = std::to_string(varnet.sens_chans);
  metadata["pools"] = std::to_string(varnet.pools);
}

}  // namespace

void check_sizes(const NetworkSizes& sizes, const std::string& what) {
  const auto within = [&](const char* name, int64_t value, int64_t most) {
    if (value >= 1 && value <= most) return;
    fail(Code::kInvalidArgument, "{}: {} is {}, expected 1 to {}", what, name, value, most);
  };
  if (const auto* unet = std::get_if<UnetSizes>(&sizes)) {
    within("in_chans", unet->in_chans, 1);
    within("out_chans", unet->out_chans, 1);
    return;
  }
  const auto& varnet = std::get<VarnetSizes>(sizes);
  within("cascades", varnet.cascades, 64);
  within("chans", varnet.chans, 1024);
  within("sens_chans", varnet.sens_chans, 1024);
  within("pools", varnet.pools, 8);
}

std::map<std::string, torch::Tensor> named_weights(const torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  std::map<std::string, torch::Tensor> weights;
  const auto add = [&](const std::string& name, const torch::Tensor& value) {
    weights[name] = value.detach().to(torch::kCPU).contiguous();
  };
  for (const auto& item : model.named_parameters()) add(item.key(), item.value());
  for (const auto& item : model.named_buffers()) add(item.key(), item.value());
  return weights;
}

std::string weights_sha256(const torch::nn::Module& model) {
  system::Sha256 hash;
  for (const auto& [name, tensor] : named_weights(model)) {
    hash.update(name.c_str(), name.size() + 1);
    hash.update(tensor.data_ptr(), tensor.nbytes());
  }
  return hash.hex();
}

formats::NamedTensor named_tensor(const std::string& name, const torch::Tensor& tensor) {
  RP_ASSERT(tensor.is_contiguous() && tensor.device().is_cpu());
  const char* dtype = tensor.scalar_type() == torch::kLong   ? "I64"
                      : tensor.scalar_type() == torch::kByte ? "U8"
                                                             : "F32";
  RP_ASSERT(dtype != std::string("F32") || tensor.scalar_type() == torch::kFloat);
  return {name,
          dtype,
          tensor.sizes().vec(),
          {static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()}};
}

torch::Tensor read_tensor(const formats::TensorFile& file, const std::string& name,
                          const torch::Tensor& like) {
  torch::Tensor value = torch::empty(like.sizes(), like.options().device(torch::kCPU));
  const formats::NamedTensor expected = named_tensor(name, value);
  const formats::TensorInfo& found = file.tensor(name);
  if (found.shape != expected.shape || found.dtype != expected.dtype) {
    fail(Code::kCorrupt, "{}: '{}' is {} {}, expected {} {}", file.path().string(), name,
         found.dtype, formats::shape_text(found.shape), expected.dtype,
         formats::shape_text(expected.shape));
  }
  file.read(name, {static_cast<std::byte*>(value.data_ptr()), value.nbytes()});
  return value;
}

void save_checkpoint(const fs::path& path, CheckpointInfo info, const torch::nn::Module& model) {
  const std::map<std::string, torch::Tensor> weights = named_weights(model);
  std::vector<formats::NamedTensor> tensors;
  for (const auto& [name, tensor] : weights) tensors.push_back(named_tensor(name, tensor));
  std::map<std::string, std::string> metadata = {
      {"schema", kSchema},
      {"schema_version", kVersion},
      {"seed", std::to_string(info.seed)},
      {"edition", info.edition},
      {"epoch", std::to_string(info.epoch)},
      {"best_val_loss", fmt::format("{}", info.best_val_loss)},
      {"weights_sha256", weights_sha256(model)},
      {"initial_weights_sha256", info.initial_weights_sha256}};
  write_sizes(info.sizes, metadata);
  formats::write_safetensors(path, metadata, std::move(tensors));
}

CheckpointInfo read_checkpoint_info(const formats::TensorFile& file) {
  const std::string where = file.path().string();
  const std::string& schema = file.require_metadata("schema");
  const std::string& version = file.require_metadata("schema_version");
  if (schema != kSchema || version != kVersion) {
    fail(Code::kUnsupported, "{}: schema '{}' version {}, expected '{}' version {}", where, schema,
         version, kSchema, kVersion);
  }
  CheckpointInfo info;
  info.sizes = read_sizes(file);
  info.seed = number<uint64_t>(file, "seed");
  info.edition = file.require_metadata("edition");
  info.epoch = number<int64_t>(file, "epoch");
  info.best_val_loss = number<double>(file, "best_val_loss");
  info.weights_sha256 = file.require_metadata("weights_sha256");
  info.initial_weights_sha256 = file.require_metadata("initial_weights_sha256");
  try {
    check_sizes(info.sizes, where);
  } catch (const system::Error& error) {
    throw system::Error(Code::kCorrupt,
                        error.what());  // a value in a file, not on the command line
  }
  require_tensors_of(info.sizes, file);
  return info;
}

void load_weights(const formats::TensorFile& file, torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  std::map<std::string, torch::Tensor> targets;
  for (const auto& item : model.named_parameters()) targets[item.key()] = item.value();
  for (const auto& item : model.named_buffers()) targets[item.key()] = item.value();
  for (const auto& item : file.tensors()) {
    if (!targets.contains(item.first)) {
      fail(Code::kCorrupt, "{}: tensor '{}' belongs to no network of this size",
           file.path().string(), item.first);
    }
  }
  for (auto& [name, target] : targets) target.copy_(read_tensor(file, name, target));
  const std::string found = weights_sha256(model), stated = file.require_metadata("weights_sha256");
  if (found != stated) {
    fail(Code::kIntegrity,
         "{}: the weights hash to {}, but the metadata states {}: the file was altered",
         file.path().string(), found, stated);
  }
}

std::shared_ptr<Network> load_network(const fs::path& weights, const ImageGeometry& geometry,
                                      torch::Device device) {
  const formats::SafetensorsReader file(weights);
  const std::shared_ptr<Network> network = make_network(read_checkpoint_info(file).sizes, geometry);
  load_weights(file, *network);
  network->eval();
  network->to(device);
  return network;
}

}  // namespace reconproof::baseline
