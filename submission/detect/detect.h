// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a copy of the challenge's official repository says of itself: edition, commands, places.
// Its files are read as text, bounded, and never executed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "submission/project.h"

namespace reconproof::submission {

/// One thing that was found, and where: {"edition", "snu-2025", "README.md:1, ..."}.
struct Evidence {
  std::string what, value, where;
};

struct Detected {
  /// Filled as far as the repository tells; `edition` is empty where it does not. Steps are absent
  /// where their script is.
  Project project;
  std::string network;   // "varnet" (from k-space), "unet" (from images) or empty
  std::string net_name;  // folder below ../result
  std::vector<Evidence> evidence;
  std::vector<std::string> warnings;  // for a person: what was not understood, known traps
  std::string edition_doubt;          // why the edition was not told
};

struct DetectOptions {
  std::string edition;      // chosen by the user: wins over what the files say
  std::string search_path;  // where programs are looked for, as PATH
};

/// Looks at README.md, train, reconstruct, recon_eval and leaderboard_eval (.sh and .py), and
/// utils/common/metrics.py. A repository that is none of the official ones gives an empty result
/// with warnings; only a folder that is not there throws (kNotFound). `root` is canonical.
Detected detect_repository(const std::filesystem::path& root, const DetectOptions& options);

}  // namespace reconproof::submission
