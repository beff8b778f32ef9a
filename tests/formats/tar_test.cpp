// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tar.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "formats/archive_writer.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/formats/raw_tar.h"

namespace reconproof::formats {
namespace {

using reconproof::fakes::RawTar;
using system::Code;

struct Seen {
  TarEntry entry;
  std::string contents;
};

class TarTest : public ::testing::Test {
 protected:
  std::vector<Seen> read(const std::string& bytes, const TarLimits& limits = {}) {
    const std::filesystem::path path = folder_.path() / "archive.tar";
    std::ofstream(path, std::ios::binary) << bytes;  // write_file syncs, and there are thousands
    TarReader reader(path, limits);
    std::vector<Seen> seen;
    for (TarEntry entry; reader.next(entry);) {
      Seen& one = seen.emplace_back(Seen{entry, ""});
      char buffer[1000];
      while (const size_t got = reader.read(buffer, sizeof buffer))
        one.contents.append(buffer, got);
    }
    return seen;
  }

  void expect_corrupt(const std::string& bytes, const std::string& message,
                      const TarLimits& limits = {}) {
    try {
      read(bytes, limits);
      ADD_FAILURE() << "was read; expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  void expect_problem(const std::string& bytes, TarProblem problem, const std::string& message) {
    const std::vector<Seen> seen = read(bytes);
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back().entry.problem, problem);
    EXPECT_NE(seen.back().entry.message.find(message), std::string::npos)
        << seen.back().entry.message;
  }

  system::TemporaryFolder folder_;
};

std::string write(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string bytes;
  ArchiveWriter writer(
      [&](const void* data, size_t size) { bytes.append(static_cast<const char*>(data), size); },
      0);
  for (const auto& [name, contents] : files) {
    if (name.back() == '/') {
      writer.add_folder(name.substr(0, name.size() - 1));
    } else {
      writer.add_file(name, contents);
    }
  }
  writer.finish();
  return bytes;
}

TEST_F(TarTest, WritesWhatItReads) {
  const std::string long_name = "a/" + std::string(200, 'b') + "/" + std::string(200, 'c');
  const std::vector<Seen> seen = read(write({{"a/", ""},
                                             {"a/1", ""},
                                             {"a/2", std::string(1025, 'x')},
                                             {long_name, "long"},
                                             {"가/나.txt", "한글"}}));
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_TRUE(seen[0].entry.folder);
  EXPECT_EQ(seen[0].entry.name, "a");
  EXPECT_EQ(seen[1].entry.size, 0);
  EXPECT_EQ(seen[2].contents, std::string(1025, 'x'));
  EXPECT_EQ(seen[3].entry.name, long_name);
  EXPECT_EQ(seen[3].contents, "long");
  EXPECT_EQ(seen[4].entry.name, "가/나.txt");
  for (const Seen& one : seen) EXPECT_EQ(one.entry.problem, TarProblem::kNone) << one.entry.message;
}

// Names from a Mac are decomposed; two that differ in that alone are two.
TEST_F(TarTest, KeepsNamesByteForByte) {
  const std::vector<std::pair<std::string, std::string>> files = {{"cafe\u0301", "decomposed"},
                                                                  {"caf\u00e9", "composed"},
                                                                  {"\u1100\u1161", "decomposed"},
                                                                  {"\uAC00", "composed"},
                                                                  {"\uF9D0", "of compatibility"}};
  const std::vector<Seen> seen = read(write(files));
  ASSERT_EQ(seen.size(), files.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].entry.name, files[i].first);
    EXPECT_EQ(seen[i].contents, files[i].second);
    EXPECT_EQ(seen[i].entry.problem, TarProblem::kNone) << seen[i].entry.message;
  }
}

TEST_F(TarTest, WritesPlainUstarWithoutOwnerOrTime) {
  const std::string bytes = write({{"a", "x"}});
  EXPECT_EQ(bytes.size(), 512u + 512u + 1024u);
  EXPECT_EQ(bytes.substr(257, 8), std::string("ustar\0"
                                              "00",
                                              8));
  EXPECT_EQ(bytes.substr(100, 7), "000644 ");
  EXPECT_EQ(bytes.substr(136, 11), "00000000000");
  EXPECT_EQ(bytes.substr(265, 64), std::string(64, '\0'));  // no owner names
}

