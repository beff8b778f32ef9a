// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a rehearsal's runs say, as faults.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "checks/facts.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

/// Why a run failed.
using Explain = std::function<RehearsalFault(const checks::WholeRunResult& run)>;

/// Of the trainings that were made twice: whether they start without leaderboard and network, and
/// whether the second is the first again. `leaderboard_at`: a place in the code that names it.
void judge_trainings(const checks::Facts& facts, const std::string& leaderboard_at,
                     const Explain& explain, RehearsalStep& step);

/// The edition's rules about one run that came to its end, its time and memory.
void judge_reconstruction(const checks::Facts& facts, RehearsalStep& step);

/// Of weights that did not load: what they are of, and what the command builds, where both are an
/// official network's.
void tell_sizes(const submission::Step& step, const std::filesystem::path& weights,
                const std::filesystem::path& clone, RehearsalFault& fault);

}  // namespace reconproof::workflows
