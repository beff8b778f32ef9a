// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/ed25519.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "system/base64.h"
#include "system/error.h"
#include "system/files.h"
#include "system/journal.h"

namespace reconproof::system {
namespace {

namespace fs = std::filesystem;

Code code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Code::kInternal;
}

std::string bytes_of_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

TEST(Base64, IsTheStandardsAndStrict) {
  for (const auto& [bytes, text] : {std::pair<std::string, std::string>{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {std::string("\0\xff", 2), "AP8="}}) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  for (const char* wrong : {"Zg", "Zg=", "Zh==", "Zg==\n", " Zg=", "Z===", "Zg==Zg==", "Zm9-"})
    EXPECT_EQ(base64_decode(wrong), std::nullopt) << wrong;
}

// RFC 8032, 7.1, test 2.
TEST(Ed25519, VerifiesTheStandardsExample) {
  const std::string raw =
      bytes_of_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string signature = bytes_of_hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const PublicKey key = PublicKey::parse("ed25519:" + base64_encode(raw), "key");
  EXPECT_TRUE(key.verify("\x72", signature));
  EXPECT_FALSE(key.verify("\x73", signature));
  EXPECT_FALSE(key.verify("\x72", signature.substr(1)));
  std::string changed = signature;
  changed[10] = static_cast<char>(changed[10] ^ 1);
  EXPECT_FALSE(key.verify("\x72", changed));
}

TEST(Ed25519, SignsAndComesBackFromItsFile) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "key.pem";
  const SigningKey key = SigningKey::generate();
  key.save(file);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);

  const SigningKey again = SigningKey::read(file);
  EXPECT_EQ(again.sign("message"), key.sign("message"));
  EXPECT_TRUE(key.public_key().verify("message", again.sign("message")));
  EXPECT_FALSE(SigningKey::generate().public_key().verify("message", key.sign("message")));

  const PublicKey shown = key.public_key();
  EXPECT_EQ(PublicKey::parse(shown.text() + "\n", "text").id(), shown.id());
  EXPECT_EQ(PublicKey::parse(shown.pem(), "pem").text(), shown.text());
  write_file(folder.path() / "key.pub", shown.pem());
  EXPECT_EQ(PublicKey::from_option((folder.path() / "key.pub").string()).id(), shown.id());
  EXPECT_EQ(PublicKey::from_option(shown.text()).id(), shown.id());
}

TEST(Ed25519, RefusesWhatIsNoKeyOfItsOwn) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "key.pem";
  const SigningKey key = SigningKey::generate();
  key.save(file);
  const std::string before = read_file(file);
  EXPECT_EQ(code_of([&] { SigningKey::generate().save(file); }), Code::kInvalidArgument);
  EXPECT_EQ(read_file(file), before) << "a key was overwritten";
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_EQ(code_of([&] { SigningKey::read(file); }), Code::kIntegrity);
  write_file(file, "no key");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(code_of([&] { SigningKey::read(file); }), Code::kCorrupt);
  EXPECT_EQ(code_of([&] { SigningKey::read(folder.path() / "none"); }), Code::kNotFound);
  for (const std::string& text : {std::string("ed25519:AAAA"), std::string("ed25519:"), before})
    EXPECT_EQ(code_of([&] { PublicKey::parse(text, "key"); }), Code::kCorrupt) << text;
  // A key of another kind: P-256.
  EXPECT_EQ(code_of([&] {
              PublicKey::parse(
                  "-----BEGIN PUBLIC KEY-----\n"
                  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL8+b2a8eVmNBC5RuiY57NZRWNjI6\n"
                  "DyS4cf8stu0+NS/Ty+SWI0bBBkaoiNHNbX3l0RrFNnlO1cImFDpEgefArQ==\n"
                  "-----END PUBLIC KEY-----\n",
                  "key");
            }),
            Code::kCorrupt);
}

TEST(Journal, GoesOnWhereItWasCutOff) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "work.journal";
  {
    Journal journal(file, "work 1");
    journal.append("a\nb", "first");
    journal.append("c", "second \xff");
    EXPECT_EQ(code_of([&] { Journal(file, "work 1"); }), Code::kInvalidArgument) << "two at once";
  }
  std::string text = read_file(file);
  write_file(file, text + "[\"d\",\"th");  // killed here
  {
    Journal journal(file, "work 1");
    EXPECT_EQ(journal.size(), 2u);
    EXPECT_EQ(journal.find("a\nb"), "first");
    EXPECT_EQ(journal.find("d"), std::nullopt);
    journal.append("d", "third");
    EXPECT_EQ(journal.find("d"), "third");
  }
  EXPECT_EQ(Journal(file, "work 1").size(), 3u);
  EXPECT_EQ(Journal(file, "work 2").size(), 0u) << "another work's results count";
  EXPECT_EQ(Journal(file, "work 1").size(), 0u);
}

TEST(Journal, StampChangesWithTheFile) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a";
  write_file(file, "one");
  const std::string before = file_stamp(file);
  EXPECT_EQ(file_stamp(file), before);
  write_file(file, "two");
  EXPECT_NE(file_stamp(file), before);
  EXPECT_EQ(code_of([&] { file_stamp(folder.path() / "none"); }), Code::kNotFound);
}

}  // namespace
}  // namespace reconproof::system
