// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/slide_tables.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "reports/markdown_text.h"

namespace reconproof::reports {

std::string slide_text(std::string_view stranger) {
  std::string text;
  for (const char c : stranger) {
    const bool blank = c == '\n' || c == '\r' || c == '\t';
    if (c > 0x20 && c < 0x7F && !std::isalnum(static_cast<unsigned char>(c))) text += '\\';
    text += blank ? ' ' : c;
  }
  return text;
}

std::string clipped(const std::string& text, int64_t columns) {
  if (text_width(text) <= columns) return text;
  size_t end = 0;
  int64_t width = 0;
  while (end < text.size()) {
    size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    width += text_width(std::string_view(text).substr(end, next - end));
    if (width > columns - 1) break;
    end = next;
  }
  return text.substr(0, end) + "…";
}

int64_t lines_of(int64_t width, int64_t columns) {
  return std::max<int64_t>(1, (width + columns - 1) / std::max<int64_t>(1, columns));
}

namespace {

// Tables: below a caption, in the largest type in which they need one slide, else in the smallest.
constexpr double kTableWidth = 648, kTableHeight = 232, kCellMargin = 7.2;  // points
constexpr double kTypeSizes[] = {14, 12.5, 11};
constexpr double kColumnOfType = 0.54, kLineOfType = 1.2;  // of the size
constexpr int64_t kMostCellLines = 6;
constexpr int64_t kLongestCell = 180;
constexpr int64_t kNarrowest = 5, kLongestWord = 26;  // hashes and paths are broken

std::string value_text(const Value& value) {
  std::string text = marked(value.tone, value.text);
  if (!value.detail.empty()) text += " (" + value.detail + ")";
  return clipped(text, kLongestCell);
}

std::vector<int64_t> word_widths(std::string_view text) {
  std::vector<int64_t> widths;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) widths.push_back(text_width(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return widths;
}

/// What a column takes that wraps between words only, and what it takes without any wrapping.
struct ColumnRange {
  int64_t least = kNarrowest, most = kNarrowest;

  void hold(const std::string& text, bool is_strong = false) {
    // Some letters, fonts and bold ones are wider than what a column is counted as.
    const auto set_width = [&](int64_t width) { return width + width / (is_strong ? 6 : 10) + 1; };
    for (const int64_t word : word_widths(text))
      least = std::max(least, std::min(set_width(word), kLongestWord));
    most = std::max({most, least, set_width(text_width(text))});
  }
};

int64_t sum_of(const std::vector<ColumnRange>& ranges, int64_t ColumnRange::*width) {
  return std::accumulate(ranges.begin(), ranges.end(), int64_t{0},
                         [&](int64_t sum, const ColumnRange& range) { return sum + range.*width; });
}

/// As browsers set tables: every column has room for its longest word, and what is left goes to
/// those that would take more, by how much. Where not even the words fit, the longest are broken.
std::vector<int64_t> column_widths(const SlideTable& table, double type_size) {
  std::vector<ColumnRange> ranges(table.columns.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    ranges[i].hold(table.columns[i].name, true);  // bold in many a master
    for (const std::vector<Value>& row : table.rows)
      if (i < row.size()) ranges[i].hold(value_text(row[i]), row[i].is_strong);
  }
  const double margins = 2 * kCellMargin * static_cast<double>(ranges.size());
  const auto room = static_cast<int64_t>((kTableWidth - margins) / (kColumnOfType * type_size));
  for (int64_t cap = kLongestWord; cap > kNarrowest && sum_of(ranges, &ColumnRange::least) > room;
       --cap)
    for (ColumnRange& range : ranges) range.least = std::min(range.least, cap);
  const int64_t wanted = sum_of(ranges, &ColumnRange::most) - sum_of(ranges, &ColumnRange::least);
  const int64_t left = std::clamp<int64_t>(room - sum_of(ranges, &ColumnRange::least), 0, wanted);
  std::vector<int64_t> widths;
  for (const ColumnRange& range : ranges)
    widths.push_back(range.least + (wanted > 0 ? (range.most - range.least) * left / wanted : 0));
  return widths;
}

int64_t lines_in_cell(const Value& value, int64_t width) {
  int64_t lines = 1, used = 0;
  for (const int64_t word : word_widths(value_text(value))) {
    if (used > 0 && used + 1 + word > width) ++lines, used = 0;
    used += (used > 0 ? 1 : 0) + word;
    lines += lines_of(used, width) - 1;
    used -= (lines_of(used, width) - 1) * width;
  }
  return lines;
}

double row_height(const std::vector<Value>& row, const std::vector<int64_t>& widths,
                  double type_size) {
  int64_t lines = 1;
  for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
    lines = std::max(lines, std::min(kMostCellLines, lines_in_cell(row[i], widths[i])));
  return static_cast<double>(lines) * kLineOfType * type_size + kCellMargin;
}

SetTable set_table(const SlideTable& table, double type_size) {
  SetTable set{type_size, column_widths(table, type_size), {0}, false, false};
  std::vector<Value> heads;
  for (const Column& column : table.columns) heads.push_back({column.name});
  const double head = row_height(heads, set.widths, type_size);
  double used = head;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const double height = row_height(table.rows[row], set.widths, type_size);
    if (row > set.begins.back() && used + height > kTableHeight) {
      set.begins.push_back(row);
      used = head;
    }
    used += height;
    for (size_t i = 0; i < std::min(table.rows[row].size(), set.widths.size()); ++i) {
      const int64_t lines = lines_in_cell(table.rows[row][i], set.widths[i]);
      set.wraps |= lines > 1;
      set.cuts_cells |= lines > kMostCellLines;
    }
  }
  set.begins.push_back(table.rows.size());
  return set;
}

}  // namespace

SetTable set_table(const SlideTable& table) {
  std::vector<SetTable> sets;
  for (const double type_size : kTypeSizes) sets.push_back(set_table(table, type_size));
  const auto one_slide = [](const SetTable& set) { return set.begins.size() == 2; };
  auto best =
      std::ranges::find_if(sets, [&](const SetTable& set) { return one_slide(set) && !set.wraps; });
  if (best == sets.end()) {
    best = std::ranges::find_if(
        sets, [&](const SetTable& set) { return one_slide(set) && !set.cuts_cells; });
  }
  return best == sets.end() ? sets.back() : *best;
}

TableLook look_of(const SetTable& set) {
  TableLook look{set.type_size, {}};
  for (const int64_t width : set.widths) {
    look.column_widths.push_back(static_cast<double>(width + 1) * kColumnOfType * set.type_size +
                                 2 * kCellMargin);
  }
  const double total = std::accumulate(look.column_widths.begin(), look.column_widths.end(), 0.0);
  if (total > kTableWidth) {
    for (double& width : look.column_widths) width *= kTableWidth / total;
  }
  return look;
}

SlideTable without_empty_columns(const SlideTable& table) {
  SlideTable filled;
  filled.rows.resize(table.rows.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const auto has_text = [&](const std::vector<Value>& row) {
      return i < row.size() && !value_text(row[i]).empty();
    };
    if (std::ranges::none_of(table.rows, has_text)) continue;
    filled.columns.push_back(table.columns[i]);
    for (size_t row = 0; row < table.rows.size(); ++row)
      filled.rows[row].push_back(i < table.rows[row].size() ? table.rows[row][i] : Value());
  }
  return filled;
}

std::string table_markdown(const SlideTable& table, const SetTable& set, size_t begin, size_t end) {
  std::string heads = "|", rules = "|", body;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    heads += " " + slide_text(table.columns[i].name) + " |";
    rules += table.columns[i].is_number ? "--:|" : "---|";
  }
  for (size_t row = begin; row < end; ++row) {
    body += "|";
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const Value value = i < table.rows[row].size() ? table.rows[row][i] : Value();
      const int64_t room = kMostCellLines * set.widths[i] * 10 / 11;
      std::string text = slide_text(clipped(value_text(value), std::max(room, set.widths[i])));
      if (value.is_strong && !text.empty()) text = "**" + text + "**";
      body += " " + text + " |";
    }
    body += "\n";
  }
  return heads + "\n" + rules + "\n" + body;
}

}  // namespace reconproof::reports
