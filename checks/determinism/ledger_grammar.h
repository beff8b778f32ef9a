// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/ledger.h"

namespace reconproof::checks {

/// What an unbroken chain does not show: whether its lines can be those of one training.
struct LedgerGrammar {
  std::vector<std::string> problems;  // "<name>:12: ...", at most 20
  int64_t epochs = 0;                 // closed by weights lines; 0 where their size is not told
};

/// Steps without a gap, weights that change by steps alone, a resumption that begins where the line
/// before it ended, epochs of the size that the start states and all of the same slices. Without
/// the trainer's `config` epochs are not judged (docs/formats/ledger.md).
LedgerGrammar judge_grammar(const formats::Ledger& ledger, const std::string& name);

}  // namespace reconproof::checks
