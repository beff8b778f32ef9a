// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What is wrong with a data set, one thing each.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace reconproof::checks {

struct DataFault {
  std::string kind;             // "label-mismatch": the list is in docs/formats/data-validation.md
  bool warning = false;         // else an error
  std::string file;             // below the data set's folder; text of a stranger
  std::vector<int64_t> slices;  // empty: of the whole file
  std::string reason;           // what was found; may quote text of a stranger
  std::string advice;           // what to do

  /// " slice 3", " slices 0 to 15, 18", or nothing.
  std::string place() const;
};

/// Adds a fault, or the slice to one that says the same of the file.
void add_fault(std::vector<DataFault>& faults, DataFault fault);

nlohmann::json to_json(const DataFault& fault);
/// Of what to_json wrote.
DataFault fault_from_json(const nlohmann::json& json);

/// What to do about a file that was damaged on its way.
inline constexpr const char* kCopyAgain = "Copy the file again from the organiser's data.";

/// "0 to 15, 18"
std::string ranges_text(const std::vector<int64_t>& numbers);

}  // namespace reconproof::checks
