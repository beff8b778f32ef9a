// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `reconproof rehearse`: the organiser's day, tonight. What an assistant who follows the README
// would meet, in his order, on a machine that has nothing of the team's but a clone of HEAD and the
// weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/score/score.h"
#include "checks/facts.h"
#include "submission/readme/match.h"
#include "submission/readme/readme.h"
#include "system/exit_code.h"
#include "workflows/rehearse/environment.h"
#include "workflows/rehearse/fault.h"
#include "workflows/rehearse/place.h"
#include "workflows/reproduce/compare.h"
#include "workflows/run_inputs.h"

namespace reconproof::workflows {

struct RehearseOptions {
  std::filesystem::path project = ".";
  /// Folder with train/, val/, leaderboard/, or a leaderboard itself; by default what
  /// reconproof.toml declares.
  std::optional<std::filesystem::path> data;
  std::optional<std::filesystem::path> python;  // in place of a fresh environment
  bool network = true;                          // for the fresh environment, and nothing else
  int64_t training_steps = 6;                   // of each declared training, twice; 0: none
  std::optional<std::filesystem::path> keep;    // where what was laid out stays; absent: it goes
  RunLimits limits;
  bool verbose = false;  // a line on stderr for each run, on a pipe too
};

struct Rehearsal {
  submission::Project team;
  AssistantsPlace place;
  submission::Readme readme;
  submission::ReadmeMatch match;
  RehearsalEnvironment environment;
  checks::Facts facts;      // of what was run
  Claims claims;            // of the team, or what its reconstructions score
  std::string claims_from;  // "reconproof.toml", "the handed-in reconstructions"
  std::optional<challenge::ScoreResult> score;  // of what was reconstructed here
  std::vector<RehearsalStep> steps;             // in the assistant's order
  int64_t begun_us = 0;                         // since 1970
  double wall_s = 0;
  system::ExitCode exit_code = system::ExitCode::kInternal;
  nlohmann::json json;  // docs/formats/rehearse.md; also in PROJECT/.reconproof/rehearse/

  const RehearsalStep* step(const std::string& name) const;
};

/// Throws kNotFound where there is no project, no repository with a commit, or no data; kCorrupt
/// where the project declares no [steps.reconstruct]. All that an assistant would meet is in the
/// result.
Rehearsal rehearse(const RehearseOptions& options);

/// One page; text of strangers is made printable.
std::string rehearsal_text(const Rehearsal& rehearsal);

/// "READY", "NOT READY: ...", in one line.
std::string rehearsal_verdict(const Rehearsal& rehearsal);

nlohmann::json rehearsal_json(const Rehearsal& rehearsal);

}  // namespace reconproof::workflows
