// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The small parts of Markdown: text, code and tables, in CommonMark with GitHub's pipe tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/document.h"

namespace reconproof::reports {

/// Text that stays text: nothing in it becomes markup, HTML, a link, mathematics or a mention, also
/// not at the beginning of a line. Line breaks become spaces.
std::string markdown_text(std::string_view text);
/// The same between the brackets of a picture, where GitHub shows HTML comments.
std::string markdown_alt(std::string_view text);

/// A sentence of ours, in which `pairs` of backticks hold code; the rest as `markdown_text` has it.
std::string markdown_sentence(std::string_view text);

/// A code span; text where a table could not hold it as one.
std::string markdown_code(std::string_view text);

/// A block of code, fenced by more backticks than it holds.
std::string markdown_fence(const std::vector<std::string>& lines, std::string_view language);

/// A relative link to a file whose name may hold anything.
std::string markdown_link(std::string_view path);

/// A pipe table of finished cells, its columns padded so that the source reads as a table too.
std::string markdown_table(const std::vector<Column>& columns,
                           const std::vector<std::vector<std::string>>& rows);

/// Columns of a terminal that UTF-8 text takes.
int64_t text_width(std::string_view text);

/// "✓ Holds", "✗ Broken", ...: a text behind the mark of its status, for formats without icons; as
/// it is where its tone is plain.
std::string marked(Tone tone, const std::string& text);

}  // namespace reconproof::reports
