// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: what each section of a report says, and what they share.
#pragma once

#include <cstdint>
#include <string>

#include "challenge/finding.h"
#include "reports/document.h"

namespace reconproof::reports {

Section scores_section(const Report& report, const Texts& texts);
Section volumes_section(const Report& report, const Texts& texts);
Section pictures_section(const Report& report, const Texts& texts);
Section findings_section(const Report& report, const Texts& texts);
Section training_section(const Report& report, const Texts& texts);
Section run_section(const Report& report, const Texts& texts);
Section environment_section(const Report& report, const Texts& texts);
Section hashes_section(const Report& report, const Texts& texts);

/// A failed rule that is no error is only a warning: it does not break anything.
Tone tone_of(const challenge::Finding& finding);
int64_t count_of(const Report& report, Tone tone);

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
/// A count, grouped: "1 432".
std::string count_text(int64_t count);
/// What was measured, with the finding's unit; empty where nothing was.
std::string measured_text(const challenge::Finding& finding, const Texts& texts);

}  // namespace reconproof::reports
