// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/toml.h"
#include "reports/embedded.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::reports {
namespace {

using system::Code;
using system::fail;

constexpr std::string_view kSuffix = ".toml";
constexpr const char* kNarrowSpace = "\u202F";
constexpr const char* kMinus = "\u2212";
constexpr size_t kLongestText = 2000;

/// Digits in groups of three from the decimal point to the left, from five digits on.
std::string grouped(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  if (point < 5) return digits;
  for (size_t at = point; at > 3;) {
    at -= 3;
    digits.insert(at, kNarrowSpace);
  }
  return digits;
}

std::string with_sign(double value, const std::string& magnitude) {
  return (value < 0 ? kMinus : "") + magnitude;
}

}  // namespace

std::vector<std::string> report_languages() {
  std::vector<std::string> languages;
  for (const system::EmbeddedFile& file : embedded_files()) {
    if (file.name.ends_with(kSuffix)) {
      languages.emplace_back(file.name.substr(0, file.name.size() - kSuffix.size()));
    }
  }
  return languages;
}

Texts::Texts(const std::string& language) : language_(language) {
  for (const system::EmbeddedFile& file : embedded_files()) {
    if (file.name != language + std::string(kSuffix)) continue;
    const toml::table document = formats::parse_toml(file.contents, std::string(file.name));
    formats::TomlTable table(document, std::string(file.name));
    for (const std::string& key : table.keys()) texts_[key] = table.text(key);
    return;
  }
  fail(Code::kUsage, "there is no report in language '{}'; this version knows: {}", language,
       fmt::join(report_languages(), ", "));
}

const std::string& Texts::operator()(const std::string& key) const {
  const auto found = texts_.find(key);
  if (found == texts_.end())
    fail(Code::kInternal, "texts/{}.toml has no text '{}'", language_, key);
  return found->second;
}

std::string Texts::fill(const std::string& key, const Values& values) const {
  // One pass over the text, so that braces inside a value stay as they are.
  const std::string& pattern = (*this)(key);
  std::string result;
  for (size_t i = 0; i < pattern.size();) {
    const size_t end = pattern[i] == '{' ? pattern.find('}', i) : std::string::npos;
    bool replaced = false;
    for (const auto& [name, value] : values) {
      if (end == std::string::npos || pattern.compare(i + 1, end - i - 1, name) != 0) continue;
      result += value;
      i = end + 1;
      replaced = true;
      break;
    }
    if (!replaced) result += pattern[i++];
  }
  return result;
}

std::string Texts::count(const std::string& key, int64_t n) const {
  return fill(key + (n == 1 ? "_one" : "_many"), {{"n", number_text(static_cast<double>(n))}});
}

std::string shown(std::string_view untrusted) {
  const bool cut = untrusted.size() > kLongestText;
  size_t length = std::min(untrusted.size(), kLongestText);
  // Not inside a UTF-8 sequence: continuation bytes are 10xxxxxx.
  while (cut && length > 0 && (static_cast<unsigned char>(untrusted[length]) & 0xC0) == 0x80)
    --length;
  return system::printable(untrusted.substr(0, length)) + (cut ? " […]" : "");
}

std::vector<TextPiece> code_pieces(std::string_view sentence) {
  std::vector<TextPiece> pieces;
  const bool has_pairs = std::ranges::count(sentence, '`') % 2 == 0;
  bool is_code = false;
  for (size_t begin = 0; begin <= sentence.size(); is_code = !is_code) {
    const size_t end =
        has_pairs ? std::min(sentence.find('`', begin), sentence.size()) : sentence.size();
    if (end > begin) pieces.push_back({std::string(sentence.substr(begin, end - begin)), is_code});
    begin = end + 1;
  }
  return pieces;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return with_sign(value, "∞");
  const double magnitude = std::fabs(value);
  if (magnitude >= 1e15) return scientific_text(value);
  if (magnitude == std::floor(magnitude))
    return with_sign(value, grouped(fmt::format("{:.0f}", magnitude)));
  if (magnitude < 1e-4) return scientific_text(value);
  return with_sign(value, grouped(magnitude >= 1e5 ? fmt::format("{:.1f}", magnitude)
                                                   : fmt::format("{:.6g}", magnitude)));
}

std::string digits_text(double value, int64_t decimals) {
  if (!std::isfinite(value)) return number_text(value);
  return fmt::format("{:.{}f}", value, decimals);
}

std::string scientific_text(double value) {
  if (!std::isfinite(value)) return number_text(value);
  if (value == 0) return "0";
  const std::string text = fmt::format("{:.1e}", std::fabs(value));  // "4.3e-04"
  const size_t e = text.find('e');
  const int exponent = std::stoi(text.substr(e + 1));
  constexpr const char* kRaised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string raised = exponent < 0 ? "⁻" : "";
  for (char digit : std::to_string(std::abs(exponent))) raised += kRaised[digit - '0'];
  return with_sign(
      value, fmt::format("{}{}×{}10{}", text.substr(0, e), kNarrowSpace, kNarrowSpace, raised));
}

std::string quantity_text(double value, const std::string& unit) {
  if (unit == "bytes") return bytes_text(value);
  const std::string number =
      unit == "s" && value >= 1
          ? grouped(fmt::format("{:.{}f}", value, value == std::floor(value) ? 0 : 1))
          : number_text(value);
  if (unit.empty()) return number;
  const std::string text = number + kNarrowSpace + unit;
  if (unit == "s" && value >= 60 && std::isfinite(value)) {
    return fmt::format("{} ({})", text, system::duration_text(value));
  }
  return text;
}

std::string bytes_text(double bytes) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f}{}{}", bytes, unit == 0 ? 0 : 1, kNarrowSpace, kUnits[unit]);
}

std::string signed_text(double value, int64_t decimals) {
  const std::string digits = fmt::format("{:.{}f}", std::fabs(value), decimals);
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return (zero ? "±" : value < 0 ? kMinus : "+") + digits;
}

}  // namespace reconproof::reports
