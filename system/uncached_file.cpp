// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/uncached_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "system/error.h"

namespace reconproof::system {

UncachedFile::UncachedFile(const Descriptor& file, int64_t least_bytes) : file_(file) {
  // The kernel then asks the disk for twice as much at once.
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || status.st_size < std::max<int64_t>(least_bytes, 1))
    return;
  const auto size = static_cast<size_t>(status.st_size);
  void* pages = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (pages == MAP_FAILED) return;
  pages_ = pages;
  pages_bytes_ = size;
  direct_ = open_directly(file, O_RDONLY);
}

UncachedFile::~UncachedFile() {
  if (pages_) ::munmap(pages_, pages_bytes_);
}

/// Of a file that belongs to others the kernel says so always.
bool UncachedFile::is_cached(int64_t offset, size_t size) const {
  const size_t begin = std::min(static_cast<size_t>(offset), pages_bytes_);
  const size_t asked = std::min(size, pages_bytes_ - begin);
  std::vector<unsigned char> in_cache((asked + kDirectAlignment - 1) / kDirectAlignment);
  if (::mincore(static_cast<char*>(pages_) + begin, asked, in_cache.data()) != 0) return true;
  return std::ranges::all_of(in_cache, [](unsigned char page) { return (page & 1) != 0; });
}

size_t UncachedFile::read(void* out, size_t size, int64_t offset, const std::string& name) const {
  RP_ASSERT(offset % kDirectAlignment == 0 && size % kDirectAlignment == 0);
  char* bytes = static_cast<char*>(out);
  size_t done = 0;
  if (direct_.valid() && !is_cached(offset, size))
    done = static_cast<size_t>(std::max<ssize_t>(::pread(direct_.get(), bytes, size, offset), 0));
  // The cache has the rest, and the error: nothing, at the file's end; all of it, where a file
  // system opens a file for direct reading and then refuses to read it.
  while (done < size) {
    const ssize_t got =
        ::pread(file_.get(), bytes + done, size - done, offset + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(Code::kIo, name);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

}  // namespace reconproof::system
