// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: what each section of a report says, and what they share.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "challenge/finding.h"
#include "reports/document.h"

namespace reconproof::reports {

Section about_section(const Report& report, const Texts& texts);
Section scores_section(const Report& report, const Texts& texts);
Section volumes_section(const Report& report, const Texts& texts);
Section pictures_section(const Report& report, const Texts& texts);
Section rules_section(const Report& report, const Texts& texts);
Section findings_section(const Report& report, const Texts& texts);
Section run_section(const Report& report, const Texts& texts);
Section training_section(const Report& report, const Texts& texts);
Section network_section(const Report& report, const Texts& texts);
Section data_section(const Report& report, const Texts& texts);
Section determinism_section(const Report& report, const Texts& texts);
Section history_section(const Report& report, const Texts& texts);
Section reproduce_section(const Report& report, const Texts& texts);
Section environment_section(const Report& report, const Texts& texts);
Section hashes_section(const Report& report, const Texts& texts);
/// What the other sections say is missing, and what could not be judged.
Section unmeasured_section(const Report& report, const std::vector<Section>& others,
                           const Texts& texts);

/// Appends what is claimed, checked and made anew, and how far they agree.
void add_claims(Section& section, const Report& report, const Texts& texts);
/// Of an E2E-VarNet of these sizes: an <svg> element that takes its colours from the page.
std::string varnet_svg(const challenge::VarnetSizes& sizes, const Texts& texts);

/// A failed rule that is no error is only a warning: it does not break anything.
Tone tone_of(const challenge::Finding& finding);
int64_t count_of(const Report& report, Tone tone);
/// In which order statuses stand, the worst first.
inline constexpr std::array kToneOrder = {Tone::kBroken, Tone::kWarned, Tone::kInconclusive,
                                          Tone::kWaived, Tone::kPass,   Tone::kNotApplicable};

/// A section begins without blocks; its title is `<id>_title`.
Section begin_section(const std::string& id, const Texts& texts);
void add_note(Section& section, std::string sentence);

/// A table of facts under construction: what has no value has no line.
class FactLines {
 public:
  void add(const std::string& name, const std::string& value, bool is_code = false) {
    if (!value.empty()) facts_.push_back({name, {value, "", is_code}});
  }
  bool empty() const { return facts_.empty(); }
  /// Appends them to the section, unless there are none.
  void close(Section& section, const std::string& caption);

 private:
  std::vector<Fact> facts_;
};

/// A cell that says that there is nothing.
Value absent(const Texts& texts);
/// That where a text is empty.
Value text_cell(const std::string& text, const Texts& texts);
/// Strangers' words as shown, with commas between; pairs of a name and a value with a blank.
std::string listed(const std::vector<std::string>& words);
std::string listed(const std::vector<std::pair<std::string, std::string>>& pairs);
/// A count, grouped: "1 432".
std::string count_text(int64_t count);
/// A score item by its name; the whole score in words.
std::string item_text(const std::string& name, const Texts& texts);
/// A command as a shell takes it, with what is set for it before it.
std::string command_text(const submission::Step& step);
/// The status of a finding as a cell, with its tone.
Value status_cell(const challenge::Finding& finding, const Texts& texts);
/// A table of the findings whose rule begins so: rule, status and what was found. Nothing where
/// there are none.
void add_finding_table(Section& section, const Report& report, std::vector<std::string> beginnings,
                       const std::string& caption, const Texts& texts);
/// What was measured, with the finding's unit; empty where nothing was.
std::string measured_text(const challenge::Finding& finding, const Texts& texts);

}  // namespace reconproof::reports
