// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/toml.h"

#include "system/error.h"

namespace reconproof::formats {

using system::Code;
using system::fail;

TomlTable::TomlTable(const toml::table& table, std::string file, std::string prefix)
    : table_(&table), file_(std::move(file)), prefix_(std::move(prefix)) {}

std::string TomlTable::where(const std::string& key) const {
  const toml::node* node = table_->get(key);
  const auto line = (node ? node->source() : table_->source()).begin.line;
  return fmt::format("{}:{}: {}{}", file_, line, prefix_, key);
}

const toml::node* TomlTable::find(const std::string& key) {
  asked_.insert(key);
  return table_->get(key);
}

const toml::node& TomlTable::require(const std::string& key, const char* expected) {
  const toml::node* node = find(key);
  if (!node) fail(Code::kCorrupt, "{}: missing, expected {}", where(key), expected);
  return *node;
}

void TomlTable::wrong(const std::string& key, const toml::node& node, const char* expected) const {
  const char* found = node.is_string()    ? "text"
                      : node.is_boolean() ? "true or false"
                      : node.is_number()  ? "a number"
                      : node.is_array()   ? "a list"
                      : node.is_table()   ? "a table"
                                          : "a date or time";
  fail(Code::kCorrupt, "{}: found {}, expected {}", where(key), found, expected);
}

std::string TomlTable::text(const std::string& key) {
  const toml::node& node = require(key, "text");
  if (const auto* value = node.as_string()) return value->get();
  wrong(key, node, "text");
}

std::string TomlTable::text_or(const std::string& key, const std::string& fallback) {
  return table_->contains(key) ? text(key) : (asked_.insert(key), fallback);
}

double TomlTable::number(const std::string& key) {
  const toml::node& node = require(key, "a number");
  // By kind: value<double>() is nothing for integers that a double cannot hold exactly.
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_integer()) return static_cast<double>(value->get());
  wrong(key, node, "a number");
}

std::optional<double> TomlTable::optional_number(const std::string& key) {
  asked_.insert(key);
  return table_->contains(key) ? std::optional(number(key)) : std::nullopt;
}

int64_t TomlTable::integer(const std::string& key) {
  const toml::node& node = require(key, "a whole number");
  if (const auto* value = node.as_integer()) return value->get();
  wrong(key, node, "a whole number");
}

bool TomlTable::boolean_or(const std::string& key, bool fallback) {
  const toml::node* node = find(key);
  if (!node) return fallback;
  if (const auto* value = node->as_boolean()) return value->get();
  wrong(key, *node, "true or false");
}

std::vector<std::string> TomlTable::texts(const std::string& key) {
  const toml::node& node = require(key, "a list of text");
  const toml::array* array = node.as_array();
  if (!array) wrong(key, node, "a list of text");
  std::vector<std::string> result;
  for (const toml::node& element : *array) {
    const auto* value = element.as_string();
    if (!value) wrong(key, element, "text in every place of the list");
    result.push_back(value->get());
  }
  return result;
}

std::vector<std::string> TomlTable::texts_or_empty(const std::string& key) {
  asked_.insert(key);
  return table_->contains(key) ? texts(key) : std::vector<std::string>();
}

std::optional<TomlTable> TomlTable::table(const std::string& key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_table()) wrong(key, *node, "a table");
  return TomlTable(*node->as_table(), file_, prefix_ + key + ".");
}

std::vector<TomlTable> TomlTable::tables(const std::string& key) {
  const toml::node* node = find(key);
  std::vector<TomlTable> result;
  if (!node) return result;
  const toml::array* array = node->as_array();
  if (!array) wrong(key, *node, "a list of tables");
  for (const toml::node& element : *array) {
    if (!element.is_table()) wrong(key, element, "a table");
    result.emplace_back(*element.as_table(), file_, prefix_ + key + ".");
  }
  return result;
}

bool TomlTable::is_list(const std::string& key) const {
  const toml::node* node = table_->get(key);
  return node && node->is_array();
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::string> result;
  for (const auto& [key, _] : *table_) result.emplace_back(key.str());
  return result;
}

void TomlTable::expect_no_more() const {
  for (const auto& [key, _] : *table_) {
    const std::string name(key.str());
    if (!asked_.contains(name))
      fail(Code::kCorrupt, "{}: unknown key; is it mistyped?", where(name));
  }
}

toml::table parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    fail(Code::kCorrupt, "{}:{}: not TOML: {}", file, error.source().begin.line,
         error.description());
  }
}

}  // namespace reconproof::formats
