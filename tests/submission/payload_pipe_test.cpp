// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/payload_pipe.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <deque>

#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::submission {
namespace {

std::string bytes_of(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 15);
  return bytes;
}

class PayloadPipeTest : public testing::Test {
 protected:
  /// A collected file of these bytes.
  void add(const std::string& path, const std::string& bytes) {
    const std::filesystem::path file = folder_.path() / std::to_string(sources_.size());
    system::write_file(file, bytes);
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    sources_.push_back({file, status.st_size,
                        status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                        status.st_dev, status.st_ino, false});
    files_.emplace_back(path, &sources_.back());
  }

  static std::string read_file_of(PayloadPipe& pipe) {
    std::string bytes;
    for (auto some = pipe.next(); !some.empty(); some = pipe.next())
      bytes.append(some.data(), some.size());
    return bytes;
  }

  system::TemporaryFolder folder_;
  std::deque<SourceFile> sources_;
  PayloadPipe::Files files_;
};

TEST_F(PayloadPipeTest, GivesEachFileItsBytesAndItsDigest) {
  for (int file = 0; file < 200; ++file)
    add(std::to_string(file), bytes_of(static_cast<size_t>(file * 37)));
  PayloadPipe pipe(files_);
  for (int file = 0; file < 200; ++file)
    EXPECT_EQ(read_file_of(pipe), bytes_of(static_cast<size_t>(file * 37)));
  pipe.finish();
  ASSERT_EQ(pipe.digests().size(), 200u);
  for (int file = 0; file < 200; ++file) {
    EXPECT_EQ(pipe.digests().at(std::to_string(file)),
              system::sha256_hex(bytes_of(static_cast<size_t>(file * 37))));
  }
  EXPECT_TRUE(pipe.shards().empty());
}

TEST_F(PayloadPipeTest, EndsWhereNobodyWaitsForIt) {
  const PayloadPipe empty({});
  add("a", bytes_of(100));
  add("b", bytes_of(size_t{20} << 20));
  add("c", bytes_of(100));
  const PayloadPipe idle(files_);
  PayloadPipe begun(files_), amid(files_), read(files_);
  begun.next();
  read_file_of(amid);
  for (int piece = 0; piece < 12; ++piece) amid.next();
  for (int file = 0; file < 3; ++file) read_file_of(read);
}

TEST_F(PayloadPipeTest, FailsWhereAFileChangedWhatWasReadBeforeStands) {
  add("a", bytes_of(size_t{3} << 20));
  add("b", bytes_of(100));
  system::write_file(sources_.back().path, bytes_of(101));
  PayloadPipe pipe(files_);
  EXPECT_EQ(read_file_of(pipe), bytes_of(size_t{3} << 20));
  try {
    pipe.next();
    FAIL();
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kIntegrity);
  }
}

TEST_F(PayloadPipeTest, KeepsWhereLargeFilesStood) {
  constexpr size_t kShard = kShardBytes;
  const std::string longest = bytes_of(2 * kShard + 12345);
  const size_t sizes[] = {kShard, kShard + 1, longest.size()};
  for (const size_t size : sizes) {
    add("before " + std::to_string(size), "x");
    add("large " + std::to_string(size), longest.substr(0, size));
    add("small " + std::to_string(size), "y");
  }
  PayloadPipe pipe(files_);
  for (size_t file = 0; file < files_.size(); ++file) read_file_of(pipe);
  pipe.finish();
  for (const size_t size : sizes) {
    SCOPED_TRACE(size);
    const std::string bytes = longest.substr(0, size), path = "large " + std::to_string(size);
    EXPECT_EQ(pipe.digests().at(path), system::sha256_hex(bytes));
    const auto boundaries = static_cast<size_t>(shard_boundaries(static_cast<int64_t>(size)));
    EXPECT_EQ(pipe.shards().contains(path), boundaries > 0);
    if (boundaries == 0) continue;
    const std::vector<std::string>& values = pipe.shards().at(path);
    ASSERT_EQ(values.size(), boundaries);
    for (size_t i = 0; i < boundaries; ++i) {
      const size_t at = (i + 1) * kShard;
      system::Sha256 rest = system::Sha256::resume(values[i], static_cast<int64_t>(at));
      rest.update(bytes.data() + at, size - at);
      EXPECT_EQ(rest.hex(), pipe.digests().at(path)) << "from byte " << at;
    }
  }
}

}  // namespace
}  // namespace reconproof::submission
