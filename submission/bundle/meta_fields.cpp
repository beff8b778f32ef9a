// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/meta_fields.h"

#include <algorithm>
#include <map>
#include <vector>

#include "challenge/finding.h"
#include "system/error.h"

namespace reconproof::submission {

using nlohmann::json;

namespace {

using Fits = bool (*)(const json&);

struct MetaField {
  const char* path;  // from the document's root, with dots between
  Fits fits;
  const char* expected;
};

bool is_string(const json& value) { return value.is_string(); }
bool is_flag(const json& value) { return value.is_boolean(); }
bool is_object(const json& value) { return value.is_object(); }
bool is_object_or_null(const json& value) { return value.is_object() || value.is_null(); }
bool is_string_or_null(const json& value) { return value.is_string() || value.is_null(); }

bool are_strings(const json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(), is_string);
}

bool is_string_map(const json& value) {
  return value.is_object() && std::all_of(value.begin(), value.end(), is_string);
}

bool has(const json& value, const char* key, Fits fits) {
  return value.contains(key) && fits(value[key]);
}

bool is_step(const json& value) {
  return value.is_object() && has(value, "command", are_strings) &&
         has(value, "contract", is_string) && has(value, "weights", is_string) &&
         has(value, "outputs", is_string) && has(value, "env", is_string_map) &&
         (!value.contains("name") || value["name"].is_string());
}

bool is_training(const json& value) {
  const auto is_named = [](const json& step) { return is_step(step) && step.contains("name"); };
  return value.is_array() ? std::all_of(value.begin(), value.end(), is_named) : is_step(value);
}

bool are_steps(const json& value) {
  return has(value, "reconstruct", is_step) &&
         (!value.contains("train") || is_training(value["train"]));
}

bool is_git_state(const json& value) {
  return value.is_null() ||
         (value.is_object() && has(value, "commit", is_string) && has(value, "dirty", is_flag) &&
          has(value, "changed", are_strings) && has(value, "untracked", are_strings) &&
          has(value, "diff", is_string_or_null));
}

bool are_weights(const json& value) {
  return value.is_array() && std::ranges::all_of(value, [](const json& file) {
           return file.is_object() && has(file, "path", is_string) &&
                  has(file, "declared", is_string) && has(file, "view", is_string_or_null) &&
                  has(file, "opaque", is_string_or_null);
         });
}

constexpr const char* kSteps =
    "the steps 'reconstruct' and, where there are any, 'train', each with command (a list of "
    "text), "
    "contract, weights, outputs (text) and env (text by name)";

const std::vector<MetaField>& fields_of(const std::string& name) {
  static const std::map<std::string, std::vector<MetaField>, std::less<>> kFields = {
      {"claims",
       {{"claims", is_string_map, "printed digits by item"},
        {"score", is_object_or_null, "an object or null"}}},
      {"environment", {{"environment", is_object, "an object"}, {"build", is_object, "an object"}}},
      {"findings",
       {{"ruleset", is_string_or_null, "text or null"},
        {"findings", [](const json& value) { return value.is_array(); }, "a list"}}},
      {"submission",
       {{"project", is_string, "text"},
        {"edition", is_string, "text"},
        {"ruleset", is_string, "text"},
        {"checked", is_flag, "true or false"},
        {"steps", are_steps, kSteps},
        {"code.left_out", are_strings, "a list of text"},
        {"code.executable", are_strings, "a list of text"},
        {"code.git", is_git_state,
         "null, or commit (text), dirty (true or false), changed and untracked (lists of text), "
         "diff "
         "(text or null)"},
        {"weights", are_weights,
         "a list of files with path, declared (text), view, opaque (text or null)"}}}};
  return kFields.find(name)->second;
}

/// Null where there is none.
const json* value_at(const json& document, std::string_view path) {
  const json* value = &document;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const auto found = value->find(std::string(path.substr(begin, end - begin)));
    if (!value->is_object() || found == value->end()) return nullptr;
    value = &*found;
    begin = end + 1;
  }
  return value;
}

}  // namespace

void check_meta_fields(const std::string& name, const json& document) {
  for (const MetaField& field : fields_of(name)) {
    const json* value = value_at(document, field.path);
    if (!value || !field.fits(*value)) {
      system::fail(system::Code::kCorrupt, "meta/{}.json: '{}' is missing or not {}", name,
                   field.path, field.expected);
    }
  }
  if (name != "findings") return;
  for (const json& finding : document["findings"]) challenge::finding_from_json(finding);
}

}  // namespace reconproof::submission
