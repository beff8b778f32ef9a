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

std::string value_text(const Value& value) {
  std::string text = marked(value.tone, value.text);
  if (!value.detail.empty()) text += " (" + value.detail + ")";
  return clipped(text, kLongestCell);
}

/// Columns as wide as they need, and the widest cut down alike where all together are too wide.
std::vector<int64_t> column_widths(const SlideTable& table, double type_size) {
  std::vector<int64_t> widths;
  for (const Column& column : table.columns)
    widths.push_back(std::clamp<int64_t>(text_width(column.name), 5, 24));
  for (const std::vector<Value>& row : table.rows) {
    for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], text_width(value_text(row[i])));
  }
  const double margins = 2 * kCellMargin * static_cast<double>(widths.size());
  const auto room = static_cast<int64_t>((kTableWidth - margins) / (kColumnOfType * type_size));
  int64_t most = *std::max_element(widths.begin(), widths.end());
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), int64_t{0},
                           [&](int64_t sum, int64_t width) { return sum + std::min(width, most); });
  };
  while (most > 5 && total() > room) --most;
  for (int64_t& width : widths) width = std::min(width, most);
  return widths;
}

/// Words do not fill their lines: a tenth is lost where there are several.
int64_t lines_in_cell(const Value& value, int64_t width) {
  const int64_t wanted = text_width(value_text(value));
  return lines_of(wanted > width ? wanted * 11 / 10 : wanted, width);
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
