// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/terminal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/user_secret.h"

namespace reconproof::system {
namespace {

TEST(FitColumns, CutsWhereTheTerminalEnds) {
  EXPECT_EQ(fit_columns("abcdef", 6), "abcdef");
  EXPECT_EQ(fit_columns("abcdefg", 6), "abc...");
  EXPECT_EQ(fit_columns("", 0), "");
  EXPECT_EQ(fit_columns("abc", 2), "..");
  // Characters of two columns are never cut in the middle.
  EXPECT_EQ(fit_columns("한국어", 6), "한국어");
  EXPECT_EQ(fit_columns("한국어", 5), "한...");
  EXPECT_EQ(fit_columns("a한국어", 6), "a한...");
}

TEST(Excerpt, CutsWhatNobodyWouldRead) {
  EXPECT_EQ(excerpt("abc\x1b", 4), "abc\\x1b");
  EXPECT_EQ(excerpt("abcdef", 4), "abcd (and 2 bytes more)");
  EXPECT_EQ(excerpt("", 0), "");
  EXPECT_EQ(excerpt("a", 0), " (and 1 bytes more)");
  // Not in the middle of a character, and not beyond what is no character at all.
  EXPECT_EQ(excerpt("한국어", 5), "한 (and 6 bytes more)");
  EXPECT_EQ(excerpt("\x80\x80\x80\x80\x80\x80", 5), "\\x80\\x80 (and 4 bytes more)");
}

TEST(ClockText, IsThatOfAClock) {
  EXPECT_EQ(clock_text(0.9), "0:00");
  EXPECT_EQ(clock_text(42), "0:42");
  EXPECT_EQ(clock_text(3599), "59:59");
  EXPECT_EQ(clock_text(7200), "2:00:00");
}

// RFC 4231, test case 2.
TEST(HmacSha256, IsThatOfTheStandard) {
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(UserSecret, StaysTheSameAndIsOnesOwn) {
  const TemporaryFolder folder;
  ::setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
  const std::string secret = user_secret();
  EXPECT_EQ(secret.size(), 64u);
  EXPECT_EQ(user_secret(), secret);
  const auto file = folder.path() / "reconproof/secret";
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(sorted_entries(file.parent_path()).size(), 1u) << "nothing half-made stays";
  ::chmod(file.c_str(), 0644);
  EXPECT_THROW(user_secret(), Error);
  std::filesystem::remove(file);
  EXPECT_NE(user_secret(), secret);
  ::unsetenv("XDG_STATE_HOME");
}

}  // namespace
}  // namespace reconproof::system
