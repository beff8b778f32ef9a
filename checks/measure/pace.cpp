// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/pace.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::checks {
namespace {

using nlohmann::json;

constexpr double kPacePatience = 300;  // a slow CPU takes some seconds a slice

system::ProcessSpec pace_command(const challenge::Reference& reference,
                                 const std::filesystem::path& program) {
  system::ProcessSpec spec;
  spec.argv = {
      program.string(), "pace",
      "--cascades",     std::to_string(reference.network.cascades),
      "--chans",        std::to_string(reference.network.chans),
      "--sens-chans",   std::to_string(reference.network.sens_chans),
      "--shape",        fmt::format("{}x{}x{}", reference.coils, reference.rows, reference.columns),
      "--json"};
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"LANG", "C.UTF-8"}};
  // Where LibTorch lies elsewhere.
  if (const char* libraries = std::getenv("LD_LIBRARY_PATH"))
    spec.env["LD_LIBRARY_PATH"] = libraries;
  spec.timeout_s = kPacePatience;
  spec.split_stderr = true;
  return spec;
}

std::string failure(const system::ProcessResult& run) {
  if (!run.start_error.empty()) return run.start_error;
  if (run.timed_out) return fmt::format("it took more than {} s", kPacePatience);
  std::string words = run.error_output.substr(0, run.error_output.find('\n'));
  if (words.empty()) words = fmt::format("exit code {}", run.exit_code);
  return system::printable(words);
}

}  // namespace

MeasuredPace measure_pace(const challenge::Reference& reference, const system::HostInfo& host,
                          const std::filesystem::path& program) {
  std::error_code ignored;
  if (!std::filesystem::exists(program, ignored))
    return {{}, fmt::format("the baseline is not beside the harness ({})", program.string())};
  const system::ProcessResult run = system::run_process(pace_command(reference, program));
  if (!run.ok()) return {{}, "the baseline could not be timed here: " + failure(run)};
  const json answer = json::parse(run.output, nullptr, false);
  const json& time = answer.is_object() ? answer.value("ms_per_slice", json()) : json();
  if (!time.is_number() || !(time.get<double>() > 0))
    return {{}, "the baseline could not be timed here: it printed no ms_per_slice"};
  const bool gpu = answer.value("device", "cpu") == "cuda";
  if (!gpu && !host.gpus.empty())
    return {{}, "the baseline is built for the CPU and says nothing about " + host.gpus.front()};
  const std::string device = gpu && !host.gpus.empty() ? host.gpus.front() : host.cpu;
  return {Pace{time.get<double>(), gpu, device}, ""};
}

}  // namespace reconproof::checks
