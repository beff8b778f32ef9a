// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/cli.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <array>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "baseline/device.h"
#include "baseline/infer/compare.h"
#include "baseline/infer/reconstruct.h"
#include "baseline/train/trainer.h"
#include "system/error.h"
#include "system/exit_code.h"

namespace reconproof::baseline {
namespace {

namespace po = boost::program_options;
using Arguments = std::vector<std::string>;
using system::Code;
using system::ExitCode;
using system::fail;

constexpr const char* kProgram = "reconproof-baseline";
constexpr const char* kDefaultEdition = "snu-2025";

struct Command {
  const char* name;
  const char* summary;
  const char* examples;
  ExitCode (*run)(const Command&, const Arguments&);
};

/// Parses one command's options. False when --help was asked for and printed.
bool parse(const Command& command, po::options_description options, const Arguments& arguments,
           po::variables_map& values) {
  options.add_options()("help,h", "show this text");
  try {
    // allow_guessing would take --epoch for --epochs, and change its meaning once a second such
    // option exists.
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments)
                  .options(options)
                  .positional(po::positional_options_description())
                  .style(style)
                  .run(),
              values);
    if (values.count("help") != 0) {
      std::ostringstream text;
      text << options;
      fmt::print("{} {}: {}\n\n{}\nExamples:\n{}", kProgram, command.name, command.summary,
                 text.str(), command.examples);
      return false;
    }
    po::notify(values);
  } catch (const po::error& error) {
    fail(Code::kUsage, "{} {}: {}; see {} {} --help", kProgram, command.name, error.what(),
         kProgram, command.name);
  }
  return true;
}

po::typed_value<std::string>* required(std::string& target, const char* name) {
  return po::value(&target)->required()->value_name(name);
}

/// A counter from the command line: boost reads "-1" into an unsigned type without complaint.
void require_at_least(const char* option, int64_t value, int64_t least) {
  if (value < least)
    fail(Code::kInvalidArgument, "{} is {}, expected {} or more", option, value, least);
}

ExitCode run_train(const Command& command, const Arguments& arguments) {
  TrainOptions o;
  std::string data_train, data_val, out, edition;
  int64_t seed = 0;
  po::options_description options("Options");
  auto add = options.add_options();
  add("data-train", required(data_train, "DIR"),
      "training data: DIR/kspace/*.h5 and DIR/image/*.h5");
  add("data-val", required(data_val, "DIR"), "validation data, laid out alike");
  add("out", required(out, "DIR"),
      "new folder for checkpoints/, val_loss_log.npy and ledger.jsonl");
  add("edition", po::value(&edition)->default_value(kDefaultEdition)->value_name("E"),
      "edition of the challenge");
  add("cascades", po::value(&o.sizes.cascades)->default_value(o.sizes.cascades)->value_name("N"),
      "cascades");
  add("chans", po::value(&o.sizes.chans)->default_value(o.sizes.chans)->value_name("N"),
      "channels of a cascade's U-Net");
  add("sens-chans",
      po::value(&o.sizes.sens_chans)->default_value(o.sizes.sens_chans)->value_name("N"),
      "channels of the sensitivity network");
  add("pools", po::value(&o.sizes.pools)->default_value(o.sizes.pools)->value_name("N"),
      "poolings of each U-Net");
  add("epochs", po::value(&o.epochs)->default_value(o.epochs)->value_name("N"), "epochs");
  add("lr", po::value(&o.learning_rate)->default_value(o.learning_rate, "0.001")->value_name("X"),
      "learning rate of Adam");
  add("seed", po::value(&seed)->default_value(static_cast<int64_t>(o.seed))->value_name("N"),
      "seed of weights and order");
  add("threads", po::value(&o.threads)->default_value(0)->value_name("N"),
      "CPU threads (0: all available cores)");
  add("report-interval",
      po::value(&o.report_interval)->default_value(o.report_interval)->value_name("N"),
      "steps between two lines of the log");
  po::variables_map values;
  if (!parse(command, options, arguments, values)) return ExitCode::kPass;
  require_at_least("--seed", seed, 0);
  require_at_least("--threads", o.threads, 0);
  o.seed = static_cast<uint64_t>(seed);
  o.data_train = data_train, o.data_val = data_val, o.out = out;
  Trainer(challenge::find_edition(edition), o).run();
  return ExitCode::kPass;
}

