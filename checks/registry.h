// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which function judges which rule. A new rule is a [[rule]] in an edition's file, a function in
// the file of its family, and a line in registry.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "challenge/finding.h"
#include "checks/facts.h"
#include "checks/selection.h"

namespace reconproof::checks {

using Check = challenge::Finding (*)(const Facts&, const challenge::Rule&);

/// What has to be done before rules can be judged; each is a bit of a set.
enum Step : unsigned {
  kRun = 1,                 // the reconstruct command, measured
  kRepeat = 2,              // the same again
  kRenamed = 4,             // the same under other file names
  kExchanged = 8,           // the same with the cells' folders exchanged
  kScore = 16,              // of what the run wrote
  kHandedIn = 32,           // score of the result folder, and comparison with it
  kLabelCopies = 64,        // labels among the submission's files and reconstructions
  kOverlap = 128,           // training data against the leaderboard
  kPoisoned = 256,          // the same with wrong labels in the image files' place
  kThreads = 512,           // the same with another number of threads
  kHardened = 1024,         // slices in random order (slice contract)
  kPace = 2048,             // the baseline's time for a slice on this machine
  kTraining = 4096,         // the first updates of the training, thrice
  kCode = 8192,             // a scan of the team's code
  kLineage = 16384,         // ledgers of the training against the weights
  kNearDuplicates = 32768,  // training data against the leaderboard, by what slices show
  kManifest = 65536,        // training data against the organiser's manifest
  kHandIn = 131072          // what is to be handed in, looked for
};
using Steps = unsigned;
inline constexpr Steps kEveryStep = 2 * kHandIn - 1;

/// Null when this version cannot judge the rule.
Check find_check(const std::string& rule_id);

/// The steps that a rule needs; nothing when this version cannot judge it.
std::optional<Steps> steps_of(const std::string& rule_id);

/// The steps that the chosen rules need.
Steps steps_needed(const challenge::Edition& edition, const Selection& selection);

/// One finding for every rule of the edition, in its order; a rule without a check is inconclusive.
/// So is a rule that was not chosen, unless the steps that were taken show that it is broken: a
/// selection never hides a fail that was seen.
std::vector<challenge::Finding> judge(const Facts& facts, const Selection& selection = {},
                                      Steps taken = kEveryStep);

}  // namespace reconproof::checks
