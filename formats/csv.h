// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Tables with commas (RFC 4180), as W&B and spreadsheets export them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::formats {

inline constexpr size_t kMaxCsvColumns = 1000;
inline constexpr size_t kMaxCsvCells = 2'000'000;

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as wide as the header
};

/// Lines end with \n or \r\n; a field in double quotes may hold commas, line ends and doubled
/// quotes. Throws kCorrupt, with `name` and line, for a row of another width, a quote in the middle
/// of a field, one that is never closed, NUL bytes, an empty table, and more than the limits above.
CsvTable parse_csv(std::string_view text, const std::string& name);

}  // namespace reconproof::formats
