// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/csv.h"

#include <utility>

#include "system/error.h"

namespace reconproof::formats {
namespace {

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  bool at_end() const { return at_ == text_.size(); }

  std::vector<std::string> row() {
    std::vector<std::string> fields;
    while (true) {
      if (fields.size() == kMaxCsvColumns || ++cells_ > kMaxCsvCells)
        refuse("more columns or cells than are read of such a file");
      fields.push_back(!at_end() && text_[at_] == '"' ? quoted() : plain());
      if (at_end()) return fields;
      const char next = text_[at_++];
      if (next == ',') continue;
      if (next == '\r' && !at_end() && text_[at_] == '\n')
        ++at_;
      else if (next != '\n')
        refuse("expected a comma or the line's end after a quoted field");
      ++line_;
      return fields;
    }
  }

  [[noreturn]] void refuse(const char* what) const {
    system::fail(system::Code::kCorrupt, "{}:{}: {}", name_, line_, what);
  }

 private:
  std::string plain() {
    const size_t begin = at_;
    while (!at_end() && text_[at_] != ',' && text_[at_] != '\n' &&
           !(text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n')) {
      if (text_[at_] == '"') refuse("a quote in the middle of a field");
      if (text_[at_] == '\0') refuse("a NUL byte: is this text?");
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string quoted() {
    std::string field;
    for (++at_;; ++at_) {
      if (at_end()) refuse("a quote that is never closed");
      const char c = text_[at_];
      if (c == '\0') refuse("a NUL byte: is this text?");
      if (c == '\n') ++line_;
      if (c == '"') {
        ++at_;
        if (at_end() || text_[at_] != '"') return field;
      }
      field += c;
    }
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0, cells_ = 0, line_ = 1;
};

}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // as spreadsheets begin UTF-8
  CsvReader reader(text, name);
  if (reader.at_end()) reader.refuse("is empty, expected a line of column names");
  CsvTable table;
  table.header = reader.row();
  while (!reader.at_end()) {
    std::vector<std::string> row = reader.row();
    if (row.size() == 1 && row[0].empty() && table.header.size() > 1) continue;  // a blank line
    if (row.size() != table.header.size()) {
      system::fail(system::Code::kCorrupt, "{}: row {} has {} fields, the header {}", name,
                   table.rows.size() + 1, row.size(), table.header.size());
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace reconproof::formats
