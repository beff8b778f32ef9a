// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdlib>

#include "baseline/cli/commands.h"
#include "baseline/memory.h"
#include "baseline/model/precision.h"
#include "baseline/train/trainer.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

constexpr CommandHelp kTrainHelp = {
    "reconproof train --data-train DIR [--data-val DIR] --out DIR [options]",
    "Trains a network by the official steps from one seed: the E2E-VarNet of the challenge, or "
    "its\n"
    "small U-Net. Without further options one seed gives the official weights (docs/varnet.md).\n"
    "A training that was killed goes on with --resume to the same weights, bit for bit on a CPU.",
    "reconproof train --data-train Data/train --data-val Data/val --out result/varnet\n"
    "reconproof train --data-train Data/train --data-val Data/val --out result/varnet --resume\n"
    "reconproof train --data-train Data/train --data-val Data/val --out result/big \\\n"
    "    --cascades 4 --chans 12 --epochs 10 --lr 5e-4 --lr-schedule cosine \\\n"
    "    --gradient-checkpointing --flips --remask 4,8\n"
    "reconproof train --data-train Data/train Data/val --out result/all    # train:val = 100:0\n"
    "reconproof train --model unet --batch-size 4 --data-train Data/train --data-val Data/val "
    "--out result/unet"};

/// Options as they are typed, before they become TrainOptions.
struct Typed {
  TrainOptions train;
  VarnetSizes varnet;
  std::vector<std::string> data_train;
  std::string data_val, out, edition = kDefaultEdition, model = "varnet", schedule = "constant",
                             precision = "fp32", backend = "libtorch", remask, scan = "full",
                             memory_limit;
  int64_t seed = 430;
};

po::options_description data_options(Typed& t) {
  po::options_description options("Data and run");
  auto add = options.add_options();
  add("data-train", po::value(&t.data_train)->required()->multitoken()->value_name("DIR..."),
      "training data: DIR/kspace/*.h5 and DIR/image/*.h5; several folders are joined");
  add("data-val", po::value(&t.data_val)->value_name("DIR"),
      "validation data, laid out alike; without it the last epoch counts as the best");
  add("out", required(t.out, "DIR"), "folder of the run: checkpoints/, ledger.jsonl, logs");
  add("edition", option(t.edition, "E"), "edition of the challenge");
  add("scan", option(t.scan, "HOW"),
      "before training: full reads and hashes every volume, headers only opens them");
  add("resume", po::bool_switch(&t.train.resume),
      "go on with the run in --out, or begin it where there is none");
  add("save-interval", option(t.train.save_interval, "N"),
      "steps between two saves of the state that --resume needs");
  add("keep-every", option(t.train.keep_every, "N"),
      "keep a checkpoint and the state every N epochs, besides the last and the best");
  add("stop-at", option(t.train.stop_at, "N"),
      "stop after N steps of the whole training, for a replay (0: train to the end)");
  add("report-interval", option(t.train.report_interval, "N"),
      "steps between two lines of the log");
  add("seed", option(t.seed, "N"), "seed of weights, order and augmentation");
  add("threads", option(t.train.threads, "N"), "CPU threads (0: all available cores)");
  add("backend", option(t.backend, "B"),
      "libtorch, as the official code computes; engine: several times faster on a processor, "
      "with half the memory, equal up to rounding; auto: engine where it can; graph: on a GPU, the "
      "VarNet's kernels of a slice launched at once");
  return options;
}

po::options_description network_options(Typed& t) {
  po::options_description options("Network");
  auto add = options.add_options();
  add("model", option(t.model, "M"), "varnet, or unet (small, works on image_input)");
  add("cascades", option(t.varnet.cascades, "N"), "cascades");
  add("chans", option(t.varnet.chans, "N"), "channels of a cascade's U-Net");
  add("sens-chans", option(t.varnet.sens_chans, "N"), "channels of the sensitivity network");
  add("pools", option(t.varnet.pools, "N"), "poolings of each U-Net");
  return options;
}

