// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

namespace fs = std::filesystem;
using system::Code;

class ZipTest : public testing::Test {
 protected:
  fs::path path() const { return folder_.path() / "x.zip"; }

  std::string two_entries() {
    ZipWriter zip(path());
    zip.add("a/one", std::string_view("hello"));
    zip.add("a/two", std::string(100, 'x'));
    zip.commit();
    return system::read_file(path());
  }
  /// Where the directory entry of a name begins.
  static size_t directory_entry(const std::string& bytes, const std::string& name) {
    return bytes.rfind(name) - 46;
  }
  template <typename T>
  static void set(std::string& bytes, size_t offset, T value) {
    ASSERT_LE(offset + sizeof value, bytes.size());
    std::memcpy(bytes.data() + offset, &value, sizeof value);
  }
  void expect_refused(const std::string& bytes, Code code, const std::string& message) {
    system::write_file(path(), bytes);
    try {
      const ZipReader zip(path());
      for (const auto& item : zip.entries()) zip.read(item.first);
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(message));
    }
  }

  system::TemporaryFolder folder_;
};

TEST_F(ZipTest, RoundTripsAndAligns) {
  const std::string bytes = two_entries();
  const ZipReader zip(path());
  EXPECT_EQ(zip.entries().size(), 2U);
  EXPECT_EQ(zip.read("a/one"), "hello");
  EXPECT_EQ(zip.read("a/two"), std::string(100, 'x'));
  std::string part(3, '\0');
  zip.read_part("a/one", 1, std::as_writable_bytes(std::span(part)));
  EXPECT_EQ(part, "ell");
  for (const auto& [name, entry] : zip.entries()) EXPECT_EQ(entry.offset % 64, 0) << name;
  EXPECT_EQ(two_entries(), bytes);
}

TEST_F(ZipTest, RefusesCompressedAndEncryptedEntries) {
  std::string bytes = two_entries();
  set(bytes, directory_entry(bytes, "a/two") + 10, uint16_t{8});  // deflate: a bomb's method
  expect_refused(bytes, Code::kUnsupported, "'a/two' is compressed");
  bytes = two_entries();
  set(bytes, directory_entry(bytes, "a/one") + 8, uint16_t{1});
  expect_refused(bytes, Code::kUnsupported, "'a/one' is encrypted");
}

TEST_F(ZipTest, RefusesDuplicatesAndUnsafeNames) {
  ZipWriter twice(path());
  twice.add("a/one", std::string_view("1"));
  twice.add("a/one", std::string_view("2"));
  twice.commit();
  expect_refused(system::read_file(path()), Code::kCorrupt, "'a/one' stands in the archive twice");
  // torch looks names up without regard to case: it could read another entry than we.
  ZipWriter cases(path());
  cases.add("a/data.pkl", std::string_view("1"));
  cases.add("a/DATA.PKL", std::string_view("2"));
  cases.commit();
  expect_refused(system::read_file(path()), Code::kCorrupt, "'a/DATA.PKL' stands in the archive");
  for (const char* name : {"../x", "a/../x", "/etc/passwd", "a\\b", "a//b", "a/\n", ""}) {
    ZipWriter zip(path());
    zip.add(name, std::string_view("1"));
    zip.commit();
    expect_refused(system::read_file(path()), Code::kCorrupt, "the name '");
  }
}

TEST_F(ZipTest, RefusesSizesThatDisagree) {
  std::string bytes = two_entries();
  const size_t entry = directory_entry(bytes, "a/two");
  set(bytes, entry + 24, uint32_t{99});
  expect_refused(bytes, Code::kCorrupt, "99 bytes stored as 100");
  set(bytes, entry + 20, uint32_t{99});
  expect_refused(bytes, Code::kCorrupt, "100 bytes in one header, 99 in the other");
  bytes = two_entries();
  set(bytes, bytes.find("a/two") - 12, uint32_t{1});  // how many are stored, in the local header
  expect_refused(bytes, Code::kCorrupt, "1 bytes in one header, 100 in the other");
  bytes = two_entries();
  for (const size_t place : {entry + 20, entry + 24}) set(bytes, place, uint32_t{0x7FFFFFFF});
  for (const size_t before : {12, 8})
    set(bytes, bytes.find("a/two") - before, uint32_t{0x7FFFFFFF});
  expect_refused(bytes, Code::kCorrupt, "claims 2147483647 bytes");
  bytes = two_entries();
  for (const size_t place : {entry + 20, entry + 24}) set(bytes, place, uint32_t{0xFFFFFFFF});
  expect_refused(bytes, Code::kCorrupt, "64-bit size or offset is missing");
}

