// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/prefetch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "system/clock.h"
#include "system/files.h"

namespace reconproof::system {
namespace {

constexpr size_t kPage = 4096, kPages = 16384;

/// Which pages of the file the kernel holds.
std::vector<unsigned char> cached_pages(const Descriptor& file) {
  void* pages = ::mmap(nullptr, kPages * kPage, PROT_READ, MAP_SHARED, file.get(), 0);
  std::vector<unsigned char> cached(kPages);
  EXPECT_EQ(::mincore(pages, kPages * kPage, cached.data()), 0);
  ::munmap(pages, kPages * kPage);
  for (unsigned char& page : cached) page &= 1;
  return cached;
}

int64_t count_of(const std::vector<unsigned char>& cached, size_t begin, size_t end) {
  int64_t count = 0;
  for (size_t i = begin; i < end; ++i) count += cached[i];
  return count;
}

TEST(Prefetch, BringsThePartThatIsNamed) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "file";
  write_file(path, std::string(kPages * kPage, 'x'));
  const Descriptor file = open_for_reading(path);
  ASSERT_EQ(::fsync(file.get()), 0);
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  // Where files live in memory there is nothing to bring.
  if (count_of(cached_pages(file), 0, kPages) == static_cast<int64_t>(kPages))
    GTEST_SKIP() << "files here live in memory";
  prefetch(path, 0.5, 0.75);
  const double begin = monotonic_seconds();
  std::vector<unsigned char> cached;
  do {
    cached = cached_pages(file);
  } while (count_of(cached, kPages / 2, kPages * 3 / 4) < static_cast<int64_t>(kPages / 4) &&
           monotonic_seconds() < begin + 10);
  EXPECT_EQ(count_of(cached, kPages / 2, kPages * 3 / 4), static_cast<int64_t>(kPages / 4));
  EXPECT_LT(count_of(cached, 0, kPages / 4), static_cast<int64_t>(kPages / 4));
}

TEST(Prefetch, LeavesFaultsToWhoReads) {
  const TemporaryFolder folder;
  prefetch(folder.path() / "nowhere", 0, 1);
  prefetch(folder.path(), 0, 1);
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  prefetch(folder.path() / "pipe", 0, 1);
}

}  // namespace
}  // namespace reconproof::system
