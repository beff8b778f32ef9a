// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the launcher inside the sandbox tells the harness outside, on a sequenced-packet socket. The
// socket is closed before the stranger's command begins, so nothing of this can be forged by it.
#pragma once

#include <cstdint>

namespace reconproof::system {

enum class LauncherWord : uint32_t {
  kListener = 1,    // the seccomp listener comes along (SCM_RIGHTS)
  kNoListener = 2,  // `error` says why; a filter that refuses without reporting is in place if it
                    // could be had
  kReady = 3,       // the command is started next
  kExecFailed = 4,  // it could not be: `error`
};

struct LauncherMessage {
  LauncherWord word{};
  int32_t error = 0;
};

// reconproof-launcher SOCKET OBSERVE(0|1) PROCESSES DESCRIPTORS COMMAND...
// DESCRIPTORS: "7:3,8:4" makes 7 the command's 3 and 8 its 4; "-": none. Every other one is closed.
inline constexpr int kLauncherArguments = 5;
inline constexpr const char* kLauncherName = "reconproof-launcher";

}  // namespace reconproof::system
