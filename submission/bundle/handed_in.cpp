// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/handed_in.h"

#include <algorithm>

#include "formats/strict_json.h"
#include "submission/bundle/meta.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::submission {

using nlohmann::json;

namespace {

constexpr const char* kSubmissionFile = "meta/submission.json";

/// A stranger's words, of which only text is taken.
std::string said(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const json value = object.value(key, json());
  return value.is_string() ? system::printable(value.get<std::string>()) : "";
}

void read_revision(const json& code, HandIn& hand_in) {
  if (!code.is_object() || !code.contains("git") || !code["git"].is_object()) return;
  hand_in.commit = said(code["git"], "commit");
  const json changed = code["git"].value("changed", json());
  if (!changed.is_array()) return;
  for (const json& path : changed)
    if (path.is_string()) hand_in.changed.push_back(system::printable(path.get<std::string>()));
}

void read_opaque(const json& weights, HandIn& hand_in) {
  if (!weights.is_array()) return;
  for (const json& file : weights) {
    const std::string reason = said(file, "opaque");
    if (!reason.empty()) hand_in.opaque[said(file, "path")] = reason;
  }
}

}  // namespace

std::vector<challenge::Finding> judge_handed_in(const Inventory& inventory) {
  const auto text = inventory.texts.find(kSubmissionFile);
  if (text == inventory.texts.end()) return {};
  json submission;
  try {
    submission =
        formats::parse_schema_json(text->second, kSubmissionFile, "reconproof.submission", 1);
  } catch (const system::Error&) {
    return {};  // a problem of its own
  }
  const std::string edition = said(submission, "edition");
  const std::vector<std::string> known = challenge::edition_ids();
  if (std::ranges::find(known, edition) == known.end()) return {};
  HandIn hand_in;
  for (const auto& [path, file] : inventory.files) hand_in.paths.insert(path);
  read_revision(submission.value("code", json()), hand_in);
  read_opaque(submission.value("weights", json()), hand_in);
  return judge_all_hand_in(challenge::find_edition(edition), hand_in);
}

}  // namespace reconproof::submission
