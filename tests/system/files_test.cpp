// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <pthread.h>
#include <seccomp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "system/error.h"
#include "system/exit_code.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::system {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class FilesTest : public testing::Test {
 protected:
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const fs::path& path : sorted_entries(folder_.path())) result.push_back(path.filename());
    return result;
  }
  TemporaryFolder folder_;
};

TEST_F(FilesTest, AtomicFileIsWholeOrAbsent) {
  const fs::path target = folder_.path() / "a";
  write_file(target, "old");
  {
    AtomicFile file(target);
    file.write("half");
  }
  EXPECT_THAT(names(), ElementsAre("a"));
  EXPECT_EQ(read_file(target), "old");
  write_file(target, "new");
  EXPECT_THAT(names(), ElementsAre("a"));
  EXPECT_EQ(read_file(target), "new");
}

TEST_F(FilesTest, WhatKilledProgramsLeftIsRemovedAndNothingElse) {
  const fs::path staged = folder_.path() / ".images.partial-aB3xYz";
  fs::create_directory(staged);
  write_file(staged / "volume.h5", "half");
  for (const char* name : {".a.partial-123456", "a", ".a", ".a.partial-12345", ".a.partial-1234567",
                           "a.partial-123456", ".partial-123456", ".a.partial-12.456"}) {
    std::ofstream(folder_.path() / name) << "x";
  }
  remove_abandoned(folder_.path());
  EXPECT_THAT(names(),
              ElementsAre(".a", ".a.partial-12.456", ".a.partial-12345", ".a.partial-1234567",
                          ".partial-123456", "a", "a.partial-123456"));
  remove_abandoned(folder_.path() / "absent");
}

TEST_F(FilesTest, WhatIsBeingWrittenIsNotAbandoned) {
  AtomicFile file(folder_.path() / "a");
  const StagedFolder staged(folder_.path() / "b");
  remove_abandoned(folder_.path());
  EXPECT_TRUE(fs::exists(staged.path()));
  file.write("whole");
  file.commit();
  EXPECT_EQ(read_file(folder_.path() / "a"), "whole");
  // Who is given the name locks for itself, or not at all.
  AtomicFile other(folder_.path() / "c");
  const fs::path name = other.temporary_path();
  remove_abandoned(folder_.path());
  EXPECT_FALSE(fs::exists(name));
}

TEST_F(FilesTest, WhatWasLeftOfOneTargetOnly) {
  for (const char* name : {".a.partial-123456", ".b.partial-123456"})
    std::ofstream(folder_.path() / name) << "x";
  remove_abandoned_of(folder_.path() / "a");
  EXPECT_THAT(names(), ElementsAre(".b.partial-123456"));
  remove_abandoned_of(folder_.path() / "absent/b");
}

TEST_F(FilesTest, AtomicFileSurvivesAFullDisk) {
  const fs::path target = folder_.path() / "a";
  write_file(target, "old");
  const rlimit none{16, RLIM_INFINITY};
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &none);
  EXPECT_THROW(write_file(target, std::string(1000, 'x')), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(names(), ElementsAre("a"));
  EXPECT_EQ(read_file(target), "old");
}

TEST_F(FilesTest, StagedFolderReplacesOnCommitOnly) {
  const fs::path target = folder_.path() / "out";
  fs::create_directory(target);
  write_file(target / "old", "1");
  {
    StagedFolder staged(target);
    write_file(staged.path() / "new", "2");
  }
  EXPECT_THAT(names(), ElementsAre("out"));
  EXPECT_TRUE(fs::exists(target / "old"));
  StagedFolder staged(target);
  write_file(staged.path() / "new", "2");
  staged.commit();
  EXPECT_TRUE(fs::exists(target / "new"));
  EXPECT_FALSE(fs::exists(target / "old"));
}

TEST_F(FilesTest, StagedFolderLeavesNothingOfTheOldOne) {
  fs::create_directory(folder_.path() / "out");
  {
    StagedFolder staged(folder_.path() / "out");
    staged.commit();
  }
  EXPECT_THAT(names(), ElementsAre("out"));
}

