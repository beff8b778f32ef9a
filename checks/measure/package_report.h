// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a Python command says itself of its interpreter and of the packages that it loaded. Its own
// account, for whoever has to build such an environment again.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace reconproof::checks {

struct PythonPackages {
  std::string python;                           // "3.12.9"; empty where none told
  std::map<std::string, std::string> packages;  // "torch" -> "2.3.0"
};

/// Reads what a stranger left in the folder of RECONPROOF_GPU_REPORT: whatever is no account, or
/// too long for one, is passed over.
PythonPackages read_package_reports(const std::filesystem::path& folder);

}  // namespace reconproof::checks
