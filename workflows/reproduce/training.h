// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The first steps of a bundle's trainings, made here, against the ledger that it brings; or,
// without one, against the same steps once more.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/facts.h"
#include "workflows/reproduce/compare.h"
#include "workflows/training_runs.h"

namespace reconproof::workflows {

struct BundledLedger {
  std::optional<checks::StepSeries> series;       // absent: the bundle has none
  std::map<std::string, nlohmann::json> machine;  // kLedgerSurroundings, as it says
};

/// `path` empty: none. kCorrupt or kIntegrity, as `ledger verify`.
BundledLedger read_bundled_ledger(const std::filesystem::path& path);

/// One agreement for each training: its name says against what. Where trainings could not be
/// repeated, one that is inconclusive.
std::vector<std::pair<std::string, Agreement>> compare_trainings(const checks::Facts& facts,
                                                                 const BundledLedger& ledger);

}  // namespace reconproof::workflows