/// In a child for which exchanging two folders ends with `error`: what `action` says there.
template <typename Action>
bool where_exchange_fails(int error, Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    const scmp_arg_cmp exchange{4, SCMP_CMP_EQ, RENAME_EXCHANGE, 0};
    ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(error), SCMP_SYS(renameat2), 1, &exchange);
    ::_exit(::seccomp_load(filter) == 0 && action() ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

TEST_F(FilesTest, StagedFolderReplacesWhereFoldersCannotBeExchanged) {
  const fs::path target = folder_.path() / "out";
  fs::create_directory(target);
  write_file(target / "old", "1");
  EXPECT_TRUE(where_exchange_fails(EINVAL, [&] {
    StagedFolder staged(target);
    write_file(staged.path() / "new", "2");
    staged.commit();
    return true;
  }));
  EXPECT_THAT(names(), ElementsAre("out"));
  EXPECT_EQ(read_file(target / "new"), "2");
  EXPECT_FALSE(fs::exists(target / "old"));
}

TEST_F(FilesTest, AFolderThatCannotBeReplacedStays) {
  const fs::path target = folder_.path() / "out";
  fs::create_directory(target);
  write_file(target / "old", "1");
  EXPECT_TRUE(where_exchange_fails(EIO, [&] {
    try {
      StagedFolder(target).commit();
    } catch (const Error& error) {
      return error.code() == Code::kIo;
    }
    return false;
  }));
  EXPECT_THAT(names(), ElementsAre("out"));
  EXPECT_EQ(read_file(target / "old"), "1");
}

/// A signal in the midst of a write ends it with what was written so far.
TEST_F(FilesTest, ShortWritesGoOn) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  struct sigaction action {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &action, nullptr);
  std::string bytes(1 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 11);
  std::string arrived;
  std::thread reader([&, writer = ::pthread_self()] {
    std::string part(bytes.size(), '\0');
    while (arrived.size() < bytes.size()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      ::pthread_kill(writer, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      const ssize_t got = ::read(ends[0], part.data(), part.size());
      if (got <= 0) break;
      arrived.append(part.data(), static_cast<size_t>(got));
    }
  });
  write_all(ends[1], bytes.data(), bytes.size(), "pipe");
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  EXPECT_TRUE(arrived == bytes);
}

/// Bytes that show where they come from, some MiB.
std::string patterned() {
  std::string bytes(3'000'017, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7);
  return bytes;
}

TEST_F(FilesTest, LargeFilesAreWholeToo) {
  const fs::path target = folder_.path() / "large";
  const std::string bytes = patterned();
  Sha256 expected;
  int64_t written = 0;
  AtomicFile file(target);
  while (written < kLargeFile + (10 << 20)) {
    file.write(bytes);
    expected.update(bytes.data(), bytes.size());
    written += static_cast<int64_t>(bytes.size());
  }
  file.commit();
  EXPECT_EQ(fs::file_size(target), static_cast<uintmax_t>(written));
  EXPECT_EQ(sha256_file(target), expected.hex());
}

TEST_F(FilesTest, AFullDiskIsToldOfLargeFilesToo) {
  // A limit stands for the disk's size; another process, since it stays.
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{kLargeFile + (9 << 20) + 5, kLargeFile + (9 << 20) + 5};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 0;
    try {
      const std::string bytes = patterned();
      AtomicFile file(folder_.path() / "large");
      for (int i = 0; i < 200; ++i) file.write(bytes);
    } catch (const Error& error) {
      code = error.code() == Code::kIo ? 17 : 18;
    }
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 17);
  EXPECT_THAT(names(), ElementsAre());
}

TEST_F(FilesTest, ReadsAPart) {
  const fs::path path = folder_.path() / "part";
  write_file(path, "0123456789");
  const Descriptor file = open_for_reading(path);
  std::string part(3, '\0');
  read_at(file, part.data(), part.size(), 4, path.string());
  EXPECT_EQ(part, "456");
  try {
    read_at(file, part.data(), part.size(), 8, path.string());
    FAIL() << "read beyond the end";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    EXPECT_EQ(error.what(), path.string() + ": ends 1 bytes too early; copy it again");
  }
}

