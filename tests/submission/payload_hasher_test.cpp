// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/payload_hasher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "system/sha256.h"

namespace reconproof::submission {
namespace {

std::string bytes_of(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 15);
  return bytes;
}

void add_file(PayloadHasher& hasher, const std::string& path, const std::string& bytes,
              size_t piece) {
  for (size_t at = 0; at < bytes.size();) {
    const std::span<char> buffer = hasher.buffer();
    const size_t size = std::min({piece, buffer.size(), bytes.size() - at});
    std::copy_n(bytes.data() + at, size, buffer.data());
    hasher.add(size);
    at += size;
  }
  hasher.end_file(path);
}

TEST(PayloadHasher, GivesEachFileItsDigest) {
  PayloadHasher hasher;
  for (int file = 0; file < 200; ++file)
    add_file(hasher, std::to_string(file), bytes_of(static_cast<size_t>(file * 37)), 1000);
  hasher.finish();
  ASSERT_EQ(hasher.digests().size(), 200u);
  for (int file = 0; file < 200; ++file) {
    EXPECT_EQ(hasher.digests().at(std::to_string(file)),
              system::sha256_hex(bytes_of(static_cast<size_t>(file * 37))));
  }
  EXPECT_TRUE(hasher.shards().empty());
}

TEST(PayloadHasher, EndsWhereNobodyWaitsForIt) {
  PayloadHasher idle, begun, taken;
  add_file(begun, "a", bytes_of(100), 7);
  begun.buffer();
  begun.add(3);
  taken.buffer();
}

TEST(PayloadHasher, KeepsWhereLargeFilesStood) {
  constexpr size_t kShard = kShardBytes;
  const std::string longest = bytes_of(2 * kShard + 12345);
  for (const size_t size : {kShard, kShard + 1, longest.size()}) {
    for (const size_t piece : {size_t{1} << 18, size_t{99'991}}) {
      SCOPED_TRACE(testing::Message() << size << " bytes in pieces of " << piece);
      const std::string bytes = longest.substr(0, size);
      PayloadHasher hasher;
      add_file(hasher, "before", "x", piece);
      add_file(hasher, "large", bytes, piece);
      add_file(hasher, "small", "y", piece);
      hasher.finish();
      EXPECT_EQ(hasher.digests().at("large"), system::sha256_hex(bytes));
      const auto boundaries = static_cast<size_t>(shard_boundaries(static_cast<int64_t>(size)));
      EXPECT_EQ(hasher.shards().size(), boundaries > 0 ? 1u : 0u);
      if (boundaries == 0) continue;
      const std::vector<std::string>& values = hasher.shards().at("large");
      ASSERT_EQ(values.size(), boundaries);
      for (size_t i = 0; i < boundaries; ++i) {
        const size_t at = (i + 1) * kShard;
        system::Sha256 rest = system::Sha256::resume(values[i], static_cast<int64_t>(at));
        rest.update(bytes.data() + at, size - at);
        EXPECT_EQ(rest.hex(), hasher.digests().at("large")) << "from byte " << at;
      }
    }
  }
}

}  // namespace
}  // namespace reconproof::submission
