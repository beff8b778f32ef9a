// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Ways through a document, for tests.
#pragma once

#include <gtest/gtest.h>

#include "reports/document.h"

namespace reconproof::reports {

inline Section section_of(const Document& document, const std::string& id) {
  for (const Section& section : document.sections)
    if (section.id == id) return section;
  ADD_FAILURE() << "no section " << id;
  return {};
}

/// All blocks of one kind, in order.
template <class Kind>
std::vector<Kind> blocks_of(const Section& section) {
  std::vector<Kind> found;
  for (const Block& block : section.blocks)
    if (const Kind* kind = std::get_if<Kind>(&block)) found.push_back(*kind);
  return found;
}

/// The sentences that say what is missing.
inline std::vector<std::string> notes_of(const Section& section) {
  std::vector<std::string> notes;
  for (const Paragraph& paragraph : blocks_of<Paragraph>(section))
    if (paragraph.is_note) notes.push_back(paragraph.text);
  return notes;
}

/// The value of a fact of the section; "" where there is none.
inline std::string fact_of(const Section& section, const std::string& name) {
  for (const Facts& facts : blocks_of<Facts>(section))
    for (const Fact& fact : facts.facts)
      if (fact.name == name) return fact.value.text;
  return "";
}

}  // namespace reconproof::reports
