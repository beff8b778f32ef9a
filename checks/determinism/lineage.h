// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Where weights come from: initial weights -> ledger -> the weights that are handed in. What a
// ledger and the files beside it show without training anything anew; whether the steps were taken
// is for a replay to tell (workflows/ledger_replay.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checks/determinism/ledger_compare.h"
#include "submission/project.h"

namespace reconproof::checks {

struct LedgerTrace {
  std::filesystem::path path;
  /// Why the chain cannot be followed, naming the line; empty when it can. Then all below is empty.
  std::string broken;
  bool malformed = false;  // it is no ledger: a line cannot be read
  std::string head;        // SHA-256 of the last line
  int64_t lines = 0, resumes = 0;
  bool ended = false;
  std::string data_sha256;  // as the start states it; empty: it does not
  StepSeries series;
  int64_t epochs = 0;
  /// Lines that can be of no training (ledger_grammar.h), and files beside the ledger that say
  /// otherwise than it does: val_loss_log.npy, data.sha256.
  std::vector<std::string> problems;
  std::vector<std::string> agreeing;  // files beside it that agree

  bool sound() const { return broken.empty() && problems.empty(); }
};

/// Reads a ledger and what lies beside it. Faults of the files are part of the result; only a
/// ledger that cannot be opened throws (kNotFound).
LedgerTrace trace_ledger(const std::filesystem::path& path);

/// The point of some ledger at which it records these weights.
struct WeightsOrigin {
  size_t ledger = 0;      // index
  int64_t iteration = 0;  // steps completed; 0: untrained
};

struct Lineage {
  std::vector<LedgerTrace> ledgers;
  std::string absent_reason;  // of ledgers, when there are none
  bool declared = false;      // [steps.train] names a ledger
  std::string weights;        // the file, as declared
  std::string weights_sha256;
  std::string unread_reason;  // why there is no digest of the weights
  /// From the weights back to where their training began: a training in pieces has one ledger for
  /// each, whose start records the weights that the one before ended with. Empty: no ledger leads
  /// to the weights.
  std::vector<WeightsOrigin> origins;
  std::vector<std::string> problems;  // statements in the weights file that the ledger denies
};

/// Of one weight file (.pt, .pth, .safetensors), named as in messages.
Lineage trace_weights(const std::filesystem::path& weights, const std::string& name,
                      std::vector<LedgerTrace> ledgers);

/// Of the weights that are reconstructed with, and of those that a [steps.train] says that it
/// writes (several models): one each, the former first. Ledgers: [steps.train] `ledger`, else
/// `<outputs>/ledger.jsonl`; and ledger.jsonl in the folder of the weights and in the one above.
std::vector<Lineage> trace_project(const submission::Project& project);

/// "a.jsonl: steps 0 to 300 -> b.jsonl: steps 0 to 200", from the beginning to the weights.
std::string origin_text(const Lineage& lineage);

/// Files of DIR/kspace and DIR/image of `folders` against data.sha256 beside the ledger: what is
/// missing or has another hash, by name. kNotFound when there is no such list.
std::vector<std::string> compare_data_list(const LedgerTrace& ledger,
                                           const std::vector<std::filesystem::path>& folders);

}  // namespace reconproof::checks
