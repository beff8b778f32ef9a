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

namespace {

/// As many bytes as there are; nothing where they cannot be read, as `errno` says.
ssize_t read_whole(int file, char* out, size_t size, int64_t offset) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file, out + done, size - done, offset + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<size_t>(got);
    // The end of the file, wherever else the rest would not be aligned.
    if (done % kDirectAlignment != 0) break;
  }
  return static_cast<ssize_t>(done);
}

}  // namespace

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
  std::vector<unsigned char> in_cache((size + kDirectAlignment - 1) / kDirectAlignment);
  const size_t asked = std::min(size, pages_bytes_ - begin);
  if (::mincore(static_cast<char*>(pages_) + begin, asked, in_cache.data()) != 0) return true;
  const size_t count = (asked + kDirectAlignment - 1) / kDirectAlignment;
  return std::all_of(in_cache.begin(), in_cache.begin() + static_cast<std::ptrdiff_t>(count),
                     [](unsigned char page) { return (page & 1) != 0; });
}

size_t UncachedFile::read(void* out, size_t size, int64_t offset, const std::string& name) const {
  RP_ASSERT(offset % kDirectAlignment == 0 && size % kDirectAlignment == 0);
  char* bytes = static_cast<char*>(out);
  ssize_t got = -1;
  if (direct_.valid() && !is_cached(offset, size))
    got = read_whole(direct_.get(), bytes, size, offset);
  // Some file systems open a file for direct reading and then refuse to read it.
  if (got < 0) got = read_whole(file_.get(), bytes, size, offset);
  if (got < 0) fail_errno(Code::kIo, name);
  return static_cast<size_t>(got);
}

}  // namespace reconproof::system
