// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/strict_json.h"

#include <set>
#include <vector>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::formats {

using system::Code;
using system::fail;

nlohmann::json parse_strict_json(std::string_view text, const std::string& name) {
  using nlohmann::json;
  if (text.starts_with("\xEF\xBB\xBF")) {
    fail(Code::kCorrupt, "{}: begins with a byte-order mark, expected plain UTF-8", name);
  }
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    using Event = json::parse_event_t;
    if (depth >= kMaxJsonDepth && (event == Event::object_start || event == Event::array_start)) {
      fail(Code::kCorrupt, "{}: nested deeper than {} levels", name, kMaxJsonDepth);
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get_ref<const std::string&>()).second) {
      fail(Code::kCorrupt, "{}: the key '{}' stands twice in one object", name,
           system::printable(parsed.get_ref<const std::string&>()));
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::exception& error) {
    fail(Code::kCorrupt, "{}: not JSON: {}", name, system::printable(error.what()));
  }
}

nlohmann::json parse_schema_json(std::string_view text, const std::string& name,
                                 std::string_view schema, int64_t version) {
  nlohmann::json value = parse_strict_json(text, name);
  if (!value.is_object()) fail(Code::kCorrupt, "{}: expected a JSON object", name);
  const auto found = value.find("schema");
  if (found == value.end() || *found != schema) {
    fail(Code::kCorrupt, "{}: schema is {}, expected \"{}\"", name,
         found == value.end() ? "missing" : system::printable(found->dump()), schema);
  }
  const auto number = value.find("schema_version");
  if (number == value.end() || !number->is_number_integer() || *number != version) {
    fail(Code::kCorrupt, "{}: schema_version is {}, this program reads version {}", name,
         number == value.end() ? "missing" : system::printable(number->dump()), version);
  }
  return value;
}

std::string canonical_json(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace reconproof::formats
