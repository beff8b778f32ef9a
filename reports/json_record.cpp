// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/json_record.h"

#include <fmt/core.h>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::reports {

using nlohmann::json;
using system::Code;
using system::fail;

JsonRecord::JsonRecord(const json& value, std::string where, const char* remedy)
    : value_(value), where_(std::move(where)), remedy_(remedy) {
  if (!value_.is_object()) wrong("", value_, "an object");
}

std::string JsonRecord::text(const char* key) const {
  if (!find(key)) wrong(key, json(), "text");
  return text_or_empty(key);
}

std::string JsonRecord::text_or_empty(const char* key) const {
  const json* found = find(key);
  if (!found) return "";
  if (!found->is_string()) wrong(key, *found, "text");
  return found->get<std::string>();
}

double JsonRecord::number(const char* key) const {
  const std::optional<double> value = optional_number(key);
  if (!value) wrong(key, json(), "a number");
  return *value;
}

std::optional<double> JsonRecord::optional_number(const char* key) const {
  const json* found = find(key);
  if (!found) return std::nullopt;
  if (!found->is_number()) wrong(key, *found, "a number");
  return found->get<double>();
}

std::optional<bool> JsonRecord::optional_boolean(const char* key) const {
  const json* found = find(key);
  if (!found) return std::nullopt;
  if (!found->is_boolean()) wrong(key, *found, "true or false");
  return found->get<bool>();
}

std::optional<JsonRecord> JsonRecord::object(const char* key) const {
  const json* found = find(key);
  if (!found) return std::nullopt;
  return JsonRecord(*found, where_ + key + ".", remedy_);
}

const json& JsonRecord::list(const char* key) const {
  static const json kNone = json::array();
  const json* found = find(key);
  if (!found) return kNone;
  if (!found->is_array()) wrong(key, *found, "a list");
  return *found;
}

std::vector<JsonRecord> JsonRecord::objects(const char* key) const {
  std::vector<JsonRecord> result;
  for (const json& element : list(key))
    result.emplace_back(element, fmt::format("{}{}[{}].", where_, key, result.size()), remedy_);
  return result;
}

std::vector<std::string> JsonRecord::texts(const char* key) const {
  std::vector<std::string> result;
  for (const json& element : list(key)) {
    if (!element.is_string()) wrong(key, element, "text");
    result.push_back(element.get<std::string>());
  }
  return result;
}

const json* JsonRecord::find(const char* key) const {
  const auto found = value_.find(key);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

void JsonRecord::wrong(const std::string& key, const json& found, const char* expected) const {
  fail(Code::kCorrupt, "{}{}: found {}, expected {}; {}", where_, key,
       found.is_null() ? "nothing" : found.type_name(), expected, remedy_);
}

json read_json_record(const std::filesystem::path& file, const char* schema) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  return formats::parse_schema_json(system::read_file(file), file.string(), schema, 1);
}

}  // namespace reconproof::reports
