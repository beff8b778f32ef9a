// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/waiver.h"

#include <fmt/core.h>

#include <algorithm>

#include "formats/dsse.h"
#include "formats/strict_json.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {

using challenge::Finding;
using challenge::Status;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

// Of its own: no signature under another kind of statement can be taken for a waiver's.
constexpr const char* kWaiverPayloadType = "application/vnd.reconproof.waiver+json";
constexpr const char* kWaiverSchema = "reconproof.waiver";
constexpr int64_t kMaxWaiverBytes = 1 << 20;

std::string text_of(const json& object, const char* field, const std::string& name) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
    fail(Code::kCorrupt, "{}: '{}' is missing or no text", name, field);
  return found->get<std::string>();
}

void read_scope(const json& scope, Waiver& waiver, const std::string& name) {
  if (scope.is_object() && scope.size() == 1 && scope.contains("bundle")) {
    waiver.bundle = text_of(scope, "bundle", name);
    if (!system::is_sha256(waiver.bundle))
      fail(Code::kCorrupt, "{}: 'bundle' is no bundle's id", name);
  } else if (scope.is_object() && scope.size() == 2) {
    waiver.project = text_of(scope, "project", name);
    waiver.edition = text_of(scope, "edition", name);
  } else {
    fail(Code::kCorrupt, "{}: 'scope' names neither a bundle alone nor project and edition", name);
  }
}

/// Why the waiver does not count for what is judged, or "".
std::string out_of_scope(const Waiver& waiver, const WaiverScope& scope) {
  if (waiver.expires < scope.today) return fmt::format("expired after {}", waiver.expires);
  if (!waiver.bundle.empty()) {
    if (waiver.bundle == scope.bundle) return "";
    return scope.bundle.empty() ? "is for a bundle, and a project is judged"
                                : fmt::format("is for the bundle {}", waiver.bundle);
  }
  if (waiver.edition != scope.edition)
    return fmt::format("is for the edition '{}'", system::excerpt(waiver.edition));
  if (waiver.project != scope.project)
    return fmt::format("is for the project '{}'", system::excerpt(waiver.project));
  return "";
}

void waive(Finding& finding, const Waiver& waiver) {
  finding.status = Status::kWaived;
  finding.evidence.insert(finding.evidence.begin(),  // who reads only the first pieces must see it
                          fmt::format("waived until {} by the key {}: {}", waiver.expires,
                                      waiver.key_id.substr(0, 16), waiver.reason));
  finding.remediation.clear();
}

}  // namespace

std::string sign_waiver(const Waiver& waiver, const system::SigningKey& key) {
  const json scope = waiver.bundle.empty()
                         ? json{{"project", waiver.project}, {"edition", waiver.edition}}
                         : json{{"bundle", waiver.bundle}};
  const json document = {{"schema", kWaiverSchema}, {"schema_version", 1},
                         {"rules", waiver.rules},   {"scope", scope},
                         {"reason", waiver.reason}, {"expires", waiver.expires}};
  return formats::dsse_text(
      formats::dsse_sign(kWaiverPayloadType, formats::canonical_json(document), key));
}

Waiver read_waiver(const std::filesystem::path& file, const system::PublicKey& key) {
  const std::string name = file.string();
  const formats::DsseEnvelope envelope =
      formats::parse_dsse(system::read_file(file, kMaxWaiverBytes), name);
  formats::dsse_verify(envelope, key, name);
  if (envelope.payload_type != kWaiverPayloadType) {
    fail(Code::kCorrupt, "{}: payloadType is '{}', which is no waiver's", name,
         system::excerpt(envelope.payload_type));
  }
  const json document = formats::parse_schema_json(envelope.payload, name, kWaiverSchema, 1);
  Waiver waiver;
  waiver.reason = text_of(document, "reason", name);
  waiver.expires = text_of(document, "expires", name);
  if (!system::is_date(waiver.expires))
    fail(Code::kCorrupt, "{}: 'expires' is no day such as 2026-08-31", name);
  read_scope(document.value("scope", json()), waiver, name);
  const json rules = document.value("rules", json());
  const auto is_text = [](const json& rule) { return rule.is_string(); };
  if (!rules.is_array() || rules.empty() || !std::ranges::all_of(rules, is_text))
    fail(Code::kCorrupt, "{}: 'rules' is missing or no list of rule ids", name);
  waiver.rules = rules.get<std::vector<std::string>>();
  waiver.key_id = key.id();
  waiver.file = name;
  return waiver;
}

std::vector<std::string> apply_waivers(std::vector<Finding>& findings,
                                       const std::vector<Waiver>& waivers,
                                       const WaiverScope& scope) {
  std::vector<std::string> notes;
  for (const Waiver& waiver : waivers) {
    if (const std::string reason = out_of_scope(waiver, scope); !reason.empty()) {
      notes.push_back(fmt::format("{}: the waiver has no effect: it {}", waiver.file, reason));
      continue;
    }
    for (const std::string& rule : waiver.rules) {
      const auto broken = [&](const Finding& finding) {
        return finding.rule_id == rule && finding.status == Status::kFail;
      };
      if (std::ranges::none_of(findings, broken)) {
        notes.push_back(fmt::format("{}: the rule '{}' is not broken: nothing to waive",
                                    waiver.file, system::excerpt(rule)));
      }
      for (Finding& finding : findings) {
        if (broken(finding)) waive(finding, waiver);
      }
    }
  }
  return notes;
}

}  // namespace reconproof::submission