ExitCode run_reconstruct(const Command& command, const Arguments& arguments) {
  std::string edition, weights, data, out, reference;
  int threads = 0;
  double max_nmse = 0;
  po::options_description options("Options");
  auto add = options.add_options();
  add("edition", po::value(&edition)->default_value(kDefaultEdition)->value_name("E"),
      "edition of the challenge");
  add("weights", required(weights, "FILE"),
      "checkpoint (.safetensors); the network's sizes come from it");
  add("data", required(data, "DIR"), "leaderboard data: DIR/<cell>/kspace/*.h5");
  add("out", required(out, "DIR"), "folder for <cell>/*.h5");
  add("threads", po::value(&threads)->default_value(0)->value_name("N"),
      "CPU threads (0: all available cores)");
  add("ref", po::value(&reference)->value_name("DIR"),
      "reconstructions to compare with, laid out like --out");
  add("max-nmse", po::value(&max_nmse)->value_name("X"),
      "exit with 5 when a volume differs from --ref by a larger normalised mean squared error");
  po::variables_map values;
  if (!parse(command, options, arguments, values)) return ExitCode::kPass;
  require_at_least("--threads", threads, 0);
  if (values.count("ref") != values.count("max-nmse")) {
    fail(Code::kUsage, "{} reconstruct: --ref and --max-nmse go together", kProgram);
  }
  const challenge::Edition& rules = challenge::find_edition(edition);
  reconstruct(rules, weights, data, out, threads);
  if (reference.empty()) return ExitCode::kPass;
  bool reproduced = true;
  for (const VolumeDifference& difference : compare_reconstructions(rules, out, reference)) {
    fmt::print("{} {} nmse {:.3e}\n", difference.cell, difference.volume, difference.nmse);
    reproduced = reproduced && difference.nmse <= max_nmse;  // false for NaN
  }
  return reproduced ? ExitCode::kPass : ExitCode::kNotReproduced;
}

ExitCode run_version(const Command& command, const Arguments& arguments) {
  po::options_description options("Options");
  options.add_options()("json", "as JSON");
  po::variables_map values;
  if (!parse(command, options, arguments, values)) return ExitCode::kPass;
  set_threads(0);  // as the other commands do where --threads is not given
  const bool cuda = torch::cuda::is_available();
  if (values.count("json") != 0) {
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
  } else {
    fmt::print("{} {}\nLibTorch {}\nCUDA available: {}\n{}", kProgram, RECONPROOF_VERSION,
               TORCH_VERSION, cuda ? "yes" : "no", at::get_parallel_info());
  }
  return ExitCode::kPass;
}

constexpr std::array kCommands = {
    Command{"train", "train the E2E-VarNet by the official steps from one seed",
            "  reconproof-baseline train --data-train Data/train --data-val Data/val --out "
            "result/varnet\n"
            "  reconproof-baseline train --data-train Data/train --data-val Data/val --out "
            "result/big \\\n"
            "      --cascades 4 --chans 12 --epochs 10 --lr 5e-4\n",
            run_train},
    Command{"reconstruct", "reconstruct every cell of the leaderboard with trained weights",
            "  reconproof-baseline reconstruct --edition snu-2025 \\\n"
            "      --weights result/varnet/checkpoints/best_model.safetensors \\\n"
            "      --data Data/leaderboard --out result/varnet/reconstructions_leaderboard\n",
            run_reconstruct},
    Command{"version", "versions of program and LibTorch, CUDA, threads",
            "  reconproof-baseline version --json\n", run_version},
};

void print_overview() {
  fmt::print("Usage: {} <command> [options]\n\nCommands:\n", kProgram);
  for (const Command& command : kCommands)
    fmt::print("  {:<12} {}\n", command.name, command.summary);
  fmt::print("\n{} <command> --help shows options and examples.\n", kProgram);
}

}  // namespace

int run_command(const Arguments& arguments) {
  if (arguments.empty()) fail(Code::kUsage, "{}: no command; see {} --help", kProgram, kProgram);
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_overview();
    return static_cast<int>(ExitCode::kPass);
  }
  for (const Command& command : kCommands) {
    if (name == command.name) {
      return static_cast<int>(
          command.run(command, Arguments(arguments.begin() + 1, arguments.end())));
    }
  }
  fail(Code::kUsage, "{}: unknown command '{}'; see {} --help", kProgram, name, kProgram);
}

}  // namespace reconproof::baseline
