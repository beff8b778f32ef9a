// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `reconproof check`: run a submission as an organiser would, and judge every rule of its edition.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "checks/facts.h"
#include "checks/registry.h"
#include "submission/waiver.h"
#include "workflows/run_inputs.h"

namespace reconproof::workflows {

struct CheckOptions {
  std::filesystem::path project = ".";
  /// Folder with train/, val/, leaderboard/, or a leaderboard itself; by default what
  /// reconproof.toml declares.
  std::optional<std::filesystem::path> data;
  std::optional<challenge::Edition>
      rules;  // in place of the compiled-in ones of the project's edition
  RunLimits limits;
  int64_t training_steps = 6;  // of each declared training, thrice; 0: none
  bool fresh = false;          // every run anew, whatever a check that was cut off had finished
  bool verbose = false;        // a line on stderr for each run, on a pipe too
  /// The organiser's manifest of the data, and the key that it must be signed with.
  std::optional<std::filesystem::path> data_manifest;
  std::optional<system::PublicKey> public_key;
  std::vector<submission::Waiver> waivers;  // of the organiser; read and verified
  checks::Selection selection;              // steps that no chosen rule needs are not taken
};

struct CheckOutcome {
  checks::Facts facts;
  checks::Selection selection;
  checks::Steps steps = 0;  // that were taken: what the facts hold
  std::vector<challenge::Finding> findings;
  std::vector<std::string> notes;  // waivers that have no effect, and why
  system::ExitCode exit_code = system::ExitCode::kInternal;
  nlohmann::json json;  // docs/formats/check.md; also in PROJECT/.reconproof/check/check.json
};

CheckOutcome check(const CheckOptions& options);

}  // namespace reconproof::workflows
