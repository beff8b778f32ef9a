// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `reconproof reproduce`: what an organiser does with a bundle. Nothing in it is believed: its
// score is computed again, its command is run again, and what comes out is compared with what it
// says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/finding.h"
#include "checks/facts.h"
#include "submission/bundle/restore.h"
#include "submission/bundle/verify.h"
#include "submission/waiver.h"
#include "workflows/reproduce/compare.h"
#include "workflows/run_inputs.h"

namespace reconproof::workflows {

struct ReproduceOptions {
  std::filesystem::path bundle;
  /// Folder with leaderboard/ (and train/, val/), or a leaderboard itself; absent: only what needs
  /// no data is done.
  std::optional<std::filesystem::path> data;
  std::optional<std::filesystem::path> keep;  // where the workspace stays; absent: it goes
  std::optional<challenge::Edition> rules;    // to judge by; absent: no rule is judged
  submission::Trust trust;                    // who must have signed the bundle
  std::vector<submission::Waiver> waivers;    // of the rules that are judged
  RunLimits limits;
  int64_t training_steps = 0;          // of each declared training; 0: none
  submission::GrantedFolders granted;  // of those that the bundle wants to read besides
  bool verbose = false;                // a line on stderr for each run, on a pipe too
};

struct Reproduction {
  submission::VerifyResult verified;  // where it is not ok() there is nothing else
  checks::Facts facts;                // of what was done here
  Claims claims;
  std::optional<challenge::ScoreResult> recomputed, re_executed;  // absent: see `comparisons`
  std::optional<checks::Comparison> images;                       // re-executed against bundled
  int64_t identical_files = 0;                                    // of them
  Tolerance tolerance;
  Comparisons comparisons;
  std::vector<challenge::Finding> findings;       // by `rules`
  std::vector<std::string> notes;                 // of waivers without effect, a sentence each
  std::vector<challenge::Finding> team_findings;  // what the bundle brings; never used
  system::ExitCode exit_code = system::ExitCode::kInternal;
  nlohmann::json json;  // docs/formats/reproduce.md; also in the workspace
};

/// A damaged bundle is a result. Throws kCorrupt or kIntegrity where what it declares cannot be
/// laid out or shown to a command, kInvalidArgument where something stands at `keep`, kNotFound
/// where `data` holds no leaderboard of the edition.
Reproduction reproduce(const ReproduceOptions& options);

/// The whole result for a person; text of strangers is made printable.
std::string reproduction_text(const Reproduction& reproduction);

}  // namespace reconproof::workflows
