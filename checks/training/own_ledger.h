// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The ledger that a training keeps itself, as the baseline does (docs/formats/ledger.md).
#pragma once

#include <filesystem>

#include "checks/training/watched.h"

namespace reconproof::checks {

/// Below a folder the first that is called ledger.jsonl; empty when there is none.
std::filesystem::path find_own_ledger(const std::filesystem::path& outputs);

/// Tells while a training goes on when it has made enough steps. Looks twice a second.
class OwnLedgerWatch {
 public:
  OwnLedgerWatch(std::filesystem::path outputs, int64_t updates)
      : outputs_(std::move(outputs)), updates_(updates) {}
  bool enough();

 private:
  std::filesystem::path outputs_;
  int64_t updates_;
  double next_look_s_ = 0;
};

/// Adds what such a ledger says, its torn last line left out, as a training that is `own`; at most
/// `updates` steps. Nothing in the folder makes this throw.
void read_own_ledger(const std::filesystem::path& outputs, int64_t updates, WatchedRun& run);

}  // namespace reconproof::checks
