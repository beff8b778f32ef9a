// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/project.h"

#include <fmt/core.h>

#include <algorithm>

#include "formats/toml.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using formats::TomlTable;
using system::Code;
using system::fail;

namespace {

std::map<std::string, std::string> text_map(TomlTable table) {
  std::map<std::string, std::string> result;
  for (const std::string& key : table.keys()) result[key] = table.text(key);
  return result;
}

/// Claims may be written as text or as numbers.
std::map<std::string, std::string> claim_map(TomlTable table, const toml::table& raw) {
  std::map<std::string, std::string> result;
  for (const std::string& key : table.keys()) {
    const toml::node* node = raw.get(key);
    result[key] = node->is_number() ? fmt::format("{}", table.number(key)) : table.text(key);
  }
  return result;
}

bool reads_images(TomlTable& table) {
  const std::vector<std::string> inputs = table.texts_or_empty("inputs");
  for (const std::string& input : inputs) {
    if (input == "kspace" || input == "image") continue;
    fail(Code::kCorrupt, "{}: '{}', expected \"kspace\", \"image\" or both", table.where("inputs"),
         input);
  }
  return std::ranges::find(inputs, "image") != inputs.end();
}

Step parse_step(TomlTable table, bool named = false) {
  Step step;
  if (named) step.name = table.text("name");
  step.command = table.texts("command");
  if (step.command.empty() || step.command[0].empty()) {
    fail(Code::kCorrupt, "{}: is empty, expected the program and its arguments",
         table.where("command"));
  }
  step.contract = table.text_or("contract", "whole");
  if (step.contract != "whole" && step.contract != "slice") {
    fail(Code::kCorrupt,
         "{}: '{}', expected \"whole\" (the run is timed) or \"slice\" (each "
         "slice is)",
         table.where("contract"), step.contract);
  }
  step.reads_images = reads_images(table);
  step.weights = table.text_or("weights", "");
  step.outputs = table.text_or("outputs", "");
  step.ledger = table.text_or("ledger", "");
  step.read_only = table.texts_or_empty("read_only");
  if (auto env = table.table("env")) step.env = text_map(std::move(*env));
  table.expect_no_more();
  return step;
}

/// [steps.train], or [[steps.train]] where a submission has several models.
std::vector<Step> parse_trainings(TomlTable& steps) {
  std::vector<Step> trainings;
  if (!steps.is_list("train")) {
    if (auto train = steps.table("train")) trainings.push_back(parse_step(std::move(*train)));
    return trainings;
  }
  for (TomlTable& train : steps.tables("train")) {
    const std::string where = train.where("name");
    Step step = parse_step(std::move(train), true);
    if (step.name.empty() || std::ranges::count(trainings, step.name, &Step::name) > 0) {
      fail(Code::kCorrupt, "{}: '{}', expected a name that no other training has", where,
           system::printable(step.name));
    }
    trainings.push_back(std::move(step));
  }
  return trainings;
}

Declared parse_hand_in(TomlTable table) {
  Declared declared{table.text_or("slides", ""), table.text_or("video", ""),
                    table.text_or("loss_record", ""), table.texts_or_empty("logs"),
                    table.texts_or_empty("attachments")};
  table.expect_no_more();
  return declared;
}

}  // namespace

fs::path Project::host(const std::string& declared) const {
  if (image.empty()) return (root / declared).lexically_normal();
  const fs::path there = fs::path("/") / root.lexically_relative(image) / declared;
  return image / there.lexically_normal().relative_path();
}

void Project::expect_free(const fs::path& target) const {
  std::error_code ignored;
  const fs::path place = fs::weakly_canonical(fs::absolute(target), ignored);
  std::vector<fs::path> ours = {root / kProjectFile, state_folder()};
  for (const std::string& declared : {train, val, leaderboard}) {
    if (!declared.empty()) ours.push_back(host(declared));
  }
  std::vector<Step> steps = train_steps;
  if (reconstruct_step) steps.push_back(*reconstruct_step);
  for (const Step& step : steps) {
    for (const std::string& declared : {step.weights, step.outputs}) {
      if (!declared.empty()) ours.push_back(host(declared));
    }
  }
  for (const fs::path& own : ours) {
    if (system::is_below(place, fs::weakly_canonical(own, ignored))) {
      fail(Code::kInvalidArgument,
           "{}: lies in {}, which belongs to the submission; write elsewhere", target.string(),
           own.string());
    }
  }
}

Project load_project(const fs::path& folder) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) fail(Code::kNotFound, "{}: {}", folder.string(), error.message());
  const fs::path file = root / kProjectFile;
  if (!fs::exists(file, error)) {
    fail(Code::kNotFound, "{}: no {}; run `reconproof init` there first", folder.string(),
         kProjectFile);
  }
  const toml::table document = formats::parse_toml(system::read_file(file, 1 << 20), file.string());
  TomlTable table(document, file.string());
  Project project;
  project.root = root;
  auto head = table.table("project");
  if (!head)
    fail(Code::kCorrupt, "{}: missing table with name and edition", table.where("project"));
  project.name = head->text("name");
  project.edition = head->text("edition");
  if (project.name.empty()) fail(Code::kCorrupt, "{}: is empty", head->where("name"));
  head->expect_no_more();
  if (auto data = table.table("data")) {
    project.train = data->text_or("train", "");
    project.val = data->text_or("val", "");
    project.leaderboard = data->text_or("leaderboard", "");
    data->expect_no_more();
  }
  if (auto steps = table.table("steps")) {
    project.train_steps = parse_trainings(*steps);
    if (auto run = steps->table("reconstruct"))
      project.reconstruct_step = parse_step(std::move(*run));
    steps->expect_no_more();
  }
  if (auto claims = table.table("claims")) {
    project.claims = claim_map(std::move(*claims), *document["claims"].as_table());
  }
  if (auto hand_in = table.table("hand_in")) project.hand_in = parse_hand_in(std::move(*hand_in));
  table.expect_no_more();
  return project;
}

}  // namespace reconproof::submission