po::options_description learning_options(Typed& t) {
  po::options_description options("Learning");
  auto add = options.add_options();
  Schedule& schedule = t.train.schedule;
  add("epochs", option(t.train.epochs, "N"), "epochs");
  add("batch-size", option(t.train.batch_size, "N"),
      "slices of an optimizer step. The VarNet accumulates their gradients one slice at a time: "
      "more "
      "slices take no more memory and may have different shapes");
  add("lr", po::value(&schedule.base)->default_value(schedule.base, "0.001")->value_name("X"),
      "learning rate of Adam");
  add("lr-schedule", option(t.schedule, "S"), "constant, step or cosine");
  add("lr-step-epochs", option(schedule.step_epochs, "N"), "step: epochs between two reductions");
  add("lr-gamma", po::value(&schedule.gamma)->default_value(schedule.gamma, "0.1")->value_name("X"),
      "step: factor of each reduction");
  add("lr-warmup", option(schedule.warmup_steps, "N"), "steps over which the rate rises at first");
  add("flips", po::bool_switch(&t.train.augment.flips), "augment: mirror slices at random");
  add("turns", po::bool_switch(&t.train.augment.turns),
      "augment: turn slices by multiples of 90 degrees at random");
  add("remask", po::value(&t.remask)->value_name("R,R"),
      "augment: sample each slice anew with one of these accelerations");
  return options;
}

po::options_description memory_options(Typed& t) {
  po::options_description options("Memory");
  auto add = options.add_options();
  add("gradient-checkpointing", po::bool_switch(&t.train.execution.recompute),
      "keep less for the backward pass and compute it again: two thirds of the memory at 1 "
      "cascade, "
      "half at 4, for about a third more time");
  add("precision", option(t.precision, "P"),
      "of the convolutions: fp32, fp16 (GPU) or bf16 (GPU from compute capability 8.0 on, CPU)");
  add("memory-limit", po::value(&t.memory_limit)->value_name("SIZE"),
      "CPU: fail where tensors would take more, such as 7.45GiB, as on a card of that size");
  return options;
}

std::vector<int64_t> parse_accelerations(const std::string& text) {
  std::vector<int64_t> values;
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    int64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (next < end && (*next != ',' || next + 1 == end)))
      fail(Code::kUsage, "--remask is '{}', expected accelerations such as 4,8", text);
    values.push_back(value);
    at = next + 1;
  }
  return values;
}

NetworkSizes parse_network(const Typed& t, const po::variables_map& values) {
  if (t.model == "varnet") return t.varnet;
  if (t.model != "unet") fail(Code::kUsage, "--model is '{}', expected varnet or unet", t.model);
  for (const char* size : {"cascades", "chans", "sens-chans", "pools"}) {
    if (!values[size].defaulted())
      fail(Code::kUsage, "--{} is a size of the VarNet; the U-Net has one size", size);
  }
  return UnetSizes{};
}

Scan parse_scan(const std::string& text) {
  if (text == "full") return Scan::kFull;
  if (text == "headers") return Scan::kHeaders;
  fail(Code::kUsage, "--scan is '{}', expected full or headers", text);
}

/// `reconproof check` repeats a training with another seed, without a change of its command
/// (docs/training.md).
int64_t seed_shift() {
  const char* shift = std::getenv("RECONPROOF_SEED_SHIFT");
  return shift ? std::atoll(shift) : 0;
}

void check(const Typed& t) {
  require_at_least("--seed", static_cast<double>(t.seed), 0);
  require_at_least("--threads", t.train.threads, 0);
  require_at_least("--keep-every", static_cast<double>(t.train.keep_every), 0);
  require_at_least("--stop-at", static_cast<double>(t.train.stop_at), 0);
  require_at_least("--lr-warmup", static_cast<double>(t.train.schedule.warmup_steps), 0);
}

}  // namespace

system::ExitCode run_train(int argc, char** argv) {
  Typed t;
  po::options_description options;
  options.add(data_options(t))
      .add(network_options(t))
      .add(learning_options(t))
      .add(memory_options(t));
  const auto values = parse_options(argc, argv, kTrainHelp, options);
  if (!values) return system::ExitCode::kPass;
  check(t);
  TrainOptions& train = t.train;
  train.sizes = parse_network(t, *values);
  train.seed = static_cast<uint64_t>(t.seed + seed_shift());
  train.data_train.assign(t.data_train.begin(), t.data_train.end());
  train.data_val = t.data_val, train.out = t.out;
  train.schedule.kind = schedule_from_text(t.schedule);
  train.execution.precision = precision_from_text(t.precision);
  train.backend = backend_of(t.backend);
  train.augment.accelerations = parse_accelerations(t.remask);
  train.scan = parse_scan(t.scan);
  if (!t.memory_limit.empty()) limit_cpu_memory(bytes_from_text(t.memory_limit));
  Trainer(challenge::find_edition(t.edition), train).run();
  return system::ExitCode::kPass;
}

}  // namespace reconproof::baseline
