// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/cli/commands.h"
#include "baseline/train/trainer.h"

namespace reconproof::baseline {
namespace {

constexpr CommandHelp kHelp = {
    "reconproof train --data-train DIR --data-val DIR --out DIR [options]",
    "Trains a network by the official steps from one seed.",
    "reconproof train --data-train Data/train --data-val Data/val --out result/varnet\n"
    "reconproof train --data-train Data/train --data-val Data/val --out result/big \\\n"
    "    --cascades 4 --chans 12 --epochs 10 --lr 5e-4"};

}  // namespace

system::ExitCode run_train(int argc, char** argv) {
  TrainOptions o;
  std::string data_train, data_val, out, edition = kDefaultEdition;
  int64_t seed = static_cast<int64_t>(o.seed);
  po::options_description options("Options");
  auto add = options.add_options();
  add("data-train", required(data_train, "DIR"),
      "training data: DIR/kspace/*.h5 and DIR/image/*.h5");
  add("data-val", required(data_val, "DIR"), "validation data, laid out alike");
  add("out", required(out, "DIR"),
      "new folder for checkpoints/, val_loss_log.npy and ledger.jsonl");
  add("edition", option(edition, "E"), "edition of the challenge");
  add("cascades", option(o.sizes.cascades, "N"), "cascades");
  add("chans", option(o.sizes.chans, "N"), "channels of a cascade's U-Net");
  add("sens-chans", option(o.sizes.sens_chans, "N"), "channels of the sensitivity network");
  add("pools", option(o.sizes.pools, "N"), "poolings of each U-Net");
  add("epochs", option(o.epochs, "N"), "epochs");
  add("lr", po::value(&o.learning_rate)->default_value(o.learning_rate, "0.001")->value_name("X"),
      "learning rate of Adam");
  add("seed", option(seed, "N"), "seed of weights and order");
  add("threads", option(o.threads, "N"), "CPU threads (0: all available cores)");
  add("report-interval", option(o.report_interval, "N"), "steps between two lines of the log");
  if (!parse_options(argc, argv, kHelp, options)) return system::ExitCode::kPass;
  require_at_least("--seed", static_cast<double>(seed), 0);
  require_at_least("--threads", o.threads, 0);
  o.seed = static_cast<uint64_t>(seed);
  o.data_train = data_train, o.data_val = data_val, o.out = out;
  Trainer(challenge::find_edition(edition), o).run();
  return system::ExitCode::kPass;
}

}  // namespace reconproof::baseline
