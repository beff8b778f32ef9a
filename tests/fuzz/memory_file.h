// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Files for readers that take a path, without a disk.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::fuzz {

inline void replace_contents(const system::Descriptor& file, std::string_view contents) {
  RP_ASSERT(::ftruncate(file.get(), 0) == 0 && ::lseek(file.get(), 0, SEEK_SET) == 0);
  system::write_all(file.get(), contents.data(), contents.size(), "fuzz input");
}

/// In memory; its path is a link in /proc.
class MemoryFile {
 public:
  MemoryFile() : file_(::memfd_create("input", MFD_CLOEXEC)) { RP_ASSERT(file_.valid()); }
  std::filesystem::path path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }
  void set(std::string_view contents) { replace_contents(file_, contents); }

 private:
  system::Descriptor file_;
};

/// A file in a folder of its own under TMPDIR, for readers that look at the name or refuse links.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name)
      : path_(folder_.path() / name),
        file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    RP_ASSERT(file_.valid());
  }
  const std::filesystem::path& path() const { return path_; }
  void set(std::string_view contents) { replace_contents(file_, contents); }

 private:
  system::TemporaryFolder folder_;
  std::filesystem::path path_;
  system::Descriptor file_;
};

}  // namespace reconproof::fuzz
