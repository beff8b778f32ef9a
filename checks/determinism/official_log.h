// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "checks/determinism/ledger_compare.h"

namespace reconproof::checks {

/// The lines `Epoch = [..] Iter = [..] Loss = ...` and `Epoch = [..] TrainLoss = ...` that the
/// official trainer prints; all others are passed over. A line that goes back in the count (a
/// resumed run) takes the place of those after it. kCorrupt, naming `name`, when no line tells of a
/// step.
StepSeries parse_official_log(std::string_view text, const std::string& name);

/// The same of a file; kCorrupt when it is larger than 256 MiB.
StepSeries read_official_log(const std::filesystem::path& path);

}  // namespace reconproof::checks