TEST_F(TarTest, RefusesToWriteOutOfOrderUnsafeOrHalf) {
  EXPECT_THROW(write({{"b", ""}, {"a", ""}}), system::Error);
  EXPECT_THROW(write({{"a", ""}, {"a", ""}}), system::Error);
  EXPECT_THROW(write({{"../a", ""}}), system::Error);
  ArchiveWriter writer([](const void*, size_t) {}, 0);
  writer.begin_file("a", 3);
  EXPECT_THROW(writer.write("abcd", 4), system::Error);
  writer.write("ab", 2);
  EXPECT_THROW(writer.finish(), system::Error);
}

TEST_F(TarTest, FaultsOfTheSinkComeThrough) {
  ArchiveWriter writer([](const void*, size_t) { system::fail(Code::kIo, "disk full"); }, 0);
  EXPECT_THROW(
      {
        writer.add_file("a", std::string(1 << 20, 'x'));
        writer.finish();
      },
      system::Error);
}

TEST_F(TarTest, SourceDateEpoch) {
  ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
  EXPECT_EQ(source_date_epoch(), 1700000000);
  ::setenv("SOURCE_DATE_EPOCH", "yesterday", 1);
  EXPECT_THROW(source_date_epoch(), system::Error);
  ::unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_EQ(source_date_epoch(), 0);
}

TEST_F(TarTest, ReadsGnuLongNames) {
  const std::string name = "d/" + std::string(150, 'n');
  const auto seen = read(RawTar().entry("././@LongLink", 'L', name + '\0').file(name, "x").end());
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].entry.name, name);
  EXPECT_EQ(seen[0].entry.problem, TarProblem::kNone);
}

TEST_F(TarTest, NamesEntriesThatAreNoFilesOrFolders) {
  const std::vector<std::pair<char, const char*>> types = {{'1', "hard link"},
                                                           {'2', "symbolic link"},
                                                           {'3', "character device"},
                                                           {'4', "block device"},
                                                           {'6', "named pipe"}};
  for (const auto& [type, message] : types) {
    expect_problem(RawTar().file("a", "x").entry("b", type, "", "a").end(), TarProblem::kType,
                   message);
    expect_corrupt(RawTar().entry("b", type, "contents", "a").end(), "read differently");
  }
  for (char type : {'7', 'V', 'M', 'K', 'g', 'A'}) {
    expect_corrupt(RawTar().file("a", "x").entry("b", type, "", "a").file("c", "").end(),
                   "only regular files");
  }
}

TEST_F(TarTest, RefusesSparseFiles) {
  // Old GNU sparse: one data block of 1 byte at offset 0, real size 1.
  std::string bytes = RawTar().entry("s", 'S', "x").bytes();
  bytes.replace(257, 8, std::string("ustar  \0", 8));
  bytes.replace(386, 12, "00000000000 ");
  bytes.replace(398, 12, "00000000001 ");
  bytes.replace(483, 12, "00000100000 ");
  bytes.replace(0, 512, RawTar::with_checksum(bytes.substr(0, 512)));
  expect_corrupt(bytes + std::string(1024, '\0'), "GNU sparse");
  expect_corrupt(RawTar().pax("GNU.sparse.major", "1").file("s", "x").end(), "GNU.sparse.major");
}

TEST_F(TarTest, NamesUnsafeNames) {
  const std::vector<std::pair<std::string, const char*>> names = {{"../up", "'..'"},
                                                                  {"a/../../up", "'..'"},
                                                                  {"/etc/passwd", "absolute"},
                                                                  {"a\\b", "backslash"},
                                                                  {"a\x1b[31m", "control"},
                                                                  {"a\nb", "control"},
                                                                  {"a//b", "empty component"},
                                                                  {"./a", "'.'"},
                                                                  {"a\xff", "UTF-8"},
                                                                  {"\xe2\x80\xae"
                                                                   "a",
                                                                   "control"}};
  for (const auto& [name, message] : names) {
    expect_problem(RawTar().file(name, "x").end(), TarProblem::kName, message);
  }
  expect_problem(RawTar().pax("path", "../up").file("innocent", "x").end(), TarProblem::kName,
                 "'..'");
  expect_problem(RawTar().pax("path", "x/" + std::string(256, 'y')).file("a", "x").end(),
                 TarProblem::kName, "255");
  std::string deep = "a";
  for (int i = 1; i < 64; ++i) deep += "/a";
  const auto put = [](const std::string& name) {
    return RawTar().pax("path", name).file("x", "1").end();
  };
  expect_problem(put(deep + "/a"), TarProblem::kName, "64 components");
  EXPECT_EQ(read(put(deep)).back().entry.problem, TarProblem::kNone);
  expect_corrupt(RawTar().pax("path", std::string(2000, 'y')).file("a", "x").end(),
                 "a name of 2000 bytes");
}

