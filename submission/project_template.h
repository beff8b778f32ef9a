// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "challenge/edition.h"
#include "submission/project.h"

namespace reconproof::submission {

/// A project as most teams' are, to be filled in by hand.
Project usual_project(const std::string& name, const std::string& edition);

/// A commented reconproof.toml of the project. It parses as it stands. What the project leaves
/// empty, data folders and steps, is that of `usual_project`, or stands there as a comment.
std::string project_template(const Project& project, const challenge::Edition& edition);

}  // namespace reconproof::submission
