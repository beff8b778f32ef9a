// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `reconproof data validate`: everything that is wrong with a data set.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "checks/data/data_fault.h"
#include "system/ed25519.h"
#include "system/exit_code.h"

namespace reconproof::checks {

struct ValidationOptions {
  std::filesystem::path folder;
  std::optional<challenge::Edition> edition;
  std::optional<std::filesystem::path> manifest;
  std::optional<system::PublicKey> public_key;  // that the manifest must be signed with
  int threads = 0;                              // 0: one a core
  bool fresh = false;  // also what a validation that was cut off had looked at
};

struct ValidationResult {
  std::vector<DataFault> faults;  // by file and slice
  int64_t volumes = 0, slices = 0, bytes = 0;
  bool with_manifest = false;

  /// 1 when something is wrong; warnings alone are a pass.
  system::ExitCode exit_code() const;
};

/// Throws kNotFound where there is no volume, and for a manifest that is malformed (kCorrupt) or
/// not signed by the key (kIntegrity). A run that was cut off goes on where it was.
ValidationResult validate_data(const ValidationOptions& options);

nlohmann::json to_json(const ValidationResult& result);
std::string to_text(const ValidationResult& result);

}  // namespace reconproof::checks
