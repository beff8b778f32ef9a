// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/edition_option.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"
#include "workflows/plan/deadline.h"
#include "workflows/plan/plan_output.h"
#include "workflows/plan/probe.h"
#include "workflows/plan/scale.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::ExitCode;
using system::fail;
using workflows::Plan;

constexpr int64_t kMostLog = int64_t{256} << 20;

constexpr CommandHelp kPlanHelp = {
    "reconproof plan --edition E [--data DIR | --shape CxHxW] [--cascades N --chans N ...]\n"
    "       reconproof plan --calibrate\n"
    "       reconproof plan --log train.log --deadline MOMENT [--epochs N]\n"
    "       reconproof plan --probe --edition E --data DIR -- COMMAND",
    "Before the first epoch: does a network fit the edition's limits of memory and time, which "
    "ones\n"
    "do, and when must the final training begin? (docs/planning.md)\n"
    "Exit codes: 0 fits, 1 a limit would be exceeded, 6 it cannot be said.",
    "reconproof plan --calibrate\n"
    "reconproof plan --edition snu-2025 --data /root/Data --cascades 4 --chans 12\n"
    "reconproof plan --edition snu-2025 --shape 16x768x396 --cascades 8 --gradient-checkpointing\n"
    "reconproof plan --edition snu-2025 --log train.log --deadline 2026-08-20T18:00+09:00 --epochs "
    "20\n"
    "reconproof plan --edition snu-2025 --probe --data /root/Data/train -- \\\n"
    "    python3 train.py -b 1 -e 5 -n probe -t {data} -v {data}"};

struct Typed {
  EditionOption edition;
  workflows::NetworkQuestion network;
  int64_t cascades = 1, chans = 9;
  std::string shape, data, log, deadline, now, project = ".";
  int64_t slices = 0, volumes = 0, epochs = 0, updates = 6;
  double reserve_h = -1, timeout_s = 1800;
  std::vector<std::string> command;
};

po::options_description network_options(Typed& t) {
  po::options_description options("Network");
  auto add = options.add_options();
  workflows::NetworkQuestion& n = t.network;
  add("model", po::value(&n.model)->default_value(n.model), "varnet, or unet (small)");
  add("cascades", po::value(&t.cascades)->default_value(t.cascades), "cascades");
  add("chans", po::value(&t.chans)->default_value(t.chans), "channels of a cascade's U-Net");
  add("sens-chans", po::value(&n.sens_chans)->default_value(n.sens_chans),
      "channels of the sensitivity network");
  add("pools", po::value(&n.pools)->default_value(n.pools), "poolings of each U-Net");
  add("batch-size", po::value(&n.batch_size)->default_value(n.batch_size),
      "slices that the U-Net takes together; of a probed training, those of an update");
  add("gradient-checkpointing", po::bool_switch(&n.gradient_checkpointing), "training with it");
  add("precision", po::value(&n.precision)->default_value(n.precision),
      "of the convolutions: fp32, fp16 or bf16; times are predicted for fp32 alone");
  return options;
}

po::options_description data_options(Typed& t) {
  po::options_description options("Data and limits");
  t.edition.add_to(options);
  auto add = options.add_options();
  add("data", po::value(&t.data)->value_name("DIR"),
      "a training set, or a folder with train/, val/, leaderboard/: headers alone are read");
  add("shape", po::value(&t.shape)->value_name("CxHxW"),
      "instead: coils, rows and columns of every slice");
  add("slices", po::value(&t.slices)->value_name("N"), "slices of a volume (without data: 16)");
  add("volumes", po::value(&t.volumes)->value_name("N"), "volumes of the training set");
  add("threads", po::value(&t.network.threads)->default_value(0), "CPU threads (0: all cores)");
  add("calibrate", "measure for a minute how fast this device is, and keep it");
  add("json", "print the result as JSON (docs/formats/plan.md)");
  return options;
}

po::options_description time_options(Typed& t) {
  po::options_description options("Deadline");
  auto add = options.add_options();
  add("deadline", po::value(&t.deadline)->value_name("MOMENT"),
      "plan backwards from it; with its offset from UTC: 2026-08-20T18:00+09:00");
  add("log", po::value(&t.log)->value_name("FILE"),
      "log of a training so far (official lines); without it the predicted epoch counts");
  add("epochs", po::value(&t.epochs)->value_name("N"),
      "of the final training; else as many as the log's");
  add("reserve", po::value(&t.reserve_h)->value_name("HOURS"),
      "time to keep free behind the training; else four reconstructions and half an hour");
  add("project", po::value(&t.project)->default_value(t.project)->value_name("DIR"),
      "repository whose last check says how long a reconstruction takes");
  add("now", po::value(&t.now)->value_name("MOMENT"), "plan as if it were then");
  return options;
}

po::options_description probe_options(Typed& t) {
  po::options_description options("Probe");
  auto add = options.add_options();
  add("probe",
      "run COMMAND, a training of yours, on the largest volume of --data, which stands where the "
      "command has {data}; stop it after some updates");
  add("updates", po::value(&t.updates)->default_value(t.updates), "updates to make");
  add("timeout", po::value(&t.timeout_s)->default_value(t.timeout_s), "seconds for all of it");
  return options;
}

int64_t now_of(const Typed& t) {
  if (t.now.empty()) return std::time(nullptr);
  return workflows::parse_moment_option("--now", t.now).moment_s;
}

