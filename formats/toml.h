// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// TOML with messages that name file, line and key: "rules.toml:12: rule.limit: found text, expected
// a number".
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::formats {

/// A table together with where it stands. All getters throw kCorrupt; a key that no getter asked
/// for is an error too (`expect_no_more`), since a mistyped key must not be silently ignored.
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string file, std::string prefix = "");

  std::string text(const std::string& key);
  std::string text_or(const std::string& key, const std::string& fallback);
  double number(const std::string& key);
  std::optional<double> optional_number(const std::string& key);
  int64_t integer(const std::string& key);
  bool boolean_or(const std::string& key, bool fallback);
  std::vector<std::string> texts(const std::string& key);  // required, a list of text
  std::vector<std::string> texts_or_empty(const std::string& key);
  std::optional<TomlTable> table(const std::string& key);  // [key]
  std::vector<TomlTable> tables(const std::string& key);   // [[key]]
  bool is_list(const std::string& key) const;
  std::vector<std::string> keys() const;
  void expect_no_more() const;

  /// "file:line: prefix.key" of a key, or of the table itself when the key is absent.
  std::string where(const std::string& key) const;

 private:
  const toml::node* find(const std::string& key);
  const toml::node& require(const std::string& key, const char* expected);
  [[noreturn]] void wrong(const std::string& key, const toml::node& node,
                          const char* expected) const;

  const toml::table* table_;
  std::string file_, prefix_;
  std::set<std::string> asked_;
};

/// Parses text; kCorrupt with the line of a syntax error.
toml::table parse_toml(std::string_view text, const std::string& file);

}  // namespace reconproof::formats
