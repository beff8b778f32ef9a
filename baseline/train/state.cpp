// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/state.h"

#include <map>
#include <sstream>

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

/// The key under which an optimizer keeps the state of a parameter: a text until LibTorch 2.0, then
/// the address itself.
template <typename Key>
Key key_of(const torch::Tensor& parameter) {
  if constexpr (std::is_same_v<Key, std::string>) {
    std::ostringstream text;  // as c10::guts::to_string of LibTorch 1.13 writes it
    text << parameter.unsafeGetTensorImpl();
    return text.str();
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

std::map<std::string, torch::Tensor> named_parameters(const torch::nn::Module& model) {
  std::map<std::string, torch::Tensor> parameters;
  for (const auto& item : model.named_parameters()) parameters[item.key()] = item.value();
  return parameters;
}

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
                const torch::nn::Module& model, torch::optim::Adam& optimizer) {
  std::map<std::string, torch::Tensor> values;  // own what the tensors to be written point to
  for (const auto& [name, tensor] : named_weights(model)) values[kWeights + name] = tensor;
  int64_t adam_steps = 0;
  const auto& states = optimizer.state();
  using Key = std::decay_t<decltype(states)>::key_type;
  for (const auto& [name, parameter] : named_parameters(model)) {
    const auto slot = states.find(key_of<Key>(parameter));
    if (slot == states.end()) continue;  // before the first step
    const auto& adam = static_cast<const torch::optim::AdamParamState&>(*slot->second);
    values[kMean + name] = on_cpu(adam.exp_avg());
    values[kSquare + name] = on_cpu(adam.exp_avg_sq());
    adam_steps = adam.step();
  }
  values[kGenerator] = state.generator;

  formats::write_safetensors(path,
                             {{"schema", kSchema},
                              {"schema_version", kVersion},
                              {"config", config.dump()},
                              {"progress", progress_json(state, adam_steps).dump()}},
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

TrainState load_state(const fs::path& path, torch::nn::Module& model,
                      torch::optim::Adam& optimizer) {
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
  if (!is_plausible(state)) {
    fail(Code::kCorrupt, "{}: metadata 'progress' is of no training: {}", path.string(),
         progress.dump());
  }
  for (const auto& item : model.named_parameters())
    item.value().data().copy_(read_tensor(file, kWeights + item.key(), item.value()));
  for (const auto& item : model.named_buffers())
    item.value().data().copy_(read_tensor(file, kWeights + item.key(), item.value()));
  using Key = std::decay_t<decltype(optimizer.state())>::key_type;
  for (const auto& [name, parameter] : named_parameters(model)) {
    if (adam_steps == 0) break;
    auto adam = std::make_unique<torch::optim::AdamParamState>();
    adam->step(adam_steps);
    adam->exp_avg(read_tensor(file, kMean + name, parameter).to(parameter.device()));
    adam->exp_avg_sq(read_tensor(file, kSquare + name, parameter).to(parameter.device()));
    optimizer.state()[key_of<Key>(parameter)] = std::move(adam);
  }
  const at::Generator generator = at::detail::getDefaultCPUGenerator();
  state.generator = read_tensor(file, kGenerator, generator.get_state());
  return state;
}

}  // namespace reconproof::baseline
