// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/reconstruct.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "baseline/cli/commands.h"
#include "baseline/infer/classical.h"
#include "baseline/infer/compare.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::ExitCode;
using system::fail;

constexpr const char* kNetwork = "network";

constexpr CommandHelp kReconstructHelp = {
    "reconproof reconstruct --edition E --weights FILE --data DIR --out DIR [options]\n"
    "       reconproof reconstruct --method M --data DIR --out DIR [options]\n"
    "       reconproof reconstruct --method grappa --into-image DIR [options]",
    "Reconstructs every cell of the leaderboard with trained weights, or by a classical method: "
    "zero-filled,\n"
    "grappa, cg-sense. Prints what it took.",
    "reconproof reconstruct --edition snu-2025 \\\n"
    "    --weights result/varnet/checkpoints/best_model.safetensors \\\n"
    "    --data Data/leaderboard --out result/varnet/reconstructions_leaderboard\n"
    "reconproof reconstruct --method cg-sense --data Data/leaderboard --out result/cg-sense\n"
    "reconproof reconstruct --method grappa --into-image Data"};

struct ReconstructArguments {
  std::string edition = kDefaultEdition, method = kNetwork, weights, data, out, into_image,
              reference, kernel = "5x4", maps, backend = "auto";
  double lambda = 0, max_nmse = 0;
  int64_t iterations = CgSenseOptions().iterations;
  int threads = 0;
  bool magnitude = false, force = false;
};

po::typed_value<std::string>* text(std::string& target, const char* placeholder) {
  return po::value(&target)->value_name(placeholder);
}

po::options_description describe(ReconstructArguments& a) {
  po::options_description options("Options");
  auto add = options.add_options();
  add("edition", option(a.edition, "E"), "edition of the challenge");
  add("method", option(a.method, "M"), "network, zero-filled, grappa or cg-sense");
  add("weights", text(a.weights, "FILE"),
      "network: checkpoint (.safetensors, or the official .pt); kind and sizes of the network come "
      "from it");
  add("data", text(a.data, "DIR"), "leaderboard data: DIR/<cell>/kspace/*.h5");
  add("out", text(a.out, "DIR"), "folder for <cell>/*.h5");
  add("into-image", text(a.into_image, "DIR"),
      "grappa: instead of --data and --out, fill image_grappa of DIR/image/*.h5 from "
      "DIR/kspace/*.h5, of a folder with both or of train/, val/ and the cells of leaderboard/");
  add("force", po::bool_switch(&a.force), "--into-image: replace image_grappa that is there");
  add("backend", option(a.backend, "B"),
      "network: auto, engine (VarNets on a processor; several times as fast), libtorch (the "
      "network as it is trained), or graph (on a GPU, its kernels launched at once); auto takes "
      "the engine where it can, else libtorch");
  add("threads", option(a.threads, "N"), "CPU threads (0: all available cores)");
  add("ref", text(a.reference, "DIR"), "reconstructions to compare with, laid out like --out");
  add("max-nmse", po::value(&a.max_nmse)->value_name("X"),
      "exit with 5 when a volume differs from --ref by a larger normalised mean squared error");
  add("kernel", option(a.kernel, "RxC"),
      "grappa: rows (odd) and sampled columns that a missing sample is made of");
  add("lambda", po::value(&a.lambda)->value_name("X"),
      "weight of the regularisation; grappa: 0.01 of the mean eigenvalue, cg-sense: 0.02");
  add("iterations", option(a.iterations, "N"), "cg-sense: conjugate gradient steps, at most");
  add("maps", text(a.maps, "FILE.npy"),
      "cg-sense: coil sensitivities, complex64 (coils, H, W) or (slices, coils, H, W); default: "
      "from the ACS");
  add("magnitude", po::bool_switch(&a.magnitude),
      "cg-sense: write |x| itself, not the coil images with the measured samples put back");
  return options;
}

