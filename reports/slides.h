// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A report as slides: native tables and editable text in a PPTX file, through pandoc; figures drawn
// as SVG and set by rsvg-convert.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/document.h"
#include "reports/figures.h"

namespace reconproof::reports {

/// How a table is set: pandoc makes all columns alike, and knows one size of type.
struct TableLook {
  double type_size = 11;              // points
  std::vector<double> column_widths;  // points
};

/// What pandoc gets. Slides are cut so that nothing runs over their edge: long tables go on over
/// several, what would be dozens of rows is cut short and says so.
struct SlideDeck {
  std::string markdown;                          // links to figure-1.png, ...
  std::vector<FigureFile> figures;               // figure-1.svg, ..., in this order
  std::map<std::string, std::string> alt_texts;  // "figure-1.png" -> what it shows
  std::vector<TableLook> tables;                 // at most one a slide, in their order
};

/// A pure function of its arguments. `texts` of the document's language.
SlideDeck make_deck(const Document& document, const Texts& texts);

/// kUsage, with the line that installs them, where pandoc or rsvg-convert is not in PATH.
void require_slide_programs();

/// The deck as a PPTX file: same deck, master and programs, same bytes. `master`: a PPTX file whose
/// master and layouts are taken; without one those are pandoc's, with our colours and fonts that
/// know Korean. kNotFound for a master that is not there, kCorrupt for one that pandoc cannot use,
/// kInternal when a program fails otherwise.
std::string render_slides(const SlideDeck& deck, const Texts& texts,
                          const std::optional<std::filesystem::path>& master = std::nullopt);

}  // namespace reconproof::reports
