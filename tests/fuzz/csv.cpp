// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/csv.h"

#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

std::string written(const std::vector<std::string>& row) {
  std::string text;
  for (const std::string& field : row) {
    text += text.empty() ? "\"" : ",\"";
    for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text + "\n";
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  formats::CsvTable table;
  if (!fuzz::accepted([&] { table = formats::parse_csv(fuzz::text_of(data, size), "input"); }))
    return 0;
  std::string text = fuzz::written(table.header);
  for (const auto& row : table.rows) {
    RP_ASSERT(row.size() == table.header.size());
    text += fuzz::written(row);
  }
  const formats::CsvTable again = formats::parse_csv(text, "again");
  RP_ASSERT(again.header == table.header && again.rows == table.rows);
  return 0;
}
