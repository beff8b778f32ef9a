// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/run_inputs.h"

#include <algorithm>

#include "challenge/dataset/folder.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using challenge::Cell;
using challenge::Edition;
using checks::Facts;
using submission::Project;
using system::Code;
using system::fail;

DataFolders locate_data(const Project& project, const Edition& edition,
                        const std::optional<fs::path>& data) {
  DataFolders folders;
  std::vector<fs::path> training;
  const auto add_declared = [&] {
    for (const std::string& declared : {project.train, project.val}) {
      if (!declared.empty()) training.push_back(project.host(declared));
    }
  };
  const bool root = data && !challenge::is_leaderboard(edition, *data);
  if (!project.train.empty()) folders.train = root ? *data / "train" : project.host(project.train);
  if (!project.val.empty()) folders.val = root ? *data / "val" : project.host(project.val);
  if (root) {
    folders.leaderboard = challenge::leaderboard_in(edition, *data);
    // Of what is not declared either, nobody can say that it is missing.
    for (const auto& [name, declared] : {std::pair{"train", project.train}, {"val", project.val}}) {
      if (!declared.empty() || system::is_folder(*data / name)) training.push_back(*data / name);
    }
  } else {
    if (!data && project.leaderboard.empty()) {
      fail(Code::kNotFound, "{}: declares no leaderboard under [data]; add it or give --data DIR",
           (project.root / submission::kProjectFile).string());
    }
    folders.leaderboard = data ? *data : project.host(project.leaderboard);
    add_declared();
  }
  if (!challenge::is_leaderboard(edition, folders.leaderboard)) {
    fail(Code::kNotFound, "{}: no leaderboard of {}: expected the folders {} in it",
         folders.leaderboard.string(), edition.id, [&] {
           std::string names;
           for (const Cell& cell : edition.cells)
             names += (names.empty() ? "" : ", ") + cell.folder;
           return names;
         }());
  }
  for (const fs::path& folder : training) {
    (system::is_folder(folder) ? folders.training : folders.missing).push_back(folder);
  }
  folders.leaderboard = fs::canonical(folders.leaderboard);
  return folders;
}

system::SandboxLimits limits_of_a_run(const Facts& facts, const RunLimits& chosen) {
  constexpr int64_t kGib = int64_t{1} << 30;
  system::SandboxLimits limits;
  std::error_code error;
  const fs::space_info space = fs::space(facts.project.root, error);
  if (!error) limits.output_bytes = static_cast<int64_t>(space.available / 2);
  if (chosen.output_bytes) limits.output_bytes = chosen.output_bytes;
  limits.memory_bytes = chosen.memory_bytes.value_or(
      std::max(facts.host.memory_bytes - kGib, facts.host.memory_bytes / 2));
  limits.processes = chosen.processes.value_or(limits.processes);
  return limits;
}

}  // namespace reconproof::workflows
