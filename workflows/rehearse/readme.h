// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "submission/readme/match.h"
#include "submission/readme/readme.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

/// What whoever types the README's commands would meet, and a sentence about them all. `clone`: the
/// files that he has; scripts for a shell are read by `bash -n`, nothing is executed.
void judge_readme(const submission::Readme& readme, const submission::ReadmeMatch& match,
                  const std::filesystem::path& clone, RehearsalStep& step);

}  // namespace reconproof::workflows
