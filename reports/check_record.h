// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What `reconproof check` wrote down (check.json, docs/formats/check.md), as plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "challenge/finding.h"
#include "challenge/score/score.h"

namespace reconproof::reports {

/// The machine that the check ran on. What was not recorded is empty.
struct Environment {
  std::string os, kernel, cpu;
  std::optional<double> threads, memory_bytes;
  std::vector<std::string> gpus;
  std::string sandbox_state, sandbox_reason;
};

/// The run of the reconstruct command, as the harness measured it.
struct RunRecord {
  std::optional<bool> isolated, timed_out;
  std::string refused_reason;
  std::optional<double> wall_s, peak_rss_bytes, exit_code, signal;
};

struct WeightsRecord {
  std::string path, sha256;
  std::optional<double> bytes;
};

struct CheckRecord {
  std::string edition, ruleset;
  int exit_code = 0;
  Environment environment;
  std::vector<std::pair<std::string, std::string>> build;  // of the reconproof that checked
  std::vector<std::string> reconstruct_command;
  std::optional<RunRecord> run;
  std::optional<challenge::ScoreResult> score, zero_filled;
  std::optional<WeightsRecord> weights;
  std::vector<challenge::Finding> findings;
};

/// kNotFound when the project was never checked; kCorrupt, with the key, when the file is malformed
/// or names a volume that is no plain file name (names from it become paths).
CheckRecord read_check(const std::filesystem::path& path);

}  // namespace reconproof::reports