TEST_F(TarTest, NamesDuplicates) {
  expect_problem(RawTar().file("a", "1").file("a", "2").end(), TarProblem::kDuplicate,
                 "more than once");
  expect_problem(RawTar().folder("a").folder("a").end(), TarProblem::kDuplicate, "more than once");
  expect_problem(RawTar().file("a", "1").folder("a").end(), TarProblem::kDuplicate,
                 "more than once");
}

TEST_F(TarTest, RefusesContradictoryHeaders) {
  expect_problem(RawTar().entry("a/", '0', "x").end(), TarProblem::kType, "contradictory");
  expect_corrupt(RawTar().pax("size", "5").file("a", "x").end(), "pax size");
  expect_corrupt(RawTar().pax("path", "b").pax("path", "c").file("a", "x").end(),
                 "two extended headers");
  expect_corrupt(RawTar()
                     .entry("p", 'x', RawTar::record("path", "b") + RawTar::record("path", "c"))
                     .file("a", "x")
                     .end(),
                 "pax record 'path'");
  expect_corrupt(RawTar().pax("linkpath", "b").file("a", "x").end(), "linkpath");
  expect_corrupt(RawTar().pax("SCHILY.xattr.user.x", "b").file("a", "x").end(), "SCHILY");
  expect_corrupt(RawTar().entry("g", 'g', RawTar::record("path", "b")).file("a", "x").end(),
                 "global header");
}

/// An archive with other text in the header of its second entry, and the right checksum.
std::string with_field(RawTar tar, size_t at, const std::string& text) {
  std::string bytes = RawTar().folder("0").bytes() + tar.end();
  bytes.replace(512 + at, text.size(), text);
  return bytes.replace(512, 512, RawTar::with_checksum(bytes.substr(512, 512)));
}

TEST_F(TarTest, RefusesHeadersThatHideBytesOrExchangeFields) {
  const RawTar file = RawTar().file("a", "x");
  const std::vector<std::tuple<size_t, std::string, const char*>> faults = {
      {50, "hidden", "'name'"},
      {200, "hidden", "'linkname'"},
      {266, "hidden", "'uname'"},
      {298, "hidden", "'gname'"},
      {346, "hidden", "'prefix'"},
      {500, "hidden", "'last bytes'"},
      {108, "000x000", "'uid'"},
      {116, std::string(8, '\0'), "'gid'"},
      {136, "yesterday", "'mtime'"},
      {124, std::string(12, ' '), "'size'"},
      {330, "hidden", "'devmajor'"},
      {337, "x", "'devminor'"},
      {100, "0000000", "'mode'"},  // its owner cannot read it
      {100, "0004755", "'mode'"},  // set-user-ID
      {100, "0000654", "'mode'"},  // executable, but not for its owner
      {100, "0100644", "'mode'"},  // with the file's type
      {263, "11", "no ustar, pax or GNU tar"}};
  for (const auto& [at, text, message] : faults)
    expect_corrupt(with_field(file, at, text), message);
  for (const auto& [at, text] : std::vector<std::pair<size_t, std::string>>{
           {100, "0000600"},
           {100, "000755 "},
           {108, "\x80" + std::string(7, '\1')},  // a uid of more than seven octal digits
           {136, std::string(12, '\xff')},        // a time before 1970
           {257, std::string("ustar  \0", 8)},
           {265, "user"},
           {329, "0000000"}}) {
    EXPECT_EQ(read(with_field(file, at, text)).size(), 2u) << at;
  }
  EXPECT_EQ(read(with_field(RawTar().folder("d"), 100, "0002775")).size(), 2u);
  std::string magic_and_prefix(243, '\0');
  magic_and_prefix.replace(0, 8, std::string("ustar  \0", 8)).replace(88, 6, "prefix");
  expect_corrupt(with_field(file, 257, magic_and_prefix), "'prefix'");
}

TEST_F(TarTest, RefusesLongNamesWithMoreInThem) {
  const std::string name = "d/" + std::string(150, 'n');
  for (const std::string& text : {name, name + '\0' + "hidden", name + std::string(2, '\0')}) {
    expect_corrupt(RawTar().entry("././@LongLink", 'L', text).file(name, "x").end(),
                   "malformed long name");
  }
  expect_corrupt(RawTar().entry("other", 'L', name + '\0').file(name, "x").end(),
                 "malformed long name");
}

