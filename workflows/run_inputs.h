// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the runs of a submission are given: where data lie, and how much they may take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "checks/facts.h"
#include "system/sandbox.h"

namespace reconproof::workflows {

struct DataFolders {
  std::filesystem::path leaderboard;
  std::vector<std::filesystem::path> training;  // those of train and val that exist
  std::vector<std::filesystem::path> missing;   // those that do not
  std::filesystem::path train, val;  // where those of the project are; empty: not declared
};

/// `data`: a folder with train/, val/ and leaderboard/, or a leaderboard itself; by default what
/// the project declares. kNotFound where there is no leaderboard of the edition.
DataFolders locate_data(const submission::Project& project, const challenge::Edition& edition,
                        const std::optional<std::filesystem::path>& data);

/// Of each run, as the user says; by default what the machine can spare.
struct RunLimits {
  std::optional<double> timeout_s;  // by default twice the edition's time limit
  std::optional<int64_t> memory_bytes, output_bytes, processes;
};

/// A submission must not fill the organiser's disk or memory.
system::SandboxLimits limits_of_a_run(const checks::Facts& facts, const RunLimits& chosen);

}  // namespace reconproof::workflows
