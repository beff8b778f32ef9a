// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What this report cannot tell: rules that were not judged, and what was not there.
#include "reports/sections/sections.h"

namespace reconproof::reports {

Section unmeasured_section(const Report& report, const std::vector<Section>& others,
                           const Texts& texts) {
  Section section = begin_section("unmeasured", texts);
  Items unjudged, missing;
  for (const challenge::Finding& finding : report.check.findings) {
    if (finding.status == challenge::Status::kInconclusive)
      unjudged.items.push_back(shown(finding.rule_id) + ": " + shown(finding.message));
  }
  for (const Section& other : others) {
    for (const Block& block : other.blocks) {
      const Paragraph* paragraph = std::get_if<Paragraph>(&block);
      if (paragraph && paragraph->is_note)
        missing.items.push_back(other.title + ": " + paragraph->text);
    }
  }
  if (unjudged.items.empty() && missing.items.empty())
    section.blocks.push_back(Paragraph{texts("unmeasured_nothing")});
  if (!unjudged.items.empty()) {
    section.blocks.push_back(Heading{texts("unmeasured_rules")});
    section.blocks.push_back(std::move(unjudged));
  }
  if (!missing.items.empty()) {
    section.blocks.push_back(Heading{texts("unmeasured_missing")});
    section.blocks.push_back(std::move(missing));
  }
  return section;
}

}  // namespace reconproof::reports
