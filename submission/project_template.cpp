// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/project_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "system/embedded.h"

namespace reconproof::submission {

std::span<const system::EmbeddedFile> embedded_files();  // templates/reconproof.toml

namespace {

/// A JSON string is also a TOML basic string.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string list(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) all.push_back(quoted(text));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

std::string env_lines(const std::map<std::string, std::string>& env) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : env) lines.push_back(name + " = " + quoted(value));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string train_lines(const std::vector<Step>& trainings) {
  if (trainings.empty()) return "# [steps.train]\n# command = [\"python3\", \"train.py\"]";
  const Step& train = trainings.front();
  std::string lines = "[steps.train]\ncommand = " + list(train.command);
  if (!train.read_only.empty()) lines += "\nread_only = " + list(train.read_only);
  if (!train.env.empty()) lines += "\n[steps.train.env]\n" + env_lines(train.env);
  return lines;
}

/// "acc4/*.h5 and acc8/*.h5"
std::string outputs_layout(const challenge::Edition& edition) {
  std::vector<std::string> folders;
  for (const challenge::Cell& cell : edition.cells)
    folders.push_back(cell.name.empty() ? "*.h5" : cell.name + "/*.h5");
  return fmt::format("{}", fmt::join(folders, " and "));
}

}  // namespace

Project usual_project(const std::string& name, const std::string& edition) {
  Project project;
  project.name = name;
  project.edition = edition;
  project.train = "../Data/train";
  project.val = "../Data/val";
  project.leaderboard = "../Data/leaderboard";
  Step step;
  step.command = {"python3", "reconstruct.py", "-n", "test_Varnet", "-p", "../Data/leaderboard"};
  step.weights = "../result/test_Varnet/checkpoints/best_model.pt";
  step.outputs = "../result/test_Varnet/reconstructions_leaderboard";
  project.reconstruct_step = step;
  return project;
}

std::string project_template(const Project& project, const challenge::Edition& edition) {
  const Project usual = usual_project(project.name, project.edition);
  const Step& step = project.reconstruct_step ? *project.reconstruct_step : *usual.reconstruct_step;
  std::map<std::string, std::string> env = step.env;
  env.try_emplace("OMP_NUM_THREADS", "4");
  const auto folder = [](const std::string& own, const std::string& other) {
    return quoted(own.empty() ? other : own);
  };
  const std::map<std::string, std::string> values = {
      {"name", quoted(project.name)},
      {"edition", quoted(edition.id)},
      {"train", folder(project.train, usual.train)},
      {"val", folder(project.val, usual.val)},
      {"leaderboard", folder(project.leaderboard, usual.leaderboard)},
      {"train_step", train_lines(project.train_steps)},
      {"outputs_layout", outputs_layout(edition)},
      {"command", list(step.command)},
      {"contract", quoted(step.contract)},
      {"weights", quoted(step.weights)},
      {"outputs", quoted(step.outputs)},
      {"inputs", step.reads_images ? "inputs = [\"image\"]" : "# inputs = [\"kspace\", \"image\"]"},
      {"read_only", step.read_only.empty() ? "# read_only = [\"/opt/venv\"]"
                                           : "read_only = " + list(step.read_only)},
      {"env", env_lines(env)},
      {"claim", edition.item_names().front()}};
  return challenge::fill_placeholders(std::string(embedded_files()[0].contents),
                                      [&](const std::string& name) { return values.at(name); });
}

}  // namespace reconproof::submission
