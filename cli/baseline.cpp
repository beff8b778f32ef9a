// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <vector>

#include "cli/commands.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::cli {

system::ExitCode run_baseline(int argc, char** argv) {
  const std::string program =
      (system::self_executable().parent_path() / "reconproof-baseline").string();
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  arguments.insert(arguments.end(), argv, argv + argc);
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  system::fail_errno(system::Code::kNotFound,
                     program + " (it is built with LibTorch; run `make build`)");
}

}  // namespace reconproof::cli