TEST_F(TarTest, TellsWhereContentsLie) {
  const std::string bytes =
      RawTar().folder("d").file("d/a", std::string(700, 'x')).file("d/b", "yz").end();
  for (const Seen& one : read(bytes)) {
    EXPECT_EQ(bytes.substr(static_cast<size_t>(one.entry.offset), one.contents.size()),
              one.contents);
    EXPECT_GE(one.entry.offset, 512);
  }
}

TEST_F(TarTest, RefusesEveryTruncation) {
  const std::string whole =
      RawTar().folder("d").file("d/a", std::string(700, 'x')).file("d/b", "y").end();
  EXPECT_EQ(read(whole).size(), 3u);
  for (size_t size = 0; size < whole.size(); size += 64) {
    try {
      read(whole.substr(0, size));
      ADD_FAILURE() << "cut to " << size << " bytes it was read";
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt) << size << ": " << error.what();
    }
  }
}

TEST_F(TarTest, RefusesEveryFlippedByteOutsideTheContents) {
  const std::string whole = RawTar().folder("d").file("d/a", "contents").end();
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i >= 1024 && i < 1024 + 8) continue;
    std::string altered = whole;
    altered[i] = static_cast<char>(altered[i] ^ 0x11);
    EXPECT_THROW(read(altered), system::Error) << "byte " << i;
  }
}

TEST_F(TarTest, RefusesWhatIsNoTar) {
  expect_corrupt("", "is empty");
  expect_corrupt(std::string("\x1f\x8b\x08", 3) + std::string(600, 'x'), "gzip");
  expect_corrupt("BZh9" + std::string(600, 'x'), "bzip2");
  expect_corrupt("PK\x03\x04" + std::string(600, 'x'), "ZIP");
  expect_corrupt(std::string(10240, '\0'), "no tar header");
  expect_corrupt(RawTar().file("a", "x").end() + "trailing", "something follows the end");
  expect_corrupt(RawTar().file("a", "x").end() + RawTar().file("b", "y").end(),
                 "something follows the end");
}

TEST_F(TarTest, RefusesHugeSizes) {
  std::string bytes = RawTar().file("a", "x").end();
  bytes.replace(124, 11, "77777777777");
  bytes.replace(0, 512, RawTar::with_checksum(bytes.substr(0, 512)));
  expect_corrupt(bytes, "");
}

TEST_F(TarTest, KeepsLimits) {
  const std::string bytes = RawTar().file("a", "xx").file("b", "yy").end();
  TarLimits limits;
  limits.max_entries = 1;
  expect_corrupt(bytes, "larger than a bundle may be", limits);
  limits = {};
  limits.max_total_bytes = 3;
  expect_corrupt(bytes, "larger than a bundle may be", limits);
  limits = {};
  limits.max_names_bytes = 1;
  expect_corrupt(bytes, "larger than a bundle may be", limits);
}

void expect_json_fault(const std::string& text, const std::string& message) {
  try {
    parse_schema_json(text, "x.json", "s", 1);
    ADD_FAILURE() << text;
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(StrictJson, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_NO_THROW(parse_schema_json(
      R"({"schema": "s", "schema_version": 1, "a": {"b": 1}, "c": {"b": 2}})", "x.json", "s", 1));
  expect_json_fault(R"({"schema": "s", "schema": "s", "schema_version": 1})",
                    "'schema' stands twice");
  expect_json_fault(R"({"schema": "s", "schema_version": 1, "a": [{"b": 1, "b": 2}]})",
                    "'b' stands twice");
  expect_json_fault(std::string(33, '[') + std::string(33, ']'), "deeper than 32");
  expect_json_fault(std::string(1 << 20, '['), "deeper than 32");
  expect_json_fault("\xEF\xBB\xBF{}", "byte-order mark");
  expect_json_fault("{", "not JSON");
  expect_json_fault("{} x", "not JSON");
  expect_json_fault("{\"a\": NaN}", "not JSON");
  expect_json_fault("[]", "expected a JSON object");
  expect_json_fault(R"({"schema": "t", "schema_version": 1})", "schema is \"t\"");
  expect_json_fault(R"({"schema": "s", "schema_version": 2})", "schema_version is 2");
  expect_json_fault(R"({"schema": "s"})", "schema_version is missing");
}

}  // namespace
}  // namespace reconproof::formats
