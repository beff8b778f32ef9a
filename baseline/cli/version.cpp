// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <fmt/core.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>

#include "baseline/cli/commands.h"
#include "baseline/device.h"
#include "challenge/edition.h"

namespace reconproof::baseline {
namespace {

constexpr CommandHelp kVersionHelp = {"reconproof-baseline version [--json]",
                                      "Versions of program and LibTorch, CUDA, threads.",
                                      "reconproof-baseline version --json"};

}  // namespace

system::ExitCode run_version(int argc, char** argv) {
  po::options_description options("Options");
  options.add_options()("json", "as JSON");
  const auto values = parse_options(argc, argv, kVersionHelp, options);
  if (!values) return system::ExitCode::kPass;
  set_threads(0);  // as the other commands do where --threads is not given
  const bool cuda = torch::cuda::is_available();
  if (values->count("json") == 0) {
    fmt::print("reconproof-baseline {}\nLibTorch {}\nCUDA available: {}\n{}", RECONPROOF_VERSION,
               TORCH_VERSION, cuda ? "yes" : "no", at::get_parallel_info());
    return system::ExitCode::kPass;
  }
  const nlohmann::ordered_json json = {{"schema", "reconproof.baseline-version"},
                                       {"schema_version", 1},
                                       {"version", RECONPROOF_VERSION},
                                       {"libtorch", TORCH_VERSION},
                                       {"cuda_available", cuda},
                                       {"cuda_devices", cuda ? torch::cuda::device_count() : 0},
                                       {"available_cores", available_cores()},
                                       {"rules_sha256", challenge::rules_sha256()},
                                       {"parallel", at::get_parallel_info()}};
  fmt::print("{}\n", json.dump(2));
  return system::ExitCode::kPass;
}

}  // namespace reconproof::baseline
