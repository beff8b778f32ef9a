// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: tables of slides, set so that they fit, and the text in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/document.h"
#include "reports/slides.h"

namespace reconproof::reports {

/// Text without any meaning to pandoc's reader, in which a backslash may stand before every
/// punctuation mark.
std::string slide_text(std::string_view stranger);

/// At most `columns` wide, with an ellipsis where something is missing.
std::string clipped(const std::string& text, int64_t columns);

/// Lines that text of this width takes, one at least.
int64_t lines_of(int64_t width, int64_t columns);

struct SlideTable {
  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;
};

/// A table as it is set: where its slides begin, in rows, and how wide its columns are.
struct SetTable {
  double type_size = 0;
  std::vector<int64_t> widths;
  std::vector<size_t> begins;  // and the number of rows at the end
  bool wraps = false;          // some cell needs more than one line
  bool cuts_cells = false;     // or more than a cell may take
};

/// On one slide, and without broken words where that can be had.
SetTable set_table(const SlideTable& table);
TableLook look_of(const SetTable& set);
/// Without the columns that no row fills.
SlideTable without_empty_columns(const SlideTable& table);
/// The rows from `begin` to `end`, as a pipe table.
std::string table_markdown(const SlideTable& table, const SetTable& set, size_t begin, size_t end);

}  // namespace reconproof::reports
