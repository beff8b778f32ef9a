// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What `reproduce` compares: claimed, recomputed from the bundled reconstructions, re-executed.
// Pure functions of what was read and measured.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "challenge/score/score.h"
#include "checks/determinism/compare.h"
#include "checks/measure/whole_run.h"
#include "system/exit_code.h"
#include "system/host.h"

namespace reconproof::workflows {

/// How far two results are the same, the strongest first; or why that is not told.
enum class Tier {
  kBitwise,       // every value, bit for bit
  kNumeric,       // within a tolerance
  kScore,         // every printed digit of the score
  kMismatch,      // none of these
  kInconclusive,  // could not be compared here
  kNotApplicable  // there is nothing to compare
};
const char* tier_text(Tier tier);

struct Agreement {
  Tier tier = Tier::kInconclusive;
  std::string message;                // one sentence; may quote text of a stranger
  std::vector<std::string> evidence;  // likewise
};

/// What a team says of its score: meta/claims.json.
struct Claims {
  std::map<std::string, std::string> said;     // item -> digits, of reconproof.toml
  std::map<std::string, std::string> checked;  // item -> digits that the team's own check printed

  bool empty() const { return said.empty() && checked.empty(); }
};

/// kCorrupt, with `name`, for fields of another type.
Claims parse_claims(const nlohmann::json& claims, const std::string& name);

/// One score item, in printed digits; empty where there is no value.
struct ItemRow {
  std::string name, claimed, checked, recomputed, re_executed;
};

/// The edition's items that have a value in any column, in its order; then those that are claimed
/// although the edition has none of that name. Null: no such score.
std::vector<ItemRow> item_rows(const challenge::Edition& edition, const Claims& claims,
                               const challenge::ScoreResult* recomputed,
                               const challenge::ScoreResult* re_executed);

/// A score against all that is claimed, digit by digit: kScore, kMismatch, kNotApplicable without a
/// claim, and kInconclusive where an item depends on a time that is not known here.
Agreement compare_with_claims(const challenge::Edition& edition, const Claims& claims,
                              const challenge::ScoreResult& score);

/// How far images may differ without being others, in parts of a volume's maximum, and for which
/// pair of machines that holds.
struct Tolerance {
  double relative = 0;
  std::string applies_to;
};

/// `environment`: of meta/environment.json, the machine of the team's check.
Tolerance tolerance_between(const nlohmann::json& environment, const system::HostInfo& here);

/// What the command wrote here against what is bundled. `identical_files` of the volumes are also
/// the same files. Scores: null where there are no labels.
Agreement compare_with_bundled(const checks::Comparison& comparison, int64_t identical_files,
                               const Tolerance& tolerance, const challenge::ScoreResult* bundled,
                               const challenge::ScoreResult* re_executed);

/// Of a run that did not come to its end: kInconclusive where another machine, or more time or
/// memory, may do; else kMismatch.
Agreement compare_failed_run(const checks::WholeRunResult& run, const system::HostInfo& here);

struct Comparisons {
  Agreement recomputed_claimed, re_executed_bundled, re_executed_claimed;
  std::vector<std::pair<std::string, Agreement>> trainings;  // what is compared, and how far

  /// All of them by name, "recomputed against claimed" first.
  std::vector<std::pair<std::string, const Agreement*>> all() const;
  /// 5: one is a mismatch; 6: one is inconclusive; else 0.
  system::ExitCode exit_code() const;
  /// Which part of the bundle the pattern of mismatches speaks of; empty: none does.
  std::string points_at() const;
  /// "NOT REPRODUCED: re-executed against bundled. ..."
  std::string verdict() const;
};

}  // namespace reconproof::workflows
