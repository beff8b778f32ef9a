// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/prefetch.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "system/files.h"

namespace reconproof::system {

void prefetch(const std::filesystem::path& file, double begin, double end) {
  const Descriptor handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!handle.valid() || ::fstat(handle.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const auto at = [&](double share) {
    return static_cast<off_t>(share * static_cast<double>(status.st_size));
  };
  // Of a request the kernel reads as much as it would read ahead by itself: 128 KiB as a rule.
  constexpr off_t kRequest = 128 << 10;
  for (off_t offset = at(begin); offset < at(end); offset += kRequest) {
    ::posix_fadvise(handle.get(), offset, std::min(kRequest, at(end) - offset),
                    POSIX_FADV_WILLNEED);
  }
}

}  // namespace reconproof::system
