// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/selection.h"

#include <algorithm>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::checks {

using challenge::Rule;
using system::Code;
using system::fail;

namespace {

bool matches(const std::string& entry, const std::string& rule_id) {
  return entry == rule_id || (entry.ends_with('.') && rule_id.starts_with(entry));
}

bool any_matches(const std::vector<std::string>& entries, const std::string& rule_id) {
  return std::ranges::any_of(entries, [&](const auto& entry) { return matches(entry, rule_id); });
}

std::string rule_ids(const challenge::Edition& edition) {
  std::string ids;
  for (const Rule& rule : edition.rules) ids += (ids.empty() ? "" : ", ") + rule.id;
  return ids;
}

}  // namespace

bool Selection::chooses(const std::string& rule_id) const {
  return (only.empty() || any_matches(only, rule_id)) && !any_matches(skip, rule_id);
}

void require_rules(const Selection& selection, const challenge::Edition& edition) {
  const auto require = [&](const char* option, const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
      if (std::ranges::none_of(edition.rules,
                               [&](const Rule& rule) { return matches(entry, rule.id); })) {
        fail(Code::kUsage, "check: {} {}: no rule of {}; it has {}; 'time.' means all of time",
             option, system::printable(entry), edition.id, rule_ids(edition));
      }
    }
  };
  require("--only", selection.only);
  require("--skip", selection.skip);
  if (std::ranges::none_of(edition.rules,
                           [&](const Rule& rule) { return selection.chooses(rule.id); })) {
    fail(Code::kUsage, "check: --only and --skip leave no rule of {} to judge", edition.id);
  }
}

}  // namespace reconproof::checks
