// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a rehearsal finds: the step of an assistant's day at which it shows, and what to do.
#pragma once

#include <string>
#include <vector>

namespace reconproof::workflows {

enum class Gravity {
  kBroken,        // an assistant who does as the README says fails here, or gets another result
  kInconclusive,  // could not be told on this machine
  kWarning        // works here and today
};
const char* gravity_text(Gravity gravity);

struct RehearsalFault {
  /// docs/rehearse.md lists them: "uncommitted-file", "missing-requirement", "weight-name", ...
  std::string kind;
  Gravity gravity = Gravity::kBroken;
  std::string where;                  // "utils/data.py:12"; empty: no place
  std::string message;                // one sentence; may quote text of a stranger
  std::string remedy;                 // one sentence
  std::vector<std::string> evidence;  // text of strangers
};

enum class StepState { kOk, kBroken, kInconclusive };
const char* step_state_text(StepState state);

/// A step of the day, in the order in which an assistant meets them.
struct RehearsalStep {
  std::string name;     // "clone", "environment", "readme", "code", "train", ...
  std::string message;  // what was done, one sentence
  double wall_s = 0;
  std::vector<RehearsalFault> faults;

  StepState state() const;
};

}  // namespace reconproof::workflows
