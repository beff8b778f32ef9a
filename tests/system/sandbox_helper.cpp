// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The smallest program that can be re-executed: into the sandbox, and as a ballast.
#include <string_view>

#include "system/gpu_ballast.h"
#include "system/sandbox_child.h"

int main(int argc, char** argv) {
  using namespace reconproof;
  const std::string_view command = argc == 2 ? argv[1] : "";
  if (command == system::kEnterSandboxCommand) return system::enter_sandbox();
  if (command == system::kGpuBallastCommand) return system::serve_gpu_ballast();
  return 2;
}
