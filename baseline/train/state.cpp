// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/state.h"

#include <map>

#include "baseline/train/checkpoint.h"
#include "formats/safetensors.h"
#include "formats/strict_json.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr const char* kSchema = "reconproof.training-state";
constexpr const char* kVersion = "1";
// Prefixes of the tensors' names.
constexpr const char *kWeights = "weights.", *kMean = "adam_mean.", *kSquare = "adam_square.",
                     *kGenerator = "generator";

torch::Tensor on_cpu(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU).contiguous();
}

json progress_json(const TrainState& state, int64_t adam_steps) {
  return {{"epoch", state.epoch},
          {"iteration", state.iteration},
          {"position", state.position},
          {"loss_sum", state.loss_sum},
          {"best_val_loss", state.best_val_loss},
          {"val_loss_log", state.val_loss_log},
          {"loss_scale", state.loss_scale},
          {"good_steps", state.good_steps},
          {"adam_steps", adam_steps},
          {"ledger_bytes", state.ledger.bytes},
          {"ledger_lines", state.ledger.lines},
          {"ledger_head", state.ledger.head}};
}

TrainState parse_progress(const json& progress) {
  TrainState state;
  progress.at("epoch").get_to(state.epoch);
  progress.at("iteration").get_to(state.iteration);
  progress.at("position").get_to(state.position);
  progress.at("loss_sum").get_to(state.loss_sum);
  progress.at("best_val_loss").get_to(state.best_val_loss);
  progress.at("val_loss_log").get_to(state.val_loss_log);
  progress.at("loss_scale").get_to(state.loss_scale);
  progress.at("good_steps").get_to(state.good_steps);
  progress.at("ledger_bytes").get_to(state.ledger.bytes);
  progress.at("ledger_lines").get_to(state.ledger.lines);
  progress.at("ledger_head").get_to(state.ledger.head);
  return state;
}

/// Whether a training can be in this state: numbers that index something are checked before they
/// do.
bool is_plausible(const TrainState& state) {
  const size_t logged = state.val_loss_log.size();
  return state.epoch >= 0 && state.iteration >= 0 && state.position >= 0 &&
         state.ledger.bytes >= 0 && state.ledger.lines >= 0 &&
         (logged == 0 || logged == 2 * static_cast<size_t>(state.epoch));
}

json metadata_json(const formats::TensorFile& file, const char* key) {
  return formats::parse_strict_json(file.require_metadata(key),
                                    file.path().string() + ": metadata '" + key + "'");
}

formats::SafetensorsReader open(const fs::path& path) {
  formats::SafetensorsReader file(path);
  if (file.require_metadata("schema") != kSchema ||
      file.require_metadata("schema_version") != kVersion) {
    fail(Code::kUnsupported, "{}: schema '{}' version {}, expected '{}' version {}", path.string(),
         file.require_metadata("schema"), file.require_metadata("schema_version"), kSchema,
         kVersion);
  }
  return file;
}

}  // namespace

void save_state(const fs::path& path, const json& config, const TrainState& state,
                const torch::nn::Module& model, const Adam& optimizer) {
  std::map<std::string, torch::Tensor> values;  // own what the tensors to be written point to
  for (const auto& [name, tensor] : named_weights(model)) values[kWeights + name] = tensor;
  for (const Adam::Moments& moments : optimizer.moments()) {
    if (optimizer.steps() == 0) break;
    values[kMean + moments.name] = on_cpu(moments.mean);
    values[kSquare + moments.name] = on_cpu(moments.square);
  }
  values[kGenerator] = state.generator;

  formats::write_safetensors(path,
                             {{"schema", kSchema},
                              {"schema_version", kVersion},
                              {"config", config.dump()},
                              {"progress", progress_json(state, optimizer.steps()).dump()}},
                             as_named(values));
}

json read_config(const fs::path& path) {
  json config = metadata_json(open(path), "config");
  if (!config.is_object() || !config.value("config", json()).is_object()) {
    fail(Code::kCorrupt, "{}: metadata 'config' is {}, expected an object with an object 'config'",
         path.string(), config.dump());
  }
  return config;
}

TrainState load_state(const fs::path& path, torch::nn::Module& model, Adam& optimizer) {
  const torch::NoGradGuard no_gradients;
  const formats::SafetensorsReader file = open(path);
  const json progress = metadata_json(file, "progress");
  TrainState state;
  int64_t adam_steps = 0;
  try {
    state = parse_progress(progress);
    progress.at("adam_steps").get_to(adam_steps);
  } catch (const json::exception& error) {
    fail(Code::kCorrupt, "{}: metadata 'progress': {}", path.string(), error.what());
  }
  if (!is_plausible(state) || adam_steps < 0) {
    fail(Code::kCorrupt, "{}: metadata 'progress' is of no training: {}", path.string(),
         progress.dump());
  }
  for (const auto& item : model.named_parameters())
    item.value().data().copy_(read_tensor(file, kWeights + item.key(), item.value()));
  for (const auto& item : model.named_buffers())
    item.value().data().copy_(read_tensor(file, kWeights + item.key(), item.value()));
  optimizer.set_steps(adam_steps);
  for (const Adam::Moments& moments : optimizer.moments()) {
    if (adam_steps == 0) break;
    moments.mean.copy_(read_tensor(file, kMean + moments.name, moments.mean));
    moments.square.copy_(read_tensor(file, kSquare + moments.name, moments.square));
  }
  const at::Generator generator = at::detail::getDefaultCPUGenerator();
  state.generator = read_tensor(file, kGenerator, generator.get_state());
  return state;
}

}  // namespace reconproof::baseline
