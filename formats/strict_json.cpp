// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/strict_json.h"

#include <vector>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::formats {

using system::Code;
using system::fail;

namespace {

using nlohmann::json;

/// Builds a document value by value: linear in the text, where the library's callback parser looks
/// through the parent again at every object's end.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(json& root, const std::string& name) : root_(root), name_(name) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(size_t) override { return open(json::object()); }
  bool start_array(size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    if (open_.back()->contains(key)) {
      fail(Code::kCorrupt, "{}: the key '{}' stands twice in one object", name_,
           system::excerpt(key));
    }
    slot_ = &(*open_.back())[key];
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    fail(Code::kCorrupt, "{}: not JSON: {}", name_, system::excerpt(error.what()));
  }

 private:
  json* place(json value) {
    if (++values_ > kMaxJsonValues)
      fail(Code::kCorrupt, "{}: more than {} values", name_, kMaxJsonValues);
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *slot_ = std::move(value);
    return slot_;
  }

  bool put(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json container) {
    if (open_.size() >= kMaxJsonDepth) {
      fail(Code::kCorrupt, "{}: nested deeper than {} levels", name_, kMaxJsonDepth);
    }
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  json& root_;
  const std::string& name_;
  std::vector<json*>
      open_;  // containers that are not closed; a parent does not move while a child is open
  size_t values_ = 0;
  json* slot_ = nullptr;  // the value of the key that was just read
};

}  // namespace

nlohmann::json parse_strict_json(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    fail(Code::kCorrupt, "{}: begins with a byte-order mark, expected plain UTF-8", name);
  }
  json root;
  StrictBuilder builder(root, name);
  json::sax_parse(text.begin(), text.end(), &builder);
  return root;
}

nlohmann::json parse_schema_json(std::string_view text, const std::string& name,
                                 std::string_view schema, int64_t version) {
  nlohmann::json value = parse_strict_json(text, name);
  if (!value.is_object()) fail(Code::kCorrupt, "{}: expected a JSON object", name);
  const auto found = value.find("schema");
  if (found == value.end() || *found != schema) {
    fail(Code::kCorrupt, "{}: schema is {}, expected \"{}\"", name,
         found == value.end() ? "missing" : system::excerpt(found->dump()), schema);
  }
  const auto number = value.find("schema_version");
  if (number == value.end() || !number->is_number_integer() || *number != version) {
    fail(Code::kCorrupt, "{}: schema_version is {}, this program reads version {}", name,
         number == value.end() ? "missing" : system::excerpt(number->dump()), version);
  }
  return value;
}

std::string canonical_json(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace reconproof::formats