TEST_F(FilesTest, ReadingSaysWhatIsWrong) {
  const auto message = [&](const fs::path& path) {
    try {
      read_file(path, 10);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message(folder_.path() / "none"), HasSubstr("No such file"));
  EXPECT_THAT(message(folder_.path()), HasSubstr("is a folder"));
  ASSERT_EQ(mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(message(folder_.path() / "pipe"), HasSubstr("not a regular file"));
  write_file(folder_.path() / "big", std::string(11, 'x'));
  EXPECT_THAT(message(folder_.path() / "big"), HasSubstr("larger than 10 bytes"));
}

TEST_F(FilesTest, FilesBelowReportsLinks) {
  fs::create_directories(folder_.path() / "b/c");
  write_file(folder_.path() / "b/c/z", "1");
  write_file(folder_.path() / "a", "1");
  fs::create_symlink("/etc", folder_.path() / "b/link");
  std::vector<fs::path> links;
  EXPECT_THAT(files_below(folder_.path(), &links), ElementsAre("a", "b/c/z"));
  EXPECT_THAT(links, ElementsAre("b/link"));
}

TEST_F(FilesTest, Sha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write_file(folder_.path() / "abc", "abc");
  EXPECT_EQ(sha256_bytes("abc").substr(0, 4), "\xba\x78\x16\xbf");
  EXPECT_EQ(sha256_bytes("abc").size(), 32U);
  EXPECT_EQ(sha256_file(folder_.path() / "abc"), sha256_hex("abc"));
  EXPECT_THROW(sha256_file(folder_.path() / "none"), Error);
}

TEST(Sha256Parts, GoOnWhereAnotherStreamStood) {
  std::string bytes(3 * 4096 + 7, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13);
  Sha256 first;
  first.update(bytes.data(), 4096);
  const std::string at_4096 = first.chaining_value();
  Sha256 second = Sha256::resume(at_4096, 4096);
  second.update(bytes.data() + 4096, 8192);
  Sha256 third = Sha256::resume(second.chaining_value(), 12288);
  third.update(bytes.data() + 12288, 7);
  EXPECT_EQ(third.hex(), sha256_hex(bytes));
  // From another state, or another place, it is another hash.
  Sha256 elsewhere = Sha256::resume(second.chaining_value(), 8192);
  elsewhere.update(bytes.data() + 12288, 7);
  EXPECT_NE(elsewhere.hex(), sha256_hex(bytes));
}

TEST(Terminal, TextOfStrangersIsShownNotObeyed) {
  EXPECT_EQ(printable("plain text, 한국어"), "plain text, 한국어");
  EXPECT_EQ(printable("a\x1b[31mb\nc\td"), "a\\x1b[31mb\\nc\\x09d");
  EXPECT_EQ(printable("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // C1 CSI
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\xe2\\x80\\xaeb");                           // right-to-left override
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");           // cut short
}

TEST(Terminal, Durations) {
  EXPECT_EQ(duration_text(1.54), "1.5 s");
  EXPECT_EQ(duration_text(123.4), "2 min 03 s");
  EXPECT_EQ(duration_text(3720), "1 h 02 min");
}

TEST(ExitCodes, TheFirstOfTheOrderHolds) {
  EXPECT_EQ(worst({ExitCode::kPass, ExitCode::kInconclusive}), ExitCode::kInconclusive);
  EXPECT_EQ(worst({ExitCode::kInconclusive, ExitCode::kNotReproduced}), ExitCode::kNotReproduced);
  EXPECT_EQ(worst({ExitCode::kNotReproduced, ExitCode::kRuleBroken}), ExitCode::kRuleBroken);
  EXPECT_EQ(worst({ExitCode::kRuleBroken, ExitCode::kIntegrity}), ExitCode::kIntegrity);
  EXPECT_EQ(worst({ExitCode::kIntegrity, ExitCode::kMalformed}), ExitCode::kMalformed);
  EXPECT_EQ(worst({ExitCode::kMalformed, ExitCode::kUsage}), ExitCode::kUsage);
  EXPECT_EQ(worst({ExitCode::kUsage, ExitCode::kInternal}), ExitCode::kInternal);
  EXPECT_EQ(worst({ExitCode::kPass}), ExitCode::kPass);
}

TEST_F(FilesTest, TemporaryFoldersOfKilledProgramsAreRemoved) {
  ::setenv("TMPDIR", folder_.path().c_str(), 1);
  const pid_t child = ::fork();
  if (child == 0) {
    const TemporaryFolder folder;
    write_file(folder.path() / "file", "contents");
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_THAT(names(), ElementsAre(HasSubstr("reconproof-tmp.")));
  {
    const TemporaryFolder alive;
    ::unsetenv("TMPDIR");
    make_folders(folder_.path() / "reconproof-team");
    remove_abandoned_temporaries(folder_.path());
    EXPECT_THAT(names(), ElementsAre("reconproof-team", alive.path().filename().string()));
  }
  EXPECT_THAT(names(), ElementsAre("reconproof-team"));
}

TEST(Paths, BelowByTheirNames) {
  EXPECT_TRUE(is_below("/a/b", "/a"));
  EXPECT_TRUE(is_below("/a", "/a"));
  EXPECT_FALSE(is_below("/ab", "/a"));
  EXPECT_FALSE(is_below("/a", "/a/b"));
  EXPECT_TRUE(is_below("/a", "/"));
}

TEST_F(FilesTest, FoldersAndLinksToThem) {
  write_file(folder_.path() / "file", "");
  fs::create_directory_symlink(folder_.path(), folder_.path() / "link");
  fs::create_symlink("nowhere", folder_.path() / "dangling");
  EXPECT_TRUE(is_folder(folder_.path()));
  EXPECT_TRUE(is_folder(folder_.path() / "link"));
  for (const char* other : {"file", "dangling", "missing", "file/below"})
    EXPECT_FALSE(is_folder(folder_.path() / other)) << other;
}

}  // namespace
}  // namespace reconproof::system
