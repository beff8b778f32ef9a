// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check/json.h"

#include "challenge/score/text.h"
#include "submission/bundle/declared.h"
#include "system/date.h"
#include "system/files.h"
#include "system/sha256.h"
#include "workflows/provenance.h"
#include "workflows/rehearse/rehearse.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using nlohmann::json;
using submission::CommandVerdict;

namespace {

const char* verdict_text(CommandVerdict verdict) {
  switch (verdict) {
    case CommandVerdict::kSame:
      return "same";
    case CommandVerdict::kDiffers:
      return "differs";
    case CommandVerdict::kOther:
      return "other";
    case CommandVerdict::kFails:
      return "fails";
    case CommandVerdict::kUnclear:
      break;
  }
  return "unclear";
}

json step_json(const RehearsalStep& step) {
  json faults = json::array();
  for (const RehearsalFault& fault : step.faults) {
    faults.push_back({{"kind", fault.kind},
                      {"gravity", gravity_text(fault.gravity)},
                      {"where", fault.where},
                      {"message", fault.message},
                      {"remedy", fault.remedy},
                      {"evidence", fault.evidence}});
  }
  return {{"name", step.name},
          {"state", step_state_text(step.state())},
          {"message", step.message},
          {"wall_s", step.wall_s},
          {"faults", faults}};
}

json readme_json(const Rehearsal& rehearsal) {
  json commands = json::array(), skipped = json::array();
  for (const submission::CommandMatch& command : rehearsal.match.commands) {
    json alternatives = json::array();
    for (const submission::AlternativeMatch& alternative : command.alternatives) {
      alternatives.push_back({{"text", alternative.text},
                              {"verdict", verdict_text(alternative.verdict)},
                              {"notes", alternative.notes}});
    }
    commands.push_back({{"line", command.line},
                        {"step", command.step},
                        {"verdict", verdict_text(command.verdict())},
                        {"alternatives", alternatives}});
  }
  for (const submission::ReadmeSkipped& one : rehearsal.readme.skipped)
    skipped.push_back({{"line", one.line}, {"what", one.what}, {"text", one.text}});
  return {{"file", rehearsal.readme.file},
          {"commands", commands},
          {"skipped", skipped},
          {"unnamed_steps", rehearsal.match.unnamed}};
}

json python_json(const RehearsalEnvironment& environment) {
  json requirements = json::array();
  for (const submission::Requirement& item : environment.requirements.items)
    requirements.push_back({{"name", item.name}, {"pinned", item.pinned}, {"line", item.line}});
  return {{"how", environment.how},
          {"version", environment.version},
          {"packages", environment.packages},
          {"requirements_file", environment.requirements.file},
          {"requirements_sha256", environment.requirements.sha256},
          {"requirements", requirements}};
}

json items_json(const Rehearsal& rehearsal) {
  json items = json::array();
  const auto text = [](const std::string& digits) {
    return digits.empty() ? json() : json(digits);
  };
  for (const ItemRow& row : item_rows(rehearsal.facts.edition, rehearsal.claims, nullptr,
                                      rehearsal.score ? &*rehearsal.score : nullptr))
    items.push_back(
        {{"name", row.name}, {"claimed", text(row.claimed)}, {"rehearsed", text(row.re_executed)}});
  return items;
}

/// Of what was reconstructed here; empty where nothing was.
json reconstructions_json(const Rehearsal& rehearsal) {
  json files = json::array();
  if (!rehearsal.facts.run.ok()) return files;
  const fs::path& folder = rehearsal.facts.run.recon_folder;
  for (const fs::path& file : system::files_below(folder))
    files.push_back(file_json(folder / file, file.string()));
  return files;
}

/// As `sha256sum */*.h5 | sha256sum` in their folder prints it.
json list_sha256(const json& files) {
  if (files.empty()) return {};
  std::string list;
  for (const json& file : files)
    list += file.at("sha256").get<std::string>() + "  " + file.at("path").get<std::string>() + "\n";
  return system::sha256_hex(list);
}

json weights_json(const submission::Project& team) {
  const std::string& weights = team.reconstruct_step->weights;
  std::error_code ignored;
  if (!fs::is_regular_file(team.host(weights), ignored)) return {};
  return file_json(team.host(weights), weights);
}

}  // namespace

json rehearsal_json(const Rehearsal& rehearsal) {
  const checks::Facts& facts = rehearsal.facts;
  json steps = json::array();
  for (const RehearsalStep& step : rehearsal.steps) steps.push_back(step_json(step));
  const json reconstructions = reconstructions_json(rehearsal);
  const bool ran = facts.run.ok() || facts.run.exit_code != -1 || facts.run.signal != 0;
  return {{"schema", "reconproof.rehearse"},
          {"schema_version", 1},
          {"project", rehearsal.team.name},
          {"edition", facts.edition.id},
          {"ruleset", facts.edition.ruleset()},
          {"commit", rehearsal.place.git.commit},
          {"begun", system::utc_text(rehearsal.begun_us)},
          {"wall_s", rehearsal.wall_s},
          {"exit_code", static_cast<int>(rehearsal.exit_code)},
          {"verdict", rehearsal_verdict(rehearsal)},
          {"data_moved", rehearsal.place.data_moved},
          {"steps", steps},
          {"readme", readme_json(rehearsal)},
          {"declared", submission::declared_steps(rehearsal.team)},
          {"python", python_json(rehearsal.environment)},
          {"environment", environment_json(facts.host)},
          {"build", build_json()},
          {"cpu_adapter", facts.cpu_adapter != nullptr},
          {"trainings", trainings_json(facts)},
          {"run", ran ? run_json(facts.run) : json()},
          {"items", items_json(rehearsal)},
          {"claims_from", rehearsal.claims_from},
          {"score", rehearsal.score ? challenge::to_json(*rehearsal.score) : json()},
          {"weights", weights_json(rehearsal.team)},
          {"reconstructions", reconstructions},
          {"reconstructions_sha256", list_sha256(reconstructions)}};
}

}  // namespace reconproof::workflows