TEST_F(ZipTest, RefusesHeadersThatDisagree) {
  std::string bytes = two_entries();
  bytes[bytes.find("a/one")] = 'b';
  expect_refused(bytes, Code::kCorrupt, "is another one's");
  bytes = two_entries();
  set(bytes, bytes.find("a/one") - 24, uint16_t{1});  // encrypted, by the local header only
  expect_refused(bytes, Code::kCorrupt, "is another one's");
  bytes = two_entries();
  set(bytes, bytes.find("a/one") - 16, uint32_t{1});
  expect_refused(bytes, Code::kCorrupt, "its two headers state different CRC-32");
  bytes = two_entries();
  set(bytes, bytes.size() - 14, uint16_t{1});  // entries on this disk
  expect_refused(bytes, Code::kCorrupt, "not where the end of the file says");
  bytes = two_entries();
  set(bytes, directory_entry(bytes, "a/two") + 42, uint32_t{0x7FFFFFFF});
  expect_refused(bytes, Code::kCorrupt, "lie outside the file");
  bytes = two_entries();
  set(bytes, directory_entry(bytes, "a/two"), uint32_t{0});
  expect_refused(bytes, Code::kCorrupt, "the zip directory is damaged here");
  bytes = two_entries();
  for (const size_t before : {14, 12}) set(bytes, bytes.size() - before, uint16_t{3});
  expect_refused(bytes, Code::kCorrupt, "the zip directory is damaged here");
  for (const size_t before : {14, 12}) set(bytes, bytes.size() - before, uint16_t{1});
  expect_refused(bytes, Code::kCorrupt, "after the last directory entry");
  set(bytes, bytes.size() - 6, uint32_t{4});
  expect_refused(bytes, Code::kCorrupt, "not where the end of the file says");
}

TEST_F(ZipTest, RefusesOverlaps) {
  // The data of 'a/two' hold a whole local header of 'a/six', which the directory then names.
  ZipWriter zip(path());
  for (const char* name : {"a/one", "a/two", "a/end"}) zip.add(name, std::string(100, 'x'));
  zip.commit();
  std::string bytes = system::read_file(path());
  const size_t outer = bytes.find("a/two") - 30;
  const size_t inner = bytes.find("xxxx", outer);
  std::string header = bytes.substr(outer, 35);
  header.replace(30, 5, "a/six");
  set(header, 18, uint32_t{10});
  set(header, 22, uint32_t{10});
  set(header, 28, uint16_t{0});
  bytes.replace(inner, header.size(), header);
  const size_t last = directory_entry(bytes, "a/end");
  bytes.replace(last + 46, 5, "a/six");
  bytes.replace(last + 16, 4, header, 14, 4);  // the CRC-32
  set(bytes, last + 20, uint32_t{10});
  set(bytes, last + 24, uint32_t{10});
  set(bytes, last + 42, static_cast<uint32_t>(inner));
  expect_refused(bytes, Code::kCorrupt, "zip entries overlap");
}

TEST_F(ZipTest, RefusesBytesThatBelongToNoEntry) {
  // 'a/one' is left out of the directory: who reads from the front still finds it.
  std::string bytes = two_entries();
  const size_t one = directory_entry(bytes, "a/one"), two = directory_entry(bytes, "a/two");
  bytes.erase(one, two - one);
  const size_t end = bytes.size() - 22;
  for (const size_t place : {end + 8, end + 10}) set(bytes, place, uint16_t{1});
  set(bytes, end + 12, static_cast<uint32_t>(end - one));
  expect_refused(bytes, Code::kCorrupt, "bytes 0 to 68 belong to no zip entry");
}

TEST_F(ZipTest, TakesSizesThatFollowTheData) {
  // As torch writes them: zeros before the data, 16 bytes behind.
  std::string bytes = two_entries();
  const size_t one = directory_entry(bytes, "a/one");
  std::string descriptor = "PK\x07\x08" + bytes.substr(one + 16, 12);
  for (const size_t place : {bytes.find("a/two") - 24, directory_entry(bytes, "a/two") + 8})
    set(bytes, place, uint16_t{1 << 3});
  bytes.replace(bytes.find("a/two") - 16, 12, 12, '\0');
  bytes.insert(one, descriptor);
  set(bytes, bytes.size() - 6, static_cast<uint32_t>(one + descriptor.size()));
  system::write_file(path(), bytes);
  EXPECT_EQ(ZipReader(path()).read("a/two"), std::string(100, 'x'));
}

TEST_F(ZipTest, RefusesDamagedData) {
  std::string bytes = two_entries();
  bytes[bytes.find("hello")] = 'j';
  expect_refused(bytes, Code::kCorrupt, "'a/one' does not have the CRC-32");
  const ZipReader zip(path());
  std::string end(1, '\0');  // which is not the damaged part
  EXPECT_THROW(zip.read_part("a/one", 4, std::as_writable_bytes(std::span(end))), system::Error);
}

TEST_F(ZipTest, RefusesWhatHasNoDirectory) {
  const std::string bytes = two_entries();
  expect_refused("", Code::kCorrupt, "no zip directory at its end");
  expect_refused(bytes.substr(0, bytes.size() - 1), Code::kCorrupt, "no zip directory at its end");
  expect_refused(bytes + "trailer", Code::kCorrupt, "no zip directory at its end");
}

TEST_F(ZipTest, LeavesNothingWithoutCommit) {
  {
    ZipWriter zip(path());
    zip.add("a/one", std::string_view("hello"));
  }
  EXPECT_FALSE(fs::exists(path()));
}

}  // namespace
}  // namespace reconproof::formats
