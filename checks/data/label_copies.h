// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Labels that a submission carries with it: copies of the label files among its own, and
// reconstructions that are the labels. A copy that was encoded anew is beyond this; what the run
// opens is watched besides.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "submission/project.h"

namespace reconproof::checks {

/// Files of the project, its weights included, that are byte for byte a label file of the
/// leaderboard: "priors/a.bin = acc4/image/brain_test1.h5".
std::vector<std::string> find_label_files(const submission::Project& project,
                                          const challenge::Edition& edition,
                                          const std::filesystem::path& leaderboard);

/// Slices of the reconstructions that equal their label in every pixel; empty slices do not count.
std::vector<std::string> find_label_slices(const challenge::Edition& edition,
                                           const std::filesystem::path& leaderboard,
                                           const std::filesystem::path& recon);

}  // namespace reconproof::checks
