// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What every run of a command that a project declares has, be it to reconstruct or to train.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checks/measure/job.h"

namespace reconproof::checks {

inline constexpr size_t kTailBytes = 8192;  // of its output, kept in the result
inline constexpr int64_t kCaptureBytes = 4 * kTailBytes;

/// All of its environment. `bin`: where it finds our own programs; `python`: where it sees the
/// adapters.
std::map<std::string, std::string> command_environment(
    const Job& job, const std::string& bin, const std::string& home,
    const std::vector<std::filesystem::path>& python);

/// Program, environment, and the project at kCodeFolder without `hidden`: what comes first, since
/// later mounts cover earlier ones.
void begin_command(const Job& job, const std::vector<std::filesystem::path>& hidden,
                   system::SandboxSpec& spec);

/// Our own programs and adapters, further folders that it may see, its limits: what comes last.
void finish_command(const Job& job, system::SandboxSpec& spec);

/// What a sandboxed and a plain run have in common.
void copy_outcome(const system::SandboxResult& run, WholeRunResult& result);
void copy_outcome(const system::ProcessResult& run, WholeRunResult& result);

/// All of a sandboxed run.
void copy_sandbox_outcome(const Job& job, const system::SandboxResult& run, WholeRunResult& result);

}  // namespace reconproof::checks
