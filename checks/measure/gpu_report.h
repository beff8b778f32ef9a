// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a Python command says itself of the GPU memory that PyTorch's allocator held at most. Its
// own account: shown beside what was sampled, and never in its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

namespace reconproof::checks {

/// Names the folder where processes leave their account.
inline constexpr const char* kGpuReportVariable = "RECONPROOF_GPU_REPORT";

struct ChildGpuPeak {
  int64_t reserved_bytes = 0, allocated_bytes = 0;  // of the process that held most; 0: none told
};

/// The JSON objects that processes left in a folder, of at most so many bytes each; an empty object
/// for whatever is none.
std::vector<nlohmann::json> read_reports(const std::filesystem::path& folder, int64_t longest);

/// Reads what a stranger left there: whatever is no account is passed over.
ChildGpuPeak read_gpu_reports(const std::filesystem::path& folder);

}  // namespace reconproof::checks
