// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Files written below one folder, and nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "system/files.h"

namespace reconproof::submission {

/// Paths are relative to the folder and safe (`formats::unsafe_name_reason`). No link is followed
/// and no file that is there is opened, whatever else is at work in the folder. Methods may be
/// called from several threads.
class FolderWriter {
 public:
  explicit FolderWriter(const std::filesystem::path& folder);

  /// kIo when the disk has no room for so many bytes in so many files.
  void expect_room(int64_t bytes, int64_t files) const;
  /// With the folders on the way.
  void make_folder(const std::string& path) const;
  /// A new file of `size` zeros in a folder that was made, or a hole of that size.
  void make_file(const std::string& path, int64_t size, bool executable) const;
  system::Descriptor open_file(const std::string& path) const;
  void write(const system::Descriptor& file, const std::string& path, int64_t offset,
             const char* data, size_t size) const;

 private:
  system::Descriptor parent_of(const std::string& path) const;
  std::string shown(const std::string& path) const;

  std::filesystem::path folder_;
  system::Descriptor root_;
};

}  // namespace reconproof::submission
