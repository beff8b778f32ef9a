// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which edition's official repository this is a copy of.
#pragma once

#include <string>
#include <vector>

#include "submission/detect/repository_text.h"

namespace reconproof::submission {

/// Something that a team's edits seldom touch, and the editions whose branch has it.
struct EditionHint {
  std::vector<std::string> editions;
  std::string where;  // "leaderboard_eval.py:75"
};

std::vector<EditionHint> edition_hints(RepositoryText& repository);

struct EditionVote {
  std::string edition;  // empty: not told
  std::string where;    // of the hints for it
  std::string doubt;    // why it is not told
};

/// The edition that most hints name, provided that fewer than half as many speak against it.
EditionVote count_votes(const std::vector<EditionHint>& hints);

}  // namespace reconproof::submission
