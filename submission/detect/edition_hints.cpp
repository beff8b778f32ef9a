// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/edition_hints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

namespace reconproof::submission {
namespace {

struct Sign {
  const char* file;
  const char* expression;  // found in one of its lines
  std::vector<std::string> editions;
};

/// Of each file the first sign that is found counts: later ones are less telling.
const std::vector<Sign>& signs() {
  static const std::vector<Sign> kSigns = {
      {"README.md", R"(\b2023 +(baby|SNU))", {"snu-2023"}},
      {"README.md", R"(\b2024 +(baby|SNU))", {"snu-2024"}},
      {"README.md", R"(\b2025 +(baby|SNU))", {"snu-2025"}},
      {"README.md", R"(\b2026 +(baby|SNU))", {"snu-2026"}},
      // What is scored: boxes; a public and a private acceleration; two anatomies; one.
      {"leaderboard_eval.py", "bbox", {"snu-2026"}},
      {"leaderboard_eval.py", R"(\bSSIM_(public|private)\b)", {"snu-2024"}},
      {"leaderboard_eval.py", R"(\b2e-5\b)", {"snu-2025"}},
      {"leaderboard_eval.py", R"(\b5e-5\b)", {"snu-2023"}},
      {"recon_eval.py", "recon_slice", {"snu-2026"}},
      {"utils/common/metrics.py", "bbox", {"snu-2026"}},
      // The limits of time that it prints a verdict on; 2026 prints a time for each folder.
      {"reconstruct.py", R"(\bprivate_acc\b)", {"snu-2024"}},
      {"reconstruct.py", R"(< *3600\b)", {"snu-2025"}},
      {"reconstruct.py", R"(\btime_acc[48]\b)", {"snu-2026"}},
      // Where the challenge server held the data.
      {"reconstruct.sh", "/home/Data", {"snu-2024"}},
      {"reconstruct.sh", "/root/Data", {"snu-2025", "snu-2026"}},
  };
  return kSigns;
}

}  // namespace

std::vector<EditionHint> edition_hints(RepositoryText& repository) {
  std::vector<EditionHint> hints;
  std::string done;
  for (const Sign& sign : signs()) {
    if (done == sign.file) continue;
    if (const auto match = repository.find_line(sign.file, std::regex(sign.expression))) {
      hints.push_back({sign.editions, match->where});
      done = sign.file;
    }
  }
  return hints;
}

EditionVote count_votes(const std::vector<EditionHint>& hints) {
  std::map<std::string, std::vector<std::string>> votes;
  for (const EditionHint& hint : hints) {
    for (const std::string& edition : hint.editions) votes[edition].push_back(hint.where);
  }
  EditionVote vote;
  size_t most = 0, second = 0;
  for (const auto& [edition, places] : votes) {
    if (places.size() > most) {
      second = std::exchange(most, places.size());
      vote.edition = edition;
      vote.where = fmt::format("{}", fmt::join(places, ", "));
    } else {
      second = std::max(second, places.size());
    }
  }
  if (most == 0) {
    vote.doubt =
        "nothing here tells the edition: it is no copy of an official repository of 2023 "
        "to 2026";
  } else if (most == second || 2 * (hints.size() - most) >= most) {
    std::vector<std::string> sides;
    for (const auto& [edition, places] : votes)
      sides.push_back(fmt::format("{} ({})", edition, fmt::join(places, ", ")));
    vote = {"", "", fmt::format("signs of more than one edition: {}", fmt::join(sides, "; "))};
  }
  return vote;
}

}  // namespace reconproof::submission
