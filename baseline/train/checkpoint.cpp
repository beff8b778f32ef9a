// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/checkpoint.h"

#include <charconv>
#include <map>
#include <span>

#include "formats/safetensors.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

using challenge::kCheckpointSchema, challenge::kCheckpointVersion;
constexpr const char* kModel = "varnet";

using Weights = std::map<std::string, torch::Tensor>;

/// Parameters by name, on the CPU and contiguous.
Weights named_weights(const torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  Weights weights;
  for (const auto& item : model.named_parameters()) {
    weights[item.key()] = item.value().detach().to(torch::kCPU).contiguous();
  }
  return weights;
}

/// The same for a writer; `weights` must outlive it.
std::vector<formats::NamedTensor> as_named(const Weights& weights) {
  std::vector<formats::NamedTensor> tensors;
  for (const auto& [name, tensor] : weights) {
    const std::span<const float> values(tensor.data_ptr<float>(),
                                        static_cast<size_t>(tensor.numel()));
    tensors.push_back({name, "F32", tensor.sizes().vec(), std::as_bytes(values)});
  }
  return tensors;
}

std::string text_or_empty(const formats::TensorFile& file, const std::string& key) {
  return file.metadata().contains(key) ? file.require_metadata(key) : "";
}

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

void load_tensor(const formats::TensorFile& file, const std::string& name,
                 torch::Tensor& parameter) {
  const formats::TensorInfo& entry = file.tensor(name);
  if (entry.shape != parameter.sizes().vec()) {
    fail(Code::kCorrupt, "{}: '{}' has shape {}, expected {}", file.path().string(), name,
         formats::shape_text(entry.shape), formats::shape_text(parameter.sizes().vec()));
  }
  const std::vector<float> values = file.read_floats(name);
  parameter.copy_(torch::from_blob(const_cast<float*>(values.data()), parameter.sizes()));
}

}  // namespace

void check_sizes(const VarnetSizes& sizes, const std::string& what) {
  const std::string reason = challenge::absurd_size_reason(sizes);
  if (!reason.empty()) fail(Code::kInvalidArgument, "{}: {}", what, reason);
}

std::string weights_sha256(const torch::nn::Module& model) {
  const Weights weights = named_weights(model);
  return formats::weights_sha256(as_named(weights));
}

void save_checkpoint(const fs::path& path, CheckpointInfo info, const torch::nn::Module& model) {
  const Weights weights = named_weights(model);
  std::vector<formats::NamedTensor> tensors = as_named(weights);
  const std::map<std::string, std::string> metadata = {
      {"schema", kCheckpointSchema},
      {"schema_version", kCheckpointVersion},
      {"model", kModel},
      {"cascades", std::to_string(info.sizes.cascades)},
      {"chans", std::to_string(info.sizes.chans)},
      {"sens_chans", std::to_string(info.sizes.sens_chans)},
      {"pools", std::to_string(info.sizes.pools)},
      {"seed", std::to_string(info.seed.value())},
      {"edition", info.edition},
      {"epoch", std::to_string(info.epoch)},
      {"best_val_loss", fmt::format("{}", info.best_val_loss)},
      {"weights_sha256", formats::weights_sha256(tensors)},
      {"initial_weights_sha256", info.initial_weights_sha256}};
  formats::write_safetensors(path, metadata, std::move(tensors));
}

CheckpointInfo read_checkpoint_info(const formats::TensorFile& file) {
  const std::string where = file.path().string();
  const std::string& schema = file.require_metadata("schema");
  const std::string& version = file.require_metadata("schema_version");
  if (schema != kCheckpointSchema || version != kCheckpointVersion) {
    fail(Code::kUnsupported, "{}: schema '{}' version {}, expected '{}' version {}", where, schema,
         version, kCheckpointSchema, kCheckpointVersion);
  }
  const std::string& model = file.require_metadata("model");
  if (model != kModel)
    fail(Code::kUnsupported, "{}: model '{}', expected '{}'", where, model, kModel);
  CheckpointInfo info;
  info.sizes = {number<int64_t>(file, "cascades"), number<int64_t>(file, "chans"),
                number<int64_t>(file, "sens_chans"), number<int64_t>(file, "pools")};
  const auto has = [&](const char* key) { return file.metadata().contains(key); };
  if (has("seed")) info.seed = number<uint64_t>(file, "seed");
  info.edition = text_or_empty(file, "edition");
  if (has("epoch")) info.epoch = number<int64_t>(file, "epoch");
  if (has("best_val_loss")) info.best_val_loss = number<double>(file, "best_val_loss");
  info.weights_sha256 = file.require_metadata("weights_sha256");
  info.initial_weights_sha256 = text_or_empty(file, "initial_weights_sha256");
  try {
    check_sizes(info.sizes, where);
  } catch (const system::Error& error) {
    throw system::Error(Code::kCorrupt,
                        error.what());  // a value in a file, not on the command line
  }
  require_bottom(file, "sens_net.norm_unet.unet", info.sizes.sens_chans, info.sizes.pools);
  for (int64_t i = 0; i < info.sizes.cascades; ++i) {
    require_bottom(file, fmt::format("cascades.{}.model.unet", i), info.sizes.chans,
                   info.sizes.pools);
  }
  return info;
}

void load_weights(const formats::TensorFile& file, torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  const auto parameters = model.named_parameters();
  for (const auto& item : file.tensors()) {
    if (!parameters.contains(item.first)) {
      fail(Code::kCorrupt, "{}: tensor '{}' belongs to no network of this size",
           file.path().string(), item.first);
    }
  }
  for (const auto& item : parameters) {
    torch::Tensor parameter = item.value();
    load_tensor(file, item.key(), parameter);
  }
  const std::string found = weights_sha256(model), stated = file.require_metadata("weights_sha256");
  if (found != stated) {
    fail(Code::kIntegrity,
         "{}: the weights hash to {}, but the metadata states {}: the file was altered",
         file.path().string(), found, stated);
  }
}

}  // namespace reconproof::baseline
