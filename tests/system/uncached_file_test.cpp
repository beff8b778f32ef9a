// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/uncached_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "system/error.h"
#include "system/page_buffer.h"

namespace reconproof::system {
namespace {

class UncachedFileTest : public ::testing::Test {
 protected:
  static constexpr size_t kBlock = 1 << 20;

  UncachedFileTest() : text_(5'000'123, '\0') {
    for (size_t i = 0; i < text_.size(); ++i) text_[i] = static_cast<char>(i * i >> 7);
    write_file(path_, text_);
    file_ = open_for_reading(path_);
  }

  void drop_from_cache() { ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED); }

  int64_t cached_pages() {
    void* pages = ::mmap(nullptr, text_.size(), PROT_READ, MAP_SHARED, file_.get(), 0);
    std::vector<unsigned char> cached(text_.size() / 4096 + 1);
    EXPECT_EQ(::mincore(pages, text_.size(), cached.data()), 0);
    ::munmap(pages, text_.size());
    return std::ranges::count_if(cached, [](unsigned char page) { return (page & 1) != 0; });
  }

  std::string read_all(const UncachedFile& file, size_t block) {
    const PageBuffer buffer(block);
    std::string read;
    for (size_t got = block; got == block;) {
      got = file.read(buffer.data(), block, static_cast<int64_t>(read.size()), "bytes");
      read.append(buffer.data(), got);
    }
    return read;
  }

  TemporaryFolder root_;
  const std::filesystem::path path_ = root_.path() / "bytes";
  std::string text_;
  Descriptor file_;
};

TEST_F(UncachedFileTest, ReadsTheSameFromTheDiskAndFromTheCache) {
  const UncachedFile past_cache(file_, 0), through_cache(file_);
  for (const size_t block : {size_t{4096}, size_t{12288}, kBlock, 8 * kBlock}) {
    drop_from_cache();
    EXPECT_TRUE(read_all(past_cache, block) == text_) << block;
    EXPECT_TRUE(read_all(through_cache, block) == text_) << block;
    EXPECT_TRUE(read_all(past_cache, block) == text_) << block;
  }
}

TEST_F(UncachedFileTest, LeavesTheCacheAsItIs) {
  const PageBuffer buffer(kBlock);
  const UncachedFile past_cache(file_, 0), through_cache(file_);
  drop_from_cache();
  if (cached_pages() > 0 || !open_directly(file_, O_RDONLY).valid())
    GTEST_SKIP() << "this file system reads through the cache alone";
  past_cache.read(buffer.data(), kBlock, 0, "bytes");
  EXPECT_EQ(cached_pages(), 0);
  through_cache.read(buffer.data(), kBlock, 0, "bytes");
  EXPECT_GE(cached_pages(), 256);
}

TEST_F(UncachedFileTest, SeesWhatWasJustWritten) {
  const Descriptor writer(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  text_[2 * kBlock] ^= 1;
  ASSERT_EQ(::pwrite(writer.get(), text_.data() + 2 * kBlock, 1, 2 * kBlock), 1);
  EXPECT_TRUE(read_all(UncachedFile(file_, 0), kBlock) == text_);
}

TEST_F(UncachedFileTest, NothingBehindTheEnd) {
  const PageBuffer buffer(kBlock);
  const UncachedFile file(file_, 0);
  drop_from_cache();
  EXPECT_EQ(file.read(buffer.data(), kBlock, 5 << 20, "bytes"), 0U);
  EXPECT_EQ(file.read(buffer.data(), kBlock, int64_t{1} << 40, "bytes"), 0U);
}

TEST_F(UncachedFileTest, SmallAndEmptyFiles) {
  for (const size_t size : {0, 1, 4095, 4096, 4097}) {
    text_.resize(size);
    write_file(path_, text_);
    file_ = open_for_reading(path_);
    drop_from_cache();
    EXPECT_TRUE(read_all(UncachedFile(file_, 0), kBlock) == text_) << size;
  }
}

TEST_F(UncachedFileTest, SaysWhatCannotBeRead) {
  const PageBuffer buffer(kBlock);
  const Descriptor writer(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  try {
    UncachedFile(writer, 0).read(buffer.data(), kBlock, 0, "bytes");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kIo);
    EXPECT_NE(std::string(error.what()).find("bytes: "), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace reconproof::system
