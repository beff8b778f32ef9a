// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The way into the sandbox. `enter_sandbox()` is the body of the hidden command `__enter-sandbox`:
// it reads what to do on descriptor 3, as root brings the inputs to a place that an ordinary uid
// can reach and gives up its uid, and becomes bwrap. A re-executed process does this, since a fork
// of one with threads must not.
#pragma once

#include <filesystem>

namespace reconproof::system {

inline constexpr const char* kEnterSandboxCommand = "__enter-sandbox";

/// Returns only when it failed, with the process's exit code; the reason is on stderr.
int enter_sandbox();

/// The program that is re-executed; by default the running one. reconproof-launcher stands beside
/// it. For test programs.
void set_sandbox_helper_program(const std::filesystem::path& program);
std::filesystem::path sandbox_helper_program();

// Numbers of the descriptors that the helper gets.
inline constexpr int kSandboxSpecDescriptor = 3;
inline constexpr int kSandboxLauncherDescriptor = 4;
inline constexpr int kSandboxStatusDescriptor = 5;
inline constexpr int kSandboxLastDescriptor = kSandboxStatusDescriptor;

/// Who the command is outside, when the harness is root: nobody, who owns nothing.
inline constexpr unsigned kSandboxHostId = 65534;

}  // namespace reconproof::system
