// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Words and numbers of a report. The words are data (texts/<language>.toml, compiled in): a new
// language is a new file there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reconproof::reports {

using Values = std::vector<std::pair<std::string, std::string>>;

class Texts {
 public:
  /// kUsage, with the languages there are, when this one is not among them.
  explicit Texts(const std::string& language);

  const std::string& language() const { return language_; }
  /// A missing key is our own mistake: kInternal.
  const std::string& operator()(const std::string& key) const;
  /// `operator()` with each {name} replaced by its value.
  std::string fill(const std::string& key, const Values& values) const;
  /// The text `<key>_one` when `n` is 1, else `<key>_many`, with {n} replaced.
  std::string count(const std::string& key, int64_t n) const;
  const std::map<std::string, std::string>& all() const { return texts_; }

 private:
  std::string language_;
  std::map<std::string, std::string> texts_;
};

std::vector<std::string> report_languages();

/// Text of a stranger, made visible (system::printable) and cut to a length that a page bears.
std::string shown(std::string_view untrusted);

struct TextPiece {
  std::string text;  // never empty
  bool is_code = false;
};

/// A sentence in its parts: what stands between two backticks is code. All of it is text where one
/// of them has no partner.
std::vector<TextPiece> code_pieces(std::string_view sentence);

/// "3 600", "0.000 12" is not grouped: "0.00012"; six significant digits, true minus sign, narrow
/// spaces.
std::string number_text(double value);
/// A fixed number of digits behind the point, as scripts print scores.
std::string digits_text(double value, int64_t decimals);
/// "4.3 × 10⁻⁴"
std::string scientific_text(double value);
/// A number and its unit with a narrow space that does not break; seconds from a minute on also in
/// words, bytes in KiB, MiB or GiB.
std::string quantity_text(double value, const std::string& unit);
/// "1.4 GiB"
std::string bytes_text(double bytes);
/// "+0.0123" with a true plus or minus sign.
std::string signed_text(double value, int64_t decimals);

}  // namespace reconproof::reports
