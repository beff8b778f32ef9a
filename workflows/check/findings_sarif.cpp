// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check/findings_sarif.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include "formats/strict_json.h"
#include "system/build_info.h"
#include "workflows/check/findings_text.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using challenge::Edition;
using challenge::Finding;
using challenge::Rule;
using challenge::Status;
using nlohmann::json;

namespace {

constexpr const char* kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// What relative places are relative to. Only the second is known to whoever reads the file
// elsewhere.
constexpr const char* kProject = "PROJECT";
constexpr const char* kReconstructions = "RECONSTRUCTIONS";
constexpr const char* kData = "DATA";

json base_uris() {
  const auto described = [](const char* text) { return json{{"description", {{"text", text}}}}; };
  return {{kProject, described("the folder of reconproof.toml")},
          {kReconstructions, {{"uri", ".reconproof/check/recon/"}, {"uriBaseId", kProject}}},
          {kData, described("the folder of the training and validation data")}};
}

/// RFC 3986: every byte but the unreserved ones and the slash is encoded.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const unsigned char c : path) {
    const bool plain = c < 0x80 && (std::isalnum(c) ||
                                    std::string_view("-._~/").find(c) != std::string_view::npos);
    uri += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return uri;
}

/// Evidence that begins with a file name, by the rules whose checks write such: where the name ends
/// and what it is relative to.
struct NamedFile {
  std::string_view name;
  const char* base = nullptr;  // null: the evidence names no file
  int64_t line = 0;            // 0: none is named
};

/// "train.py:12: download: ..."; of a notebook, whose lines are no lines of its file, the file
/// alone.
NamedFile named_line(std::string_view evidence) {
  const std::string_view place = evidence.substr(0, evidence.find(": "));
  const size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) return {};
  NamedFile file = {place.substr(0, colon), kProject};
  const std::string_view digits = place.substr(colon + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), file.line);
  const size_t cell = file.name.rfind(".ipynb cell ");
  if (cell != std::string_view::npos) file = {file.name.substr(0, cell + 6), kProject};
  return file;
}

NamedFile named_file(const Finding& finding, std::string_view evidence) {
  const auto begins = [&](std::string_view family) { return finding.rule_id.starts_with(family); };
  const auto before = [&](std::string_view end, const char* base) {
    const size_t found = evidence.find(end);
    return found == std::string_view::npos ? NamedFile{}
                                           : NamedFile{evidence.substr(0, found), base};
  };
  if (begins("layout.") || begins("values.") || begins("repeat.") || begins("inputs.") ||
      begins("outputs.")) {
    return before(": ", kReconstructions);
  }
  if (begins("code.")) return named_line(evidence);
  if (begins("data.")) return before(" slice ", kData);
  if (finding.rule_id != "isolation.labels") return {};
  const NamedFile copy = before(" = ", kProject);
  return copy.base ? copy : before(" slice ", kReconstructions);
}

constexpr size_t kMaxPathBytes = 4096;  // of Linux: what is longer is no file

/// Null where the evidence names no file, or one that lies below none of the base folders.
json location(const Finding& finding, const std::string& evidence, const fs::path& root) {
  NamedFile file = named_file(finding, evidence);
  if (!file.base || file.name.empty() || file.name.size() > kMaxPathBytes) return nullptr;
  fs::path path = fs::path(file.name).lexically_normal();
  if (path.is_absolute()) {
    path = path.lexically_relative(root);
    file.base = kProject;
  } else if (file.base == kReconstructions && path.extension() != ".h5") {
    return nullptr;  // a line that a command printed, not a volume
  }
  if (path.empty() || *path.begin() == ".." || path == ".") return nullptr;
  json place = {{"artifactLocation", {{"uri", uri_of(path.string())}, {"uriBaseId", file.base}}}};
  if (file.line > 0) place["region"] = {{"startLine", file.line}};
  return {{"physicalLocation", place}};
}

/// `plain`: the same finding with relative paths, for the text beside a place.
json locations(const Finding& finding, const Finding& plain, const fs::path& root) {
  json all = json::array();
  for (size_t i = 0; i < std::min(finding.evidence.size(), kMaxEvidenceInFiles); ++i) {
    json place = location(finding, finding.evidence[i], root);
    if (place.is_null()) continue;
    place["message"]["text"] = shown(plain.evidence[i]);
    all.push_back(std::move(place));
  }
  return all;
}

