// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The hashes of the files of a training, as its folder keeps them in data.sha256: one line
// "<sha256>  <path>" a file, which `sha256sum --check` understands.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reconproof::challenge {

struct ListedFile {
  std::string sha256;  // as written: of a training with --scan headers the size
  std::filesystem::path path;
};

/// kCorrupt, naming `name` and the line, when a line has another form.
std::vector<ListedFile> parse_data_list(const std::string& text, const std::string& name);

/// One SHA-256 for the data: over the lines "<sha256>  kspace/<file>\n" in their order. The folders
/// in which the data lie do not enter: the same files elsewhere are the same data.
std::string data_sha256(const std::vector<ListedFile>& files);

}  // namespace reconproof::challenge
