// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/checkpoint.h"

#include "formats/torch_checkpoint.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

using challenge::kCheckpointSchema, challenge::kCheckpointVersion;
using formats::shape_text;

template <typename T>
T number(const formats::TensorFile& file, const std::string& key) {
  const std::string& text = file.require_metadata(key);
  const std::optional<T> value = formats::metadata_number<T>(file.metadata(), key);
  if (!value) {
    fail(Code::kCorrupt, "{}: metadata '{}' is '{}', expected a number", file.path().string(), key,
         text);
  }
  return *value;
}

/// The same for one that may be absent. What another program calls a seed or an epoch may be
/// anything: where it is no number it counts as absent.
template <typename T>
std::optional<T> optional_number(const formats::TensorFile& file, const std::string& key) {
  const bool ours = file.metadata().contains("schema");
  if (ours && file.metadata().contains(key)) return number<T>(file, key);
  return formats::metadata_number<T>(file.metadata(), key);
}

NetworkSizes stated_sizes(const formats::TensorFile& file) {
  const std::string& model = file.require_metadata("model");
  const auto size = [&](const char* key) { return number<int64_t>(file, key); };
  if (model == challenge::network_name(UnetSizes{}))
    return UnetSizes{size("in_chans"), size("out_chans")};
  if (model == challenge::network_name(VarnetSizes{}))
    return VarnetSizes{size("cascades"), size("chans"), size("sens_chans"), size("pools")};
  fail(Code::kUnsupported, "{}: model '{}', expected varnet or unet", file.path().string(), model);
}

/// Before anything is allocated for the sizes that a file states: it must hold exactly their
/// tensors.
void require_tensors_of(const NetworkSizes& sizes, const formats::TensorFile& file) {
  const std::string where = file.path().string();
  const std::string absurd = challenge::absurd_size_reason(sizes);
  if (!absurd.empty()) fail(Code::kCorrupt, "{}: {}", where, absurd);
  std::map<std::string, challenge::NetworkTensor> wanted;
  for (challenge::NetworkTensor& tensor : challenge::network_tensors(sizes))
    wanted[tensor.name] = std::move(tensor);
  for (const auto& item : file.tensors()) {
    if (!wanted.contains(item.first))
      fail(Code::kCorrupt, "{}: tensor '{}' belongs to no network of this size", where, item.first);
  }
  for (const auto& [name, tensor] : wanted) {
    const formats::TensorInfo& found = file.tensor(name);
    if (found.shape == tensor.shape && found.dtype == tensor.dtype) continue;
    fail(Code::kCorrupt, "{}: '{}' is {} {}, but the sizes in the metadata ask for {} {}", where,
         name, found.dtype, shape_text(found.shape), tensor.dtype, shape_text(tensor.shape));
  }
}

NetworkSizes recognised_sizes(const formats::TensorFile& file) {
  const auto sizes = challenge::recognise_network(file.tensors());
  if (sizes) return *sizes;
  fail(Code::kUnsupported,
       "{}: its {} tensors are not those of the challenge's VarNet or U-Net; only these two can be "
       "reconstructed here (a network of your own runs in its own program: see `reconproof check`)",
       file.path().string(), file.tensors().size());
}

std::string text_or_empty(const formats::TensorFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  return found == file.metadata().end() ? std::string() : found->second;
}

}  // namespace

void check_sizes(const NetworkSizes& sizes, const std::string& what) {
  const std::string reason = challenge::absurd_size_reason(sizes);
  if (!reason.empty()) fail(Code::kInvalidArgument, "{}: {}", what, reason);
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
  const std::map<std::string, torch::Tensor> weights = named_weights(model);
  return formats::weights_sha256(as_named(weights));
}

std::vector<formats::NamedTensor> as_named(const std::map<std::string, torch::Tensor>& weights) {
  std::vector<formats::NamedTensor> tensors;
  for (const auto& [name, tensor] : weights) tensors.push_back(named_tensor(name, tensor));
  return tensors;
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
  std::vector<formats::NamedTensor> tensors = as_named(weights);
  std::map<std::string, std::string> metadata = {
      {"schema", kCheckpointSchema},
      {"schema_version", kCheckpointVersion},
      {"model", challenge::network_name(info.sizes)},
      {"edition", info.edition},
      {"epoch", std::to_string(info.epoch)},
      {"best_val_loss", fmt::format("{}", info.best_val_loss)},
      {"weights_sha256", formats::weights_sha256(tensors)},
      {"initial_weights_sha256", info.initial_weights_sha256}};
  if (info.seed) metadata["seed"] = std::to_string(*info.seed);
  for (const auto& [name, size] : challenge::size_fields(info.sizes))
    metadata[name] = std::to_string(size);
  formats::write_safetensors(path, metadata, std::move(tensors));
}

CheckpointInfo read_checkpoint_info(const formats::TensorFile& file) {
  const std::string where = file.path().string();
  CheckpointInfo info;
  if (!file.metadata().contains("schema")) {
    info.sizes = recognised_sizes(file);
  } else {
    const std::string& schema = file.require_metadata("schema");
    const std::string& version = file.require_metadata("schema_version");
    if (schema != kCheckpointSchema || version != kCheckpointVersion) {
      fail(Code::kUnsupported, "{}: schema '{}' version {}, expected '{}' version {}", where,
           schema, version, kCheckpointSchema, kCheckpointVersion);
    }
    info.sizes = stated_sizes(file);
    require_tensors_of(info.sizes, file);
  }
  info.seed = optional_number<uint64_t>(file, "seed");
  info.epoch = optional_number<int64_t>(file, "epoch").value_or(info.epoch);
  info.best_val_loss = optional_number<double>(file, "best_val_loss").value_or(info.best_val_loss);
  info.edition = text_or_empty(file, "edition");
  info.weights_sha256 = text_or_empty(file, "weights_sha256");
  info.initial_weights_sha256 = text_or_empty(file, "initial_weights_sha256");
  return info;
}

void load_weights(const formats::TensorFile& file, torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  const auto load = [&](const auto& items) {
    for (const auto& item : items) {
      torch::Tensor target = item.value();
      target.copy_(read_tensor(file, item.key(), target));
    }
  };
  load(model.named_parameters());
  load(model.named_buffers());
  const std::string found = weights_sha256(model), stated = text_or_empty(file, "weights_sha256");
  if (!stated.empty() && found != stated) {
    fail(Code::kIntegrity,
         "{}: the weights hash to {}, but the metadata states {}: the file was altered",
         file.path().string(), found, stated);
  }
}

std::shared_ptr<Network> load_network(const fs::path& weights, const ImageGeometry& geometry,
                                      torch::Device device) {
  const std::unique_ptr<formats::TensorFile> file = formats::open_tensor_file(weights);
  const std::shared_ptr<Network> network =
      make_network(read_checkpoint_info(*file).sizes, geometry);
  load_weights(*file, *network);
  network->eval();
  network->to(device);
  return network;
}

}  // namespace reconproof::baseline
