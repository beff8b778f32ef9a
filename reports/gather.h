// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: what a report of a team's folder and one of a bundle have in common.
#pragma once

#include <map>
#include <string>

#include "reports/model.h"

namespace reconproof::reports {

/// SHA-256 of reconstructions that were hashed already: "acc4/brain_test1.h5" -> digits.
using KnownHashes = std::map<std::string, std::string>;

/// Everything that lies where the project declares it; without what only the team's own folder has
/// (history, rehearsal, git).
Report gather_report(const submission::Project& project, CheckRecord check,
                     const ReportOptions& options, const KnownHashes& known = {});

}  // namespace reconproof::reports
