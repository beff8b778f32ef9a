// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/package_report.h"

#include "checks/measure/gpu_report.h"
#include "system/terminal.h"

namespace reconproof::checks {

using nlohmann::json;

namespace {

constexpr size_t kMostPackages = 2000, kLongestName = 200;
constexpr int64_t kLongestPackageReport = 1 << 18;

/// A short plain text, or nothing.
std::string short_text(const json& value) {
  if (!value.is_string()) return "";
  const std::string& text = value.get_ref<const std::string&>();
  return text.size() <= kLongestName && system::printable(text) == text ? text : "";
}

}  // namespace

PythonPackages read_package_reports(const std::filesystem::path& folder) {
  PythonPackages told;
  for (const json& report : read_reports(folder, kLongestPackageReport)) {
    if (const std::string version = short_text(report.value("python", json())); !version.empty())
      told.python = version;
    const json packages = report.value("packages", json());
    if (!packages.is_object()) continue;
    for (const auto& [name, value] : packages.items()) {
      const std::string version = short_text(value);
      if (version.empty() || short_text(name).empty() || told.packages.size() >= kMostPackages)
        continue;
      told.packages.emplace(name, version);
    }
  }
  return told;
}

}  // namespace reconproof::checks
