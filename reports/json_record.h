// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: an object of a JSON record together with where it stands, so that messages
// name file and key.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace reconproof::reports {

/// A key that is absent or null is something that was not recorded. All throw kCorrupt for a value
/// of another type, and say what makes the record anew.
class JsonRecord {
 public:
  /// `value` and `remedy` ("run `reconproof check` again") must outlive it and its parts. `where`
  /// ends in a blank or a dot.
  JsonRecord(const nlohmann::json& value, std::string where, const char* remedy);

  std::string text(const char* key) const;
  std::string text_or_empty(const char* key) const;
  double number(const char* key) const;
  std::optional<double> optional_number(const char* key) const;
  std::optional<bool> optional_boolean(const char* key) const;
  std::optional<JsonRecord> object(const char* key) const;
  /// The elements of a list; none when the key is absent.
  const nlohmann::json& list(const char* key) const;
  std::vector<JsonRecord> objects(const char* key) const;
  std::vector<std::string> texts(const char* key) const;

  const nlohmann::json& value() const { return value_; }
  const std::string& where() const { return where_; }
  [[noreturn]] void wrong(const std::string& key, const nlohmann::json& found,
                          const char* expected) const;

 private:
  const nlohmann::json* find(const char* key) const;

  const nlohmann::json& value_;
  std::string where_;
  const char* remedy_;
};

/// A record of this schema, version 1; null where the file is not there. kCorrupt for another one.
nlohmann::json read_json_record(const std::filesystem::path& file, const char* schema);

}  // namespace reconproof::reports
