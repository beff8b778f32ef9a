// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/reconstruct.h"

#include <fmt/format.h>

#include "baseline/cli/commands.h"
#include "baseline/infer/compare.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

constexpr CommandHelp kHelp = {
    "reconproof reconstruct --edition E --weights FILE --data DIR --out DIR [options]",
    "Reconstructs every cell of the leaderboard with trained weights.",
    "reconproof reconstruct --edition snu-2025 \\\n"
    "    --weights result/varnet/checkpoints/best_model.safetensors \\\n"
    "    --data Data/leaderboard --out result/varnet/reconstructions_leaderboard"};

}  // namespace

system::ExitCode run_reconstruct(int argc, char** argv) {
  std::string edition = kDefaultEdition, weights, data, out, reference;
  int threads = 0;
  double max_nmse = 0;
  po::options_description options("Options");
  auto add = options.add_options();
  add("edition", option(edition, "E"), "edition of the challenge");
  add("weights", required(weights, "FILE"),
      "checkpoint (.safetensors); kind and sizes of the network come from it");
  add("data", required(data, "DIR"), "leaderboard data: DIR/<cell>/kspace/*.h5");
  add("out", required(out, "DIR"), "folder for <cell>/*.h5");
  add("threads", option(threads, "N"), "CPU threads (0: all available cores)");
  add("ref", po::value(&reference)->value_name("DIR"),
      "reconstructions to compare with, laid out like --out");
  add("max-nmse", po::value(&max_nmse)->value_name("X"),
      "exit with 5 when a volume differs from --ref by a larger normalised mean squared error");
  const auto values = parse_options(argc, argv, kHelp, options);
  if (!values) return system::ExitCode::kPass;
  require_at_least("--threads", threads, 0);
  if (values->count("ref") != values->count("max-nmse")) {
    system::fail(system::Code::kUsage, "reconstruct: --ref and --max-nmse go together");
  }
  const challenge::Edition& rules = challenge::find_edition(edition);
  reconstruct(rules, weights, data, out, threads);
  if (reference.empty()) return system::ExitCode::kPass;
  bool reproduced = true;
  for (const VolumeDifference& difference : compare_reconstructions(rules, out, reference)) {
    fmt::print("{} {} nmse {:.3e}\n", difference.cell, difference.volume, difference.nmse);
    reproduced = reproduced && difference.nmse <= max_nmse;  // false for NaN
  }
  return reproduced ? system::ExitCode::kPass : system::ExitCode::kNotReproduced;
}

}  // namespace reconproof::baseline
