// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/ledger_replay.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kLedgerReplayHelp = {
    "reconproof ledger replay LEDGER --data-train DIR... [--data-val DIR] [--state FILE] [--until "
    "N]",
    "Takes steps of a training by `reconproof train` again, from its seed or from a saved state "
    "(checkpoints/state_*.safetensors\n"
    "of --keep-every), until the next weights that the ledger records. Exit 0 when every loss and "
    "these weights come out bit for\n"
    "bit; 5 when they do not; 6 when they differ as rounding does, and LibTorch, device or threads "
    "are not the same.",
    "reconproof ledger replay result/varnet/ledger.jsonl --data-train Data/train --data-val "
    "Data/val\n"
    "reconproof ledger replay ledger.jsonl --state checkpoints/state_0010.safetensors --data-train "
    "Data/train --data-val Data/val"};

}  // namespace

system::ExitCode run_ledger_replay(int argc, char** argv) {
  workflows::ReplayOptions options;
  std::string ledger, data_val, state;
  std::vector<std::string> data_train;
  po::options_description description("Options");
  description.add_options()("ledger", po::value(&ledger)->required(), "the ledger")(
      "data-train", po::value(&data_train)->required()->multitoken(),
      "training data, in the order in which the training got them")(
      "data-val", po::value(&data_val), "validation data, where it had some")(
      "state", po::value(&state), "a training state of the run to begin at (default: its seed)")(
      "until", po::value(&options.until)->default_value(0),
      "go on to the first recorded weights at or after N steps of the training")(
      "json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("ledger", 1);
  const auto values = parse_options(argc, argv, kLedgerReplayHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  if (options.until < 0) {
    system::fail(system::Code::kInvalidArgument, "ledger replay: --until {}: expected 0 or more",
                 options.until);
  }
  options.ledger = ledger, options.data_val = data_val, options.state = state;
  options.data_train.assign(data_train.begin(), data_train.end());
  const workflows::Replay replay = workflows::replay_ledger(options);
  if (values->count("json")) {
    nlohmann::json result = checks::to_json(replay.comparison);
    result.update({{"schema", "reconproof.ledger-replay"},
                   {"schema_version", 1},
                   {"from", replay.from},
                   {"to", replay.to},
                   {"head", replay.head},
                   {"elsewise", replay.elsewise}});
    fmt::print("{}", formats::canonical_json(result));
  } else {
    fmt::print("{}\n", workflows::replay_text(replay));
  }
  return replay.exit_code();
}

}  // namespace reconproof::cli
