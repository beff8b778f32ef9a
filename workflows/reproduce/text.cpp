// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "system/terminal.h"
#include "workflows/check/findings_text.h"
#include "workflows/reproduce/reproduce.h"

namespace reconproof::workflows {

namespace {

constexpr size_t kMostLines = 10;  // of evidence of one comparison

std::string items_text(const Reproduction& reproduction) {
  const auto given = [](const auto& score) { return score ? &*score : nullptr; };
  const auto cell = [](const std::string& digits) {
    return digits.empty() ? std::string("-") : system::fit_columns(system::printable(digits), 12);
  };
  std::string text =
      fmt::format("  {:<16}{:<14}{:<14}{:<14}\n", "score", "claimed", "recomputed", "re-executed");
  for (const ItemRow& row :
       item_rows(reproduction.facts.edition, reproduction.claims, given(reproduction.recomputed),
                 given(reproduction.re_executed))) {
    const std::string& claimed = row.claimed.empty() ? row.checked : row.claimed;
    text += fmt::format("  {:<16}{:<14}{:<14}{}\n",
                        system::fit_columns(system::printable(row.name), 15), cell(claimed),
                        cell(row.recomputed), cell(row.re_executed));
  }
  return text;
}

std::string comparisons_text(const Comparisons& comparisons) {
  std::string text;
  for (const auto& [name, agreement] : comparisons.all()) {
    text +=
        fmt::format("  {:<32} {:<14} {}\n", system::printable(name),
                    agreement->tier == Tier::kMismatch ? "MISMATCH" : tier_text(agreement->tier),
                    shown(agreement->message));
    const size_t many = std::min(agreement->evidence.size(), kMostLines);
    for (size_t i = 0; i < many; ++i)
      text += std::string(48, ' ') + "- " + shown(agreement->evidence[i]) + "\n";
    if (many < agreement->evidence.size())
      text += fmt::format("{:48}- and {} more\n", "", agreement->evidence.size() - many);
  }
  return text;
}

}  // namespace

std::string reproduction_text(const Reproduction& reproduction) {
  if (!reproduction.verified.ok())
    return submission::to_text(reproduction.verified) + "nothing of it was run\n";
  const checks::Facts& facts = reproduction.facts;
  std::string text =
      fmt::format("{}: {}, rules {}\nbundle {}\n\n{}\n{}", system::printable(facts.project.name),
                  facts.edition.title, facts.edition.ruleset(), reproduction.verified.id,
                  items_text(reproduction), comparisons_text(reproduction.comparisons));
  if (!reproduction.findings.empty())
    text += "\n" + findings_text(reproduction.findings) +
            fmt::format("  {}\n", count_text(reproduction.findings));
  if (!reproduction.team_findings.empty())
    text += fmt::format("\n  the team's own check found {}; none of it was used here\n",
                        count_text(reproduction.team_findings));
  return text + fmt::format("\n{}: exit {}\n", reproduction.comparisons.verdict(),
                            static_cast<int>(reproduction.exit_code));
}

}  // namespace reconproof::workflows
