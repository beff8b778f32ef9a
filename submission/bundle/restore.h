// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// An extracted bundle becomes a project whose commands can be run: code, weights and
// reconstructions lie where the commands look for them, in a folder that stands for the root of
// their machine.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "submission/project.h"

namespace reconproof::submission {

/// As a project declares a folder -> the folder of this machine that stands for it.
using GrantedFolders = std::map<std::string, std::filesystem::path>;

struct RestoredBundle {
  Project project;                         // its claims are those of reconproof.toml
  nlohmann::json submission, environment;  // meta/: what the team says
  nlohmann::json claims, findings;
  nlohmann::json measured;                // null where the bundle has none
  std::filesystem::path reconstructions;  // holds <cell>/*.h5; also where the command writes to
  std::filesystem::path ledger;           // empty: the bundle has none
};

/// Moves code, weights, reconstructions and logs of a verified bag into the new folder `image`, the
/// code to image/team/code, where the sandbox shows it too. Of the folders that the project wants
/// to read besides (`read_only`) those that were granted become links; the others stay missing.
/// kCorrupt where the bundle cannot be laid out so, kIntegrity where meta/submission.json declares
/// something else than data/code/reconproof.toml. `name` of the bundle, for messages.
RestoredBundle restore(const std::filesystem::path& bag, const std::filesystem::path& image,
                       const GrantedFolders& granted, const std::string& name);

}  // namespace reconproof::submission
