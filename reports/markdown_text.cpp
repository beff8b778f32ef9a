// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/markdown_text.h"

#include <fmt/core.h>
#include <utf8proc.h>

#include <algorithm>

namespace reconproof::reports {
namespace {

constexpr std::string_view kAlwaysEscaped = "\\`*[]{}|~$^";
constexpr int64_t kWidestPadding = 60;  // longer cells stand out of their column

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Also behind the end.
bool is_blank_at(std::string_view text, size_t at) { return at >= text.size() || text[at] == ' '; }

/// The first character of a line, where it would make a heading, a list, a rule or a definition.
bool begins_block(std::string_view text) {
  switch (text[0]) {
    case '#':
    case '-':
      return is_blank_at(text, 1) || text[1] == text[0];
    case '+':
      return is_blank_at(text, 1);
    default:
      return text[0] == '=' || text[0] == ':' || text[0] == '%';
  }
}

/// One line without blanks around it.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  const size_t begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(' ') + 1 - begin);
}

/// "12. " or "12) " at the beginning would be an item of a list.
bool ends_list_number(std::string_view text, size_t at) {
  return at > 0 && (text[at] == '.' || text[at] == ')') && is_blank_at(text, at + 1) &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at),
                     [](char c) { return c >= '0' && c <= '9'; });
}

/// "www." and "://" make links on GitHub without any markup.
bool begins_link(std::string_view text, size_t at) {
  if (text[at] == ':') return text.substr(at).starts_with("://");
  return text[at] == '.' && at >= 3 &&
         std::all_of(&text[at - 3], &text[at], [](char c) { return c == 'w' || c == 'W'; });
}

bool needs_backslash(std::string_view text, size_t at) {
  const char c = text[at];
  if (kAlwaysEscaped.find(c) != std::string_view::npos) return true;
  // Inside a word an underscore is only that.
  if (c == '_')
    return at == 0 || at + 1 == text.size() || !is_word(text[at - 1]) || !is_word(text[at + 1]);
  if (at == 0 && begins_block(text)) return true;
  // A heading may end in #, which is not shown.
  if (c == '#') return text.find_first_not_of('#', at) == std::string_view::npos;
  return ends_list_number(text, at) || begins_link(text, at);
}

std::string escaped(std::string_view text, bool break_addresses) {
  std::string safe;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '<' || c == '>' || c == '&') {
      safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    } else if (c == '@' && break_addresses && at + 1 < text.size()) {
      // Addresses and mentions are looked for in the finished text, behind any escape.
      safe += "@<!-- -->";
    } else {
      if (needs_backslash(text, at)) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

/// "✓", "✗", ...: what stands beside a status in formats without icons.
std::string_view tone_mark(Tone tone) {
  switch (tone) {
    case Tone::kPass:
      return "✓";
    case Tone::kBroken:
      return "✗";
    case Tone::kWarned:
      return "!";
    case Tone::kInconclusive:
      return "?";
    case Tone::kWaived:
      return "○";
    case Tone::kNotApplicable:
      return "–";
    case Tone::kPlain:
      break;
  }
  return "";
}

std::string padded(const std::string& cell, int64_t width, bool to_the_right) {
  const std::string blanks(static_cast<size_t>(std::max<int64_t>(0, width - text_width(cell))),
                           ' ');
  return to_the_right ? blanks + cell : cell + blanks;
}

}  // namespace

std::string markdown_text(std::string_view text) { return escaped(one_line(text), true); }

std::string markdown_alt(std::string_view text) { return escaped(one_line(text), false); }

std::string markdown_sentence(std::string_view text) {
  std::string sentence;
  for (const TextPiece& piece : code_pieces(one_line(text)))
    sentence += piece.is_code ? markdown_code(piece.text) : escaped(piece.text, true);
  return sentence;
}

std::string markdown_code(std::string_view text) {
  const std::string line = one_line(text);
  if (line.empty() || line.find_first_of("`|") != std::string::npos) return markdown_text(line);
  return "`" + line + "`";
}

std::string markdown_fence(const std::vector<std::string>& lines, std::string_view language) {
  size_t longest = 2, run = 0;
  for (const std::string& line : lines) {
    run = 0;
    for (char c : line) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  }
  const std::string fence(longest + 1, '`');
  std::string block = fence + std::string(language) + "\n";
  for (std::string line : lines) {
    std::replace(line.begin(), line.end(), '\r', ' ');
    block += line + "\n";
  }
  return block + fence + "\n";
}

std::string markdown_link(std::string_view path) {
  std::string link;
  for (char c : path) {
    if (is_word(c) || std::string_view("/-_.").find(c) != std::string_view::npos)
      link += c;
    else
      link += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return link;
}

std::string markdown_table(const std::vector<Column>& columns,
                           const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> heads;
  std::vector<int64_t> widths;
  for (const Column& column : columns) {
    heads.push_back(markdown_text(column.name));
    widths.push_back(std::max<int64_t>(3, text_width(heads.back())));
  }
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], std::min(kWidestPadding, text_width(row[i])));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = i < cells.size() ? cells[i] : "";
      text += " " + padded(cell, widths[i], columns[i].is_number) + " |";
    }
    return text + "\n";
  };
  std::vector<std::string> rules;
  for (size_t i = 0; i < columns.size(); ++i) {
    rules.emplace_back(static_cast<size_t>(widths[i]), '-');
    if (columns[i].is_number) rules.back().back() = ':';
  }
  std::string table = line(heads) + line(rules);
  for (const std::vector<std::string>& row : rows) table += line(row);
  return table;
}

int64_t text_width(std::string_view text) {
  int64_t width = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t at = 0; at < text.size();) {
    utf8proc_int32_t character = 0;
    const utf8proc_ssize_t length =
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    if (length <= 0) {
      ++at, ++width;
      continue;
    }
    width += utf8proc_charwidth(character);
    at += static_cast<size_t>(length);
  }
  return width;
}

std::string marked(Tone tone, const std::string& text) {
  const std::string mark(tone_mark(tone));
  return mark + (mark.empty() || text.empty() ? "" : " ") + text;
}

}  // namespace reconproof::reports
