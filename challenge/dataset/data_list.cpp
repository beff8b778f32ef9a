// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/data_list.h"

#include <sstream>

#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::challenge {

std::vector<ListedFile> parse_data_list(const std::string& text, const std::string& name) {
  std::vector<ListedFile> files;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t gap = line.find("  ");
    if (gap == 0 || gap == std::string::npos || gap + 2 == line.size()) {
      system::fail(system::Code::kCorrupt, "{}:{}: expected '<sha256>  <path>'", name,
                   files.size() + 1);
    }
    files.push_back({line.substr(0, gap), line.substr(gap + 2)});
  }
  return files;
}

std::string data_sha256(const std::vector<ListedFile>& files) {
  std::string names;
  for (const ListedFile& file : files) {
    names += file.sha256 + "  " +
             (file.path.parent_path().filename() / file.path.filename()).string() + "\n";
  }
  return system::sha256_hex(names);
}

}  // namespace reconproof::challenge
