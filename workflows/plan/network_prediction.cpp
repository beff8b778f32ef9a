// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/network_prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::workflows {
namespace {

using nlohmann::json;
using system::Code;
using system::fail;

constexpr const char* kSchema = "reconproof.network-plan";
constexpr int64_t kVersion = 1, kMostAnswer = int64_t{64} << 20;
constexpr double kPatience = 300;

std::string shape_option(const std::vector<formats::Shape>& shapes) {
  std::string text;
  for (const formats::Shape& shape : shapes)
    text += fmt::format("{}{}x{}x{}", text.empty() ? "" : ",", shape[0], shape[1], shape[2]);
  return text;
}

std::vector<std::string> command_line(const std::string& program, const NetworkQuestion& question) {
  std::vector<std::string> argv = {program, "plan", "--json", "--model", question.model};
  const auto add = [&argv](const char* option, const std::string& value) {
    argv.insert(argv.end(), {option, value});
  };
  add("--cascades", fmt::format("{}", fmt::join(question.cascades, ",")));
  add("--chans", fmt::format("{}", fmt::join(question.chans, ",")));
  add("--sens-chans", std::to_string(question.sens_chans));
  add("--pools", std::to_string(question.pools));
  add("--shape", shape_option(question.shapes));
  add("--image-size", std::to_string(question.image_size));
  add("--batch-size", std::to_string(question.batch_size));
  add("--precision", question.precision);
  add("--threads", std::to_string(question.threads));
  if (question.gradient_checkpointing) argv.push_back("--gradient-checkpointing");
  return argv;
}

/// What the program needs to find LibTorch, the GPU, and what was calibrated.
std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> env = {{"PATH", "/usr/bin:/bin"}, {"LANG", "C.UTF-8"}};
  for (const char* name : {"LD_LIBRARY_PATH", "XDG_CACHE_HOME", "HOME", "CUDA_VISIBLE_DEVICES"}) {
    if (const char* value = std::getenv(name)) env[name] = value;
  }
  return env;
}

std::optional<double> number(const json& value) {
  if (value.is_null()) return std::nullopt;
  return value.get<double>();
}

ShapePrediction shape_from(const json& value) {
  ShapePrediction prediction;
  prediction.shape = value.at("shape").get<formats::Shape>();
  value.at("inference_bytes").get_to(prediction.inference_bytes);
  value.at("training_bytes").get_to(prediction.training_bytes);
  value.at("gpu_inference_bytes").get_to(prediction.gpu_inference_bytes);
  value.at("gpu_training_bytes").get_to(prediction.gpu_training_bytes);
  value.at("gpu_checkpointed_bytes").get_to(prediction.gpu_checkpointed_bytes);
  prediction.inference_ms = number(value.at("inference_ms"));
  prediction.training_ms = number(value.at("training_ms"));
  return prediction;
}

NetworkPrediction network_from(const json& value) {
  NetworkPrediction network;
  value.at("model").get_to(network.model);
  value.at("sizes").get_to(network.sizes);
  value.at("parameters").get_to(network.parameters);
  for (const json& shape : value.at("shapes")) network.shapes.push_back(shape_from(shape));
  return network;
}

}  // namespace

const ShapePrediction& NetworkPrediction::of(const formats::Shape& shape) const {
  const auto found = std::ranges::find(shapes, shape, &ShapePrediction::shape);
  return found == shapes.end() ? shapes.front() : *found;
}

NetworkAnswer parse_answer(std::string_view text, const std::string& name) {
  const json document = formats::parse_schema_json(text, name, kSchema, kVersion);
  try {
    NetworkAnswer answer;
    const json& device = document.at("device");
    answer.device = {device.at("kind").get<std::string>(), device.at("name").get<std::string>(),
                     device.at("libtorch").get<std::string>(), device.at("threads").get<int64_t>()};
    if (const json& calibration = document.at("calibration"); !calibration.is_null()) {
      answer.calibration = {calibration.at("measured_at").get<int64_t>(),
                            calibration.at("inference_residual").get<double>(),
                            calibration.at("training_residual").get<double>()};
    }
    for (const json& network : document.at("networks"))
      answer.networks.push_back(network_from(network));
    return answer;
  } catch (const json::exception& error) {
    fail(Code::kCorrupt, "{}: not what this version of the baseline prints ({}); build both anew",
         name, error.what());
  }
}

NetworkAnswer ask_baseline(const NetworkQuestion& question) {
  const std::filesystem::path program =
      system::self_executable().parent_path() / "reconproof-baseline";
  std::error_code ignored;
  if (!std::filesystem::exists(program, ignored)) {
    fail(Code::kNotFound,
         "{}: not there; it predicts, is built with LibTorch, and lies beside "
         "reconproof (`make build`)",
         program.string());
  }
  system::ProcessSpec spec;
  spec.argv = command_line(program.string(), question);
  spec.env = environment();
  spec.timeout_s = kPatience;
  spec.split_stderr = true;
  spec.capture_bytes = kMostAnswer;
  const system::ProcessResult run = system::run_process(spec);
  if (!run.ok()) {
    const std::string words = run.error_output.substr(0, run.error_output.find('\n'));
    fail(run.exit_code == 2 ? Code::kUsage : Code::kInternal, "plan: {}",
         !run.start_error.empty() ? run.start_error
         : words.empty() ? fmt::format("the baseline ended with exit code {}", run.exit_code)
                         : words.substr(words.find(": ") + 2));
  }
  return parse_answer(run.output, "reconproof-baseline plan");
}

}  // namespace reconproof::workflows
