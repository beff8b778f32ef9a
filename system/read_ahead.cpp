// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/read_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "system/files.h"

namespace reconproof::system {

void read_ahead(const std::filesystem::path& file, double begin, double end) {
  const Descriptor handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!handle.valid() || ::fstat(handle.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const auto at = [&](double share) {
    return static_cast<off_t>(share * static_cast<double>(status.st_size));
  };
  ::posix_fadvise(handle.get(), at(begin), at(end) - at(begin), POSIX_FADV_WILLNEED);
}

}  // namespace reconproof::system
