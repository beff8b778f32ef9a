// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The smallest program that can be re-executed into the sandbox.
#include <string_view>

#include "system/sandbox_child.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == reconproof::system::kEnterSandboxCommand) {
    return reconproof::system::enter_sandbox();
  }
  return 2;
}