/// Options that would be ignored are refused: whoever gave them expects an effect.
void expect_fitting(const po::variables_map& values, const ReconstructArguments& a) {
  const auto given = [&](const char* name) {
    return values.count(name) != 0 && !values[name].defaulted();
  };
  const auto only_for = [&](const char* name, std::initializer_list<std::string_view> methods) {
    if (given(name) && std::find(methods.begin(), methods.end(), a.method) == methods.end()) {
      fail(Code::kUsage, "reconstruct: --{} goes with --method {}, not {}", name,
           fmt::join(methods, " or "), a.method);
    }
  };
  for (const char* name : {"weights", "backend"}) only_for(name, {kNetwork});
  only_for("kernel", {"grappa"});
  only_for("into-image", {"grappa"});
  only_for("lambda", {"grappa", "cg-sense"});
  for (const char* name : {"iterations", "maps", "magnitude"}) only_for(name, {"cg-sense"});
  if (given("ref") != given("max-nmse"))
    fail(Code::kUsage, "reconstruct: --ref and --max-nmse go together");
  if (given("force") && a.into_image.empty())
    fail(Code::kUsage, "reconstruct: --force goes with --into-image");
  if (a.into_image.empty()) {
    for (const char* name : {"data", "out"})
      if (!given(name)) fail(Code::kUsage, "reconstruct: the option '--{}' is required", name);
    if (a.method == kNetwork && !given("weights"))
      fail(Code::kUsage, "reconstruct: the option '--weights' is required for --method network");
  } else if (given("data") || given("out") || given("ref")) {
    fail(Code::kUsage, "reconstruct: --into-image stands in place of --data, --out and --ref");
  }
}

/// "5x4".
void read_kernel(const std::string& text, GrappaOptions& options) {
  const char* end = text.data() + text.size();
  const auto rows = std::from_chars(text.data(), end, options.kernel_rows);
  if (rows.ec == std::errc() && rows.ptr < end && *rows.ptr == 'x') {
    const auto columns = std::from_chars(rows.ptr + 1, end, options.kernel_columns);
    if (columns.ec == std::errc() && columns.ptr == end && options.kernel_rows >= 1 &&
        options.kernel_rows <= 15 && options.kernel_rows % 2 == 1 && options.kernel_columns >= 2 &&
        options.kernel_columns <= 8)
      return;
  }
  fail(Code::kInvalidArgument,
       "--kernel {}: expected ROWSxCOLUMNS such as 5x4, rows odd from 1 to 15, columns from 2 to 8",
       text);
}

ClassicalRun classical_run(const po::variables_map& values, const ReconstructArguments& a) {
  ClassicalRun run;
  run.options.method = classical_method(a.method);
  read_kernel(a.kernel, run.options.grappa);
  if (values.count("lambda") != 0) {
    require_at_least("--lambda", a.lambda, 0);
    run.options.grappa.lambda = run.options.sense.lambda = a.lambda;
  }
  require_at_least("--iterations", static_cast<double>(a.iterations), 1);
  run.options.sense.iterations = a.iterations;
  run.options.magnitude = a.magnitude;
  run.maps = a.maps;
  run.threads = a.threads;
  return run;
}

RunCost run_method(const challenge::Edition& edition, const po::variables_map& values,
                   const ReconstructArguments& a) {
  if (a.method == kNetwork) {
    return reconstruct(edition, a.weights, a.data, a.out, a.threads, backend_of(a.backend));
  }
  const ClassicalRun run = classical_run(values, a);
  if (a.into_image.empty()) return reconstruct_classical(edition, run, a.data, a.out);
  return fill_image_grappa(edition, run, a.into_image, a.force);
}

ExitCode compare_with_reference(const challenge::Edition& edition, const ReconstructArguments& a) {
  bool reproduced = true;
  for (const VolumeDifference& difference : compare_reconstructions(edition, a.out, a.reference)) {
    fmt::print("{} {} nmse {:.3e}\n", difference.cell, difference.volume, difference.nmse);
    reproduced = reproduced && difference.nmse <= a.max_nmse;  // false for NaN
  }
  return reproduced ? ExitCode::kPass : ExitCode::kNotReproduced;
}

}  // namespace

ExitCode run_reconstruct(int argc, char** argv) {
  ReconstructArguments a;
  const auto values = parse_options(argc, argv, kReconstructHelp, describe(a));
  if (!values) return ExitCode::kPass;
  require_at_least("--threads", a.threads, 0);
  const challenge::Edition& edition = challenge::find_edition(a.edition);
  if (a.method != kNetwork) classical_method(a.method);  // an unknown one is told before all else
  expect_fitting(*values, a);
  fmt::print("{}", cost_table(run_method(edition, *values, a)));
  return a.reference.empty() ? ExitCode::kPass : compare_with_reference(edition, a);
}

}  // namespace reconproof::baseline
