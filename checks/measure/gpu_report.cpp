// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/gpu_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kMostReports = 4096;
constexpr int64_t kLongestReport = 1024;
constexpr int64_t kMostBytes = int64_t{1} << 50;

int64_t bytes_in(const json& report, const char* key) {
  const auto found = report.find(key);
  if (found == report.end() || !found->is_number_unsigned()) return 0;
  return static_cast<int64_t>(std::min<uint64_t>(found->get<uint64_t>(), kMostBytes));
}

/// No more than the first of them, and none of a folder that cannot be read.
std::vector<fs::path> reports_in(const fs::path& folder) {
  try {
    std::vector<fs::path> files = system::files_below(folder);  // follows no links
    if (files.size() > kMostReports) files.resize(kMostReports);
    return files;
  } catch (const system::Error&) {
    return {};
  }
}

json parsed(const fs::path& file, int64_t longest) {
  try {
    json report = json::parse(system::read_file(file, longest), nullptr, false);
    return report.is_object() ? report : json::object();
  } catch (const system::Error&) {
    return json::object();
  }
}

}  // namespace

std::vector<json> read_reports(const fs::path& folder, int64_t longest) {
  std::vector<json> reports;
  for (const fs::path& file : reports_in(folder)) reports.push_back(parsed(folder / file, longest));
  return reports;
}

ChildGpuPeak read_gpu_reports(const fs::path& folder) {
  ChildGpuPeak peak;
  for (const json& report : read_reports(folder, kLongestReport)) {
    const int64_t reserved = bytes_in(report, "reserved_bytes");
    if (reserved > peak.reserved_bytes) peak = {reserved, bytes_in(report, "allocated_bytes")};
  }
  return peak;
}

}  // namespace reconproof::checks
