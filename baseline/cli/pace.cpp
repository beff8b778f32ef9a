// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "baseline/cli/commands.h"
#include "baseline/device.h"
#include "baseline/train/step_time.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

constexpr CommandHelp kPaceHelp = {
    "reconproof-baseline pace [options] [--json]",
    "How long the VarNet's forward pass takes for one slice on this machine: the GPU where there "
    "is one,\n"
    "else the CPU. The weights are random, which changes nothing about the time. `reconproof "
    "check` "
    "predicts\n"
    "times on the official GPU by it.",
    "reconproof-baseline pace --shape 15x640x368 --slices 5 --threads 4 --json"};

constexpr int64_t kMostPacedExtent = 4096;

struct PaceArguments {
  VarnetSizes sizes;
  std::string shape = "15x640x368", backend = "libtorch";
  int64_t slices = 5;
  int threads = 0;
  bool training = false, recompute = false;
};

po::options_description describe(PaceArguments& a) {
  po::options_description options("Options");
  auto add = options.add_options();
  add("cascades", option(a.sizes.cascades, "N"), "cascades");
  add("chans", option(a.sizes.chans, "N"), "channels of a cascade's U-Net");
  add("sens-chans", option(a.sizes.sens_chans, "N"), "channels of the sensitivity network");
  add("shape", option(a.shape, "CxHxW"), "coils, rows and columns of the k-space");
  add("slices", option(a.slices, "N"), "slices that are timed; their median counts");
  add("backend", option(a.backend, "B"),
      "libtorch, which teams' own programs are like, engine (what `reconstruct` takes on a "
      "processor), graph (on a GPU) or auto");
  add("training", po::bool_switch(&a.training),
      "steps of a training instead: forward pass, loss, backward pass, Adam");
  add("gradient-checkpointing", po::bool_switch(&a.recompute), "with --training: as there");
  add("threads", option(a.threads, "N"), "CPU threads (0: all available cores)");
  add("json", "as JSON");
  return options;
}

SliceShape shape_of(const std::string& text) {
  SliceShape shape;
  int end = 0;
  const int read = std::sscanf(text.c_str(), "%4ldx%4ldx%4ld%n", &shape.coils, &shape.rows,
                               &shape.columns, &end);
  if (read != 3 || static_cast<size_t>(end) != text.size() || shape.coils < 1 || shape.rows < 32 ||
      shape.columns < 32 || std::max(shape.rows, shape.columns) > kMostPacedExtent) {
    fail(Code::kInvalidArgument,
         "--shape {}: expected COILSxROWSxCOLUMNS such as 15x640x368, rows and columns from 32 to "
         "{}",
         text, kMostPacedExtent);
  }
  return shape;
}

}  // namespace

system::ExitCode run_pace(int argc, char** argv) {
  PaceArguments a;
  const auto values = parse_options(argc, argv, kPaceHelp, describe(a));
  if (!values) return system::ExitCode::kPass;
  require_at_least("--slices", static_cast<double>(a.slices), 1);
  require_at_least("--threads", a.threads, 0);
  if (const std::string absurd = challenge::absurd_size_reason(a.sizes); !absurd.empty())
    fail(Code::kInvalidArgument, "{}", absurd);
  if (a.recompute && !a.training)
    fail(Code::kUsage, "pace: --gradient-checkpointing goes with --training");
  const SliceShape shape = shape_of(a.shape);
  set_threads(a.threads);
  const torch::Device device = compute_device();
  const Backend backend = backend_of(a.backend);
  const SliceTime time = a.training
                             ? time_steps(a.sizes, shape, a.slices, device, backend, a.recompute)
                             : time_slices(a.sizes, shape, a.slices, device, backend);
  const char* kind = device.is_cuda() ? "cuda" : "cpu";
  if (values->count("json") == 0) {
    fmt::print("{:.1f} ms a {} on {} ({:.1f} to {:.1f}; {} times, {} threads)\n", time.median_ms,
               a.training ? "training step" : "slice", kind, time.least_ms, time.most_ms, a.slices,
               at::get_num_threads());
    return system::ExitCode::kPass;
  }
  nlohmann::ordered_json json = {{"schema", "reconproof.pace"},
                                 {"schema_version", 1},
                                 {"device", kind},
                                 {"backend", a.backend},
                                 {"training", a.training},
                                 {"gradient_checkpointing", a.recompute},
                                 {"threads", at::get_num_threads()},
                                 {"cascades", a.sizes.cascades},
                                 {"chans", a.sizes.chans},
                                 {"sens_chans", a.sizes.sens_chans},
                                 {"coils", shape.coils},
                                 {"rows", shape.rows},
                                 {"columns", shape.columns},
                                 {"slices", a.slices},
                                 {"ms_per_slice", time.median_ms},
                                 {"least_ms", time.least_ms},
                                 {"most_ms", time.most_ms},
                                 {"peak_bytes", nullptr}};
  if (time.peak_bytes) json["peak_bytes"] = *time.peak_bytes;
  fmt::print("{}\n", json.dump(2));
  return system::ExitCode::kPass;
}

}  // namespace reconproof::baseline
