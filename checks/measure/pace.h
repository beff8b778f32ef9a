// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The baseline's pace on this machine, by its own program (`reconproof-baseline pace`).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "challenge/edition.h"
#include "checks/measure/prediction.h"
#include "system/host.h"

namespace reconproof::checks {

struct MeasuredPace {
  std::optional<Pace> pace;
  std::string absent_reason;  // why there is none
};

/// Times the network of `reference` on this machine's GPU, or on its CPU where it has none;
/// seconds. `program`: reconproof-baseline. On a machine with a GPU a baseline that was built
/// without CUDA says nothing.
MeasuredPace measure_pace(const challenge::Reference& reference, const system::HostInfo& host,
                          const std::filesystem::path& program);

}  // namespace reconproof::checks