void check(const Typed& t) {
  const auto at_least = [](const char* option, double value, double least) {
    if (!(value >= least))
      fail(Code::kInvalidArgument, "plan: {} is {}, expected {} or more", option, value, least);
  };
  at_least("--slices", static_cast<double>(t.slices), 0);
  at_least("--volumes", static_cast<double>(t.volumes), 0);
  at_least("--epochs", static_cast<double>(t.epochs), 0);
  at_least("--updates", static_cast<double>(t.updates), 2);
  at_least("--timeout", t.timeout_s, 1);
  expect_threads("plan", t.network.threads);
}

Plan predicted(Typed& t) {
  static challenge::Edition edition;  // the plan refers to its rules
  edition = t.edition.load();
  workflows::PlanInputs inputs;
  inputs.edition = &edition;
  workflows::ScaleOptions options{{}, t.slices, t.volumes};
  if (!t.shape.empty()) options.shape = workflows::parse_shape(t.shape);
  const workflows::PlanData data =
      t.data.empty() ? workflows::PlanData() : workflows::plan_data(edition, t.data);
  inputs.scale = workflows::make_scale(edition, data, options);
  inputs.question = t.network;
  inputs.question.cascades = {t.cascades};
  inputs.question.chans = {t.chans};
  inputs.question.shapes = workflows::shapes_of(inputs.scale);
  inputs.question.image_size = edition.image_size > 0 ? edition.image_size : 320;
  inputs.now = now_of(t);
  return workflows::ask_and_plan(inputs);
}

ExitCode run_prediction(Typed& t, bool as_json) {
  const Plan plan = predicted(t);
  fmt::print("{}", as_json ? formats::canonical_json(workflows::plan_json(plan))
                           : workflows::plan_text(plan));
  return static_cast<ExitCode>(workflows::exit_code(plan));
}

ExitCode run_probe(Typed& t, bool as_json) {
  if (t.data.empty())
    fail(Code::kUsage, "plan: --probe needs --data DIR, a training set with kspace/ and image/");
  const challenge::Edition edition = t.edition.load();
  const workflows::PlanData data = workflows::plan_data(edition, t.data);
  if (!data.train) {
    fail(Code::kNotFound, "{}: no training set (kspace/*.h5, or train/kspace/*.h5)", t.data);
  }
  workflows::ProbeOptions options;
  options.data = *data.train;
  options.command = t.command;
  options.project = t.project;
  options.updates = t.updates;
  options.timeout_s = t.timeout_s;
  const workflows::PlanScale scale =
      workflows::make_scale(edition, data, {{}, t.slices, t.volumes});
  checks::CheckedGpu gpu(edition.find_rule("memory.gpu"));
  std::optional<workflows::ProbedTraining> training;
  if (!t.command.empty()) training = workflows::probe_training(options, gpu);
  const workflows::Probe probe = workflows::judge_probe(
      edition, scale, training, workflows::probe_reconstruction(options, edition, gpu),
      t.network.batch_size);
  fmt::print("{}", as_json ? formats::canonical_json(workflows::probe_json(probe))
                           : workflows::probe_text(probe));
  return static_cast<ExitCode>(workflows::exit_code(probe));
}

workflows::EpochTime epoch_of(Typed& t) {
  if (!t.log.empty()) return workflows::epoch_time_of(system::read_file(t.log, kMostLog), t.log);
  return workflows::predicted_epoch(predicted(t));
}

ExitCode run_deadline(Typed& t, bool as_json, bool has_edition) {
  const workflows::Deadline deadline = workflows::parse_moment_option("--deadline", t.deadline);
  std::optional<challenge::Edition> edition;
  if (has_edition) edition = t.edition.load();
  const workflows::EpochTime epoch = epoch_of(t);
  const workflows::Reserve reserve =
      workflows::reserve_for(t.reserve_h >= 0 ? std::optional(t.reserve_h) : std::nullopt,
                             t.project, edition ? &*edition : nullptr);
  const workflows::BackwardPlan plan =
      workflows::plan_backwards(deadline, now_of(t), epoch, reserve, t.epochs);
  fmt::print("{}", as_json ? formats::canonical_json(workflows::backward_json(plan))
                           : workflows::backward_text(plan));
  return plan.fits() ? ExitCode::kPass : ExitCode::kRuleBroken;
}

}  // namespace

ExitCode run_plan(int argc, char** argv) {
  Typed t;
  po::options_description options, hidden;
  options.add(data_options(t)).add(network_options(t)).add(time_options(t)).add(probe_options(t));
  // What follows -- is the command, options of its own included.
  const auto separator = std::find(argv, argv + argc, std::string_view("--"));
  if (separator != argv + argc) t.command.assign(separator + 1, argv + argc);
  const int own = static_cast<int>(separator - argv);
  const auto values = parse_options(own, argv, kPlanHelp, options);
  if (!values) return ExitCode::kPass;
  check(t);
  const bool as_json = values->count("json") > 0;
  if (values->count("calibrate")) return run_baseline(own, argv);
  if (values->count("probe") == 0 && !t.command.empty())
    fail(Code::kUsage, "plan: a command after -- is for --probe");
  if (values->count("probe")) return run_probe(t, as_json);
  if (!t.deadline.empty())
    return run_deadline(t, as_json, values->count("edition") + values->count("rules") > 0);
  if (!t.log.empty())
    fail(Code::kUsage, "plan: --log needs --deadline, such as --deadline 2026-08-20T18:00+09:00");
  return run_prediction(t, as_json);
}

}  // namespace reconproof::cli
