// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/sections/sections.h"

namespace reconproof::reports {

Section pictures_section(const Report& report, const Texts& texts) {
  Section section = begin_section("images", texts);
  if (!report.images.empty()) {
    section.blocks.push_back(
        Paragraph{texts.fill("images_intro", {{"gain", number_text(kErrorGain)}})});
  }
  for (const Note& note : report.image_notes) add_note(section, texts.fill(note.key, note.values));
  if (!report.images.empty()) section.blocks.push_back(Pictures{&report});
  return section;
}

}  // namespace reconproof::reports
