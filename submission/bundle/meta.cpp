// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/meta.h"

#include "formats/strict_json.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/declared.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

json document(const std::string& name, json members) {
  members["schema"] = "reconproof." + name;
  members["schema_version"] = 1;
  return members;
}

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

json code_json(const MetaInputs& inputs) {
  json code = {{"left_out", inputs.left_out}, {"executable", inputs.executable}, {"git", nullptr}};
  if (inputs.git) {
    code["git"] = {{"commit", inputs.git->commit},
                   {"dirty", !inputs.git->changed.empty()},
                   {"changed", inputs.git->changed},
                   {"untracked", inputs.git->untracked},
                   {"diff", text_or_null(inputs.diff)}};
  }
  return code;
}

json submission_json(const MetaInputs& inputs) {
  const Project& project = inputs.project;
  json weights = json::array();
  for (const PackedWeights& file : inputs.weights) {
    weights.push_back({{"path", file.path},
                       {"declared", file.declared},
                       {"view", text_or_null(file.view)},
                       {"opaque", text_or_null(file.opaque)}});
  }
  return {{"project", project.name},
          {"edition", project.edition},
          {"ruleset", challenge::find_edition(project.edition).ruleset()},
          {"checked", !inputs.check.is_null()},
          {"steps", declared_steps(project)},
          {"code", code_json(inputs)},
          {"weights", weights}};
}

json part_of(const json& check, const char* key, json absent) {
  return check.is_object() && check.contains(key) ? check[key] : std::move(absent);
}

/// Those of the check; but what is to be handed in is judged as it is packed.
json findings_json(const MetaInputs& inputs) {
  json findings = json::array();
  for (const json& finding : part_of(inputs.check, "findings", json::array())) {
    if (!is_hand_in_rule(finding.value("rule_id", ""))) findings.push_back(finding);
  }
  const challenge::Edition& edition = challenge::find_edition(inputs.project.edition);
  for (const challenge::Finding& finding : judge_all_hand_in(edition, inputs.hand_in))
    findings.push_back(challenge::to_json(finding));
  return findings;
}

/// What the check measured beside its findings and the score: a report of the bundle shows it.
json measured_json(const json& check) {
  json measured;
  for (const char* key :
       {"run", "slices", "trainings", "prediction", "zero_filled", "only", "skip"})
    measured[key] = part_of(check, key, nullptr);
  // Other people's programs on the team's GPU are nothing that a bundle has to say.
  json& run = measured["run"];
  if (run.is_object() && run.contains("gpu") && run["gpu"].is_object()) run["gpu"].erase("foreign");
  return measured;
}

}  // namespace

json read_check(const Project& project) {
  const fs::path path = project.check_folder() / "check.json";
  if (!fs::exists(path)) {
    fail(Code::kNotFound, "{}: missing; run `reconproof check` first (or pack with --unchecked)",
         path.string());
  }
  json check =
      formats::parse_schema_json(system::read_file(path), path.string(), "reconproof.check", 1);
  const auto expect_same = [&](const char* key, const std::string& ours) {
    if (!check.contains(key) || check[key] != ours) {
      fail(Code::kCorrupt, "{}: '{}' is {}, the project's is \"{}\"; run `reconproof check` again",
           path.string(), key,
           check.contains(key) ? system::printable(check[key].dump()) : "missing", ours);
    }
  };
  expect_same("project", project.name);
  expect_same("edition", project.edition);
  if (!check.contains("findings") || !check["findings"].is_array()) {
    fail(Code::kCorrupt, "{}: 'findings' is missing or not a list; run `reconproof check` again",
         path.string());
  }
  for (const json& finding : check["findings"]) challenge::finding_from_json(finding);
  return check;
}

std::map<std::string, std::string> judged_files(const json& check, const std::string& weights) {
  std::map<std::string, std::string> judged;
  if (!check.is_object()) return judged;
  const auto judge = [&](const std::string& path, const json& file) {
    if (file.is_object() && file.contains("sha256") && file["sha256"].is_string())
      judged[path] = file["sha256"];
  };
  judge(weights, check.value("weights", json()));
  const json handed_in = check.value("handed_in", json::array());
  if (!handed_in.is_array()) return judged;
  for (const json& file : handed_in) {
    if (file.is_object() && file.contains("path") && file["path"].is_string())
      judge("data/recon/" + file["path"].get<std::string>(), file);
  }
  return judged;
}

std::map<std::string, std::string> meta_files(const MetaInputs& inputs) {
  std::map<std::string, std::string> files;
  const auto put = [&](const std::string& name, json members) {
    files[kMetaFolder + name + ".json"] =
        formats::canonical_json(document(name, std::move(members)));
  };
  put("submission", submission_json(inputs));
  put("environment", {{"environment", part_of(inputs.check, "environment", json::object())},
                      {"build", part_of(inputs.check, "build", json::object())}});
  put("claims",
      {{"claims", inputs.project.claims}, {"score", part_of(inputs.check, "score", nullptr)}});
  put("findings", {{"ruleset", part_of(inputs.check, "ruleset", nullptr)},
                   {"findings", findings_json(inputs)}});
  if (!inputs.check.is_null()) put("measured", measured_json(inputs.check));
  return files;
}

std::vector<challenge::Finding> judge_all_hand_in(const challenge::Edition& edition,
                                                  const HandIn& hand_in) {
  std::vector<challenge::Finding> findings;
  for (const challenge::Rule& rule : edition.rules) {
    if (is_hand_in_rule(rule.id)) findings.push_back(judge_hand_in(edition, rule, hand_in));
  }
  return findings;
}

}  // namespace reconproof::submission
