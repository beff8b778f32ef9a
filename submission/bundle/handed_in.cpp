// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/handed_in.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "submission/bundle/meta.h"
#include "system/terminal.h"

namespace reconproof::submission {

using nlohmann::json;

namespace {

constexpr size_t kMostPaths = 1000;  // of a stranger's million

/// Reconstructions and most code are not what a rule looks for.
bool is_asked_for(const std::string& path) {
  constexpr std::array<std::string_view, 4> kWanted = {"data/weights/", "data/logs/",
                                                       "data/attachments/", "data/code/"};
  const bool wanted = std::ranges::any_of(
      kWanted, [&](std::string_view folder) { return path.starts_with(folder); });
  return wanted && (!path.starts_with("data/code/") || path.find('/', 10) == std::string::npos);
}

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

HandIn hand_in_of(const Inventory& inventory, const json& submission) {
  HandIn hand_in;
  for (const auto& [path, file] : inventory.files) {
    if (!is_asked_for(path)) continue;
    hand_in.paths.insert(path);
    if (hand_in.paths.size() == kMostPaths) break;
  }
  if (!submission.is_object()) return hand_in;
  read_revision(submission.value("code", json()), hand_in);
  read_opaque(submission.value("weights", json()), hand_in);
  return hand_in;
}

std::vector<challenge::Finding> judge_handed_in(const json& submission, const HandIn& hand_in) {
  const std::string edition = said(submission, "edition");
  const std::vector<std::string> known = challenge::edition_ids();
  if (std::ranges::find(known, edition) == known.end()) return {};
  return judge_all_hand_in(challenge::find_edition(edition), hand_in);
}

}  // namespace reconproof::submission