/// How SARIF calls a status (3.27.9). An inconclusive rule is open: there was not enough to decide.
const char* kind(Status status) {
  switch (status) {
    case Status::kPass:
      return "pass";
    case Status::kFail:
    case Status::kWaived:
      return "fail";
    case Status::kNotApplicable:
      return "notApplicable";
    case Status::kInconclusive:
      break;
  }
  return "open";
}

json result(const CheckOutcome& outcome, const Finding& finding) {
  const fs::path& root = outcome.facts.project.root;
  const Finding plain = with_relative_paths(finding, root);
  const bool broken = finding.status == Status::kFail || finding.status == Status::kWaived;
  json entry = {{"ruleId", shown(finding.rule_id)},
                {"kind", kind(finding.status)},
                // 3.27.10: only what is broken has a level.
                {"level", broken ? challenge::severity_text(finding.severity) : "none"},
                {"message", {{"text", shown(plain.message)}}},
                {"locations", locations(finding, plain, root)},
                {"properties",
                 {{"status", challenge::status_text(finding.status)},
                  {"severity", challenge::severity_text(finding.severity)},
                  {"measured", finite_measured(finding)},
                  {"limit", finding.limit ? json(*finding.limit) : json()},
                  {"unit", shown(finding.unit)},
                  {"ruleset", shown(finding.ruleset)},
                  {"evidence", shown_evidence(plain, kMaxEvidenceInFiles)},
                  {"remediation", shown(finding.remediation)},
                  {"source", shown(finding.source)}}}};
  const std::vector<Rule>& rules = outcome.facts.edition.rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].id == finding.rule_id) entry["ruleIndex"] = i;
  }
  if (finding.status == Status::kWaived) {
    // What a waiver says stands first (submission/waiver.h).
    const std::string& why = plain.evidence.empty() ? plain.message : plain.evidence.front();
    entry["suppressions"] = {
        {{"kind", "external"}, {"status", "accepted"}, {"justification", shown(why)}}};
  }
  return entry;
}

json descriptor(const Rule& rule) {
  return {{"id", shown(rule.id)},
          {"shortDescription", {{"text", shown(rule.text)}}},
          {"help", {{"text", shown(rule.remediation) + "\nRule: " + shown(rule.source)}}},
          {"defaultConfiguration", {{"level", challenge::severity_text(rule.severity)}}},
          {"properties",
           {{"severity", challenge::severity_text(rule.severity)},
            {"certainty", shown(rule.certainty)},
            {"source", shown(rule.source)},
            {"limit", rule.limit ? json(*rule.limit) : json()},
            {"unit", shown(rule.unit)},
            {"text_ko", shown(rule.text_ko)},
            {"remediation_ko", shown(rule.remediation_ko)}}}};
}

json driver(const Edition& edition) {
  json rules = json::array();
  for (const Rule& rule : edition.rules) rules.push_back(descriptor(rule));
  return {{"name", "reconproof"},
          {"version", system::build_info().version},
          {"semanticVersion", system::build_info().version},
          {"language", "en"},
          {"rules", rules},
          {"properties",
           {{"revision", system::build_info().revision},
            {"source_sha256", system::build_info().source_sha256},
            {"ruleset", edition.ruleset()}}}};
}

json invocation(const CheckOutcome& outcome) {
  json left_out = json::array();
  for (const Rule& rule : outcome.facts.edition.rules) {
    if (outcome.selection.chooses(rule.id)) continue;
    left_out.push_back(
        {{"descriptor", {{"id", shown(rule.id)}}}, {"configuration", {{"enabled", false}}}});
  }
  return {{"executionSuccessful", true},
          {"exitCode", static_cast<int>(outcome.exit_code)},
          {"ruleConfigurationOverrides", left_out}};
}

}  // namespace

std::string findings_sarif(const CheckOutcome& outcome) {
  const checks::Facts& facts = outcome.facts;
  json results = json::array();
  for (const Finding& finding : outcome.findings) results.push_back(result(outcome, finding));
  const json run = {{"tool", {{"driver", driver(facts.edition)}}},
                    {"language", "en"},
                    {"invocations", json::array({invocation(outcome)})},
                    {"originalUriBaseIds", base_uris()},
                    {"results", results},
                    {"properties",
                     {{"project", shown(facts.project.name)},
                      {"edition", shown(facts.edition.id)},
                      {"only", outcome.selection.only},
                      {"skip", outcome.selection.skip}}}};
  return formats::canonical_json(
      {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", json::array({run})}});
}

}  // namespace reconproof::workflows
