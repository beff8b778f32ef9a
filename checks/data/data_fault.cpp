// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/data_fault.h"

#include <fmt/core.h>

#include <algorithm>

namespace reconproof::checks {

using nlohmann::json;

std::string ranges_text(const std::vector<int64_t>& numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (!text.empty()) text += ", ";
    text += end - i > 1 ? fmt::format("{} to {}", numbers[i], numbers[end - 1])
                        : fmt::format("{}", numbers[i]);
    i = end;
  }
  return text;
}

std::string DataFault::place() const {
  if (slices.empty()) return "";
  return fmt::format(" slice{} {}", slices.size() > 1 ? "s" : "", ranges_text(slices));
}

void add_fault(std::vector<DataFault>& faults, DataFault fault) {
  const auto same = std::ranges::find_if(faults, [&](const DataFault& known) {
    return known.kind == fault.kind && known.file == fault.file && known.reason == fault.reason &&
           !known.slices.empty() && !fault.slices.empty();
  });
  if (same == faults.end()) return faults.push_back(std::move(fault));
  same->slices.insert(same->slices.end(), fault.slices.begin(), fault.slices.end());
  std::ranges::sort(same->slices);
  same->slices.erase(std::ranges::unique(same->slices).begin(), same->slices.end());
}

json to_json(const DataFault& fault) {
  return {{"kind", fault.kind},     {"severity", fault.warning ? "warning" : "error"},
          {"file", fault.file},     {"slices", fault.slices},
          {"reason", fault.reason}, {"advice", fault.advice}};
}

DataFault fault_from_json(const json& value) {
  return {value.at("kind"),   value.at("severity") == "warning",
          value.at("file"),   value.at("slices"),
          value.at("reason"), value.at("advice")};
}

}  // namespace reconproof::checks
