// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Lets Python code that was written for CUDA run where there is no GPU, without a change in it.
#pragma once

#include <filesystem>

#include "system/files.h"

namespace reconproof::checks {

/// A folder with python/cpu_only/sitecustomize.py, for PYTHONPATH, as long as this lives. `python
/// -I`,
/// `-E` and `-S` do not look at it.
class CpuAdapter {
 public:
  CpuAdapter();
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  system::TemporaryFolder folder_;
};

}  // namespace reconproof::checks
