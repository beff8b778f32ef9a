// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "system/date.h"
#include "system/terminal.h"
#include "workflows/check/findings_text.h"
#include "workflows/rehearse/rehearse.h"

namespace reconproof::workflows {

namespace {

constexpr size_t kMostShownLines = 6;  // of one fault's evidence
constexpr size_t kIndent = 33;

std::string fault_text(const RehearsalFault& fault) {
  const std::string where = fault.where.empty() ? "" : shown(fault.where) + ": ";
  const std::string mark =
      fault.gravity == Gravity::kBroken ? "" : std::string(gravity_text(fault.gravity)) + ": ";
  std::string text = fmt::format("{:{}}- [{}] {}{}{}\n", "", kIndent, fault.kind, mark, where,
                                 shown(fault.message));
  // What works is told in one line.
  const size_t most = fault.gravity == Gravity::kWarning ? 0 : kMostShownLines;
  const size_t many = fault.evidence.size();
  for (size_t i = many > most ? many - most : 0; i < many; ++i)
    text += fmt::format("{:{}}    | {}\n", "", kIndent, shown(fault.evidence[i]));
  if (!fault.remedy.empty())
    text += fmt::format("{:{}}  -> {}\n", "", kIndent, shown(fault.remedy));
  return text;
}

std::string step_text(size_t number, const RehearsalStep& step) {
  const StepState state = step.state();
  std::string text = fmt::format("  {}  {:<13} {:<13} {}\n", number, step.name,
                                 state == StepState::kBroken ? "BROKEN" : step_state_text(state),
                                 shown(step.message));
  for (const Gravity gravity : {Gravity::kBroken, Gravity::kInconclusive, Gravity::kWarning}) {
    for (const RehearsalFault& fault : step.faults)
      if (fault.gravity == gravity) text += fault_text(fault);
  }
  return text;
}

std::string items_text(const Rehearsal& rehearsal) {
  if (!rehearsal.score) return "";
  std::string text = fmt::format("\n  {:<16}{:<14}{}\n", "score", "claimed", "rehearsed");
  for (const ItemRow& row :
       item_rows(rehearsal.facts.edition, rehearsal.claims, nullptr, &*rehearsal.score)) {
    const auto cell = [](const std::string& digits) {
      return digits.empty() ? std::string("-") : system::fit_columns(system::printable(digits), 12);
    };
    text += fmt::format("  {:<16}{:<14}{}\n", system::fit_columns(system::printable(row.name), 15),
                        cell(row.claimed), cell(row.re_executed));
  }
  return text;
}

}  // namespace

std::string rehearsal_verdict(const Rehearsal& rehearsal) {
  std::vector<std::string> broken, open;
  for (const RehearsalStep& step : rehearsal.steps) {
    if (step.state() == StepState::kBroken) broken.push_back(step.name);
    if (step.state() == StepState::kInconclusive) open.push_back(step.name);
  }
  if (!broken.empty())
    return fmt::format("NOT READY: an assistant would meet what is broken at {}",
                       fmt::join(broken, ", "));
  if (!open.empty())
    return fmt::format("READY as far as it could be told here; open at {}", fmt::join(open, ", "));
  return "READY: an assistant who follows the README gets your score";
}

std::string rehearsal_text(const Rehearsal& rehearsal) {
  std::string text = fmt::format(
      "{}: {}, rules {}\nrehearsed commit {} on {} UTC, in {}\n\n",
      system::printable(rehearsal.team.name), rehearsal.facts.edition.title,
      rehearsal.facts.edition.ruleset(), rehearsal.place.git.commit.substr(0, 12),
      system::utc_text(rehearsal.begun_us).substr(0, 16), system::duration_text(rehearsal.wall_s));
  for (size_t i = 0; i < rehearsal.steps.size(); ++i) text += step_text(i + 1, rehearsal.steps[i]);
  return text + items_text(rehearsal) +
         fmt::format("\n{}: exit {}\n", rehearsal_verdict(rehearsal),
                     static_cast<int>(rehearsal.exit_code));
}

}  // namespace reconproof::workflows
