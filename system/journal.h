// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a long work has finished, piece by piece, so that a killed one goes on from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "system/files.h"

namespace reconproof::system {

/// A file of lines, each a JSON list of key and value: a line that was cut off does not count.
/// Values stay on disk. Safe to use from several threads; a second program is refused.
class Journal {
 public:
  /// Goes on with the file when its first line says the same `identity` (what makes results
  /// comparable: program, options), else begins anew. kInvalidArgument when another program writes
  /// it.
  Journal(std::filesystem::path file, const std::string& identity);

  size_t size() const { return offsets_.size(); }
  std::optional<std::string> find(const std::string& key) const;
  void append(const std::string& key, const std::string& value);
  /// The work is done.
  void remove();

 private:
  void begin(const std::string& identity);
  /// False when it is another work's journal.
  bool load(const std::string& identity);

  std::filesystem::path path_;
  Descriptor file_;
  mutable std::mutex mutex_;
  std::map<std::string, int64_t> offsets_;  // of the line
  int64_t end_ = 0;
};

/// Path, size, time of the last change and inode of a file: the same as long as nobody wrote to it.
/// kNotFound when it is not there.
std::string file_stamp(const std::filesystem::path& path);

}  // namespace reconproof::system
