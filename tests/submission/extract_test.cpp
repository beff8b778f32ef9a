// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/extract.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "submission/bundle/bag.h"
#include "submission/bundle/folder_writer.h"
#include "system/error.h"
#include "tests/formats/raw_tar.h"
#include "tests/submission/sample_bundle.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using reconproof::fakes::RawTar;
using system::Code;
using system::ExitCode;

class ExtractTest : public ::testing::Test, public SampleProject {
 protected:
  Bag extracted() const {
    Bag bag;
    for (const fs::path& path : system::files_below(target_)) bag[path] = slurp(target_ / path);
    return bag;
  }

  mode_t mode_of(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(::stat((target_ / path).c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  void expect_nothing_left() const {
    for (const fs::path& entry : system::sorted_entries(target_.parent_path()))
      ADD_FAILURE() << entry << " was left behind";
  }

  /// A bundle that is refused: nothing is written.
  void expect_refused(const std::string& archive, ExitCode code,
                      const ExtractOptions& options = {}) {
    put(root_ / "hostile.tar", archive);
    EXPECT_EQ(extract(root_ / "hostile.tar", target_, options).exit_code(), code);
    expect_nothing_left();
  }

  void expect_error(const fs::path& bundle, Code code, const std::string& message) {
    try {
      extract(bundle, target_);
      ADD_FAILURE() << "extracted; expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  fs::path target_ = root_ / "place/team";
  void SetUp() override { fs::create_directories(target_.parent_path()); }
};

TEST_F(ExtractTest, WritesWhatWasPacked) {
  const VerifyResult result = extract(packed(), target_);
  EXPECT_TRUE(result.ok()) << to_text(result);
  EXPECT_EQ(result.id, last_.id);
  EXPECT_EQ(extracted(), bag());
  EXPECT_TRUE(verify(target_).ok());
  EXPECT_EQ(mode_of("data/code/main.py"), 0755u);
  EXPECT_EQ(mode_of("data/code/a-b.py"), 0644u);
  EXPECT_EQ(mode_of("data/code/a"), 0755u);
}

TEST_F(ExtractTest, ModesOfTheArchiveDoNotMatterButForProgramsOfTheCode) {
  std::string bytes = archive_of(bag());
  for (size_t at = 0; at + 512 <= bytes.size(); ++at) {
    if (at % 512 != 0 || bytes.compare(at + 257, 5, "ustar") != 0) continue;
    const bool program = bytes.compare(at + 100, 7, "0000755") == 0;
    bytes.replace(at + 100, 7, program ? "0000700" : "0000600");
    bytes.replace(at, 512, RawTar::with_checksum(bytes.substr(at, 512)));
  }
  put(root_ / "modes.tar", bytes);
  EXPECT_TRUE(extract(root_ / "modes.tar", target_).ok());
  EXPECT_EQ(mode_of("data/code/main.py"), 0755u);
  EXPECT_EQ(mode_of("data/code/a/x.py"), 0644u);
  EXPECT_EQ(mode_of("data/code"), 0755u);
}

TEST_F(ExtractTest, ADamagedBundleExtractsNothing) {
  const Bag good = bag();
  Bag altered = good;
  altered["data/weights/best_model.pt"] = "weightz";
  expect_refused(archive_of(altered), ExitCode::kIntegrity);
  const std::string whole = archive_of(good);
  expect_refused(whole.substr(0, whole.size() / 2), ExitCode::kMalformed);
  expect_refused("no archive", ExitCode::kMalformed);
}

TEST_F(ExtractTest, NothingIsWrittenOutside) {
  const std::string good = archive_of(bag());
  const std::string body = good.substr(0, good.size() - 1024);
  const auto with = [&](const RawTar& more) {
    expect_refused(body + more.end(), ExitCode::kMalformed);
  };
  with(RawTar().file("../escaped", "x"));
  with(RawTar().file("team/../../escaped", "x"));
  with(RawTar().file((root_ / "escaped").string(), "x"));
  with(RawTar().entry("team/data/out", '2', "", root_.string()).file("team/data/out/escaped", "x"));
  with(RawTar().entry("team/data/out", '1', "", "/etc/passwd"));
  with(RawTar().file("beside/escaped", "x"));
  with(RawTar().file("team/data/code/main.py/x", "x"));
  with(RawTar().entry("team/data/device", '3'));
  EXPECT_FALSE(fs::exists(root_ / "escaped"));
}

TEST_F(ExtractTest, StopsAtLimits) {
  const std::string good = archive_of(bag());
  ExtractOptions options;
  options.limits.max_total_bytes = 100;
  expect_refused(good, ExitCode::kMalformed, options);
  options = {};
  options.limits.max_entries = 3;
  expect_refused(good, ExitCode::kMalformed, options);
  // Sizes that no disk has are refused before anything is written: here by the archive's own end.
  Bag huge = bag();
  huge["data/code/huge"] = "x";
  std::string bytes = archive_of(huge);
  const size_t header = bytes.find("team/data/code/huge");
  bytes.replace(header + 124, 11, "77777777777");
  bytes.replace(header, 512, RawTar::with_checksum(bytes.substr(header, 512)));
  expect_refused(bytes, ExitCode::kMalformed);
  const FolderWriter folder(root_);
  EXPECT_NO_THROW(folder.expect_room(1, 1));
  EXPECT_THROW(folder.expect_room(int64_t{1} << 60, 1), system::Error);
}

TEST_F(ExtractTest, WritesSomeParts) {
  ExtractOptions options;
  options.parts = {"weights", "code"};
  const VerifyResult result = extract(packed(), target_, options);
  EXPECT_TRUE(result.ok()) << to_text(result);
  EXPECT_EQ(result.parts, options.parts);
  Bag expected = bag();
  std::erase_if(expected, [](const auto& file) {
    return file.first.starts_with("data/recon/") || file.first.starts_with("data/logs/");
  });
  EXPECT_EQ(extracted(), expected);
  EXPECT_FALSE(fs::exists(target_ / "data/recon"));
}

TEST_F(ExtractTest, AFolderWriterFollowsNoLinkAndReplacesNothing) {
  fs::create_directories(root_ / "outside");
  put(root_ / "outside/file", "mine");
  fs::create_directories(target_);
  fs::create_symlink(root_ / "outside", target_ / "link");
  fs::create_symlink(root_ / "outside/file", target_ / "file");
  put(target_ / "there", "mine");
  const FolderWriter folder(target_);
  EXPECT_THROW(folder.make_file("link/new", 0, false), system::Error);
  EXPECT_THROW(folder.make_folder("link/new"), system::Error);
  EXPECT_THROW(folder.make_file("file", 0, false), system::Error);
  EXPECT_THROW(folder.make_file("there", 0, false), system::Error);
  EXPECT_THROW(folder.open_file("file"), system::Error);
  EXPECT_EQ(slurp(root_ / "outside/file"), "mine");
  EXPECT_EQ(system::files_below(root_ / "outside").size(), 1u);
}

TEST_F(ExtractTest, TargetsThatStandAreLeftAlone) {
  put(target_ / "mine.txt", "mine");
  expect_error(packed(), Code::kInvalidArgument, "something stands there already");
  EXPECT_EQ(slurp(target_ / "mine.txt"), "mine");
  fs::remove_all(target_);
  fs::create_symlink(root_ / "nowhere", target_);
  expect_error(packed(), Code::kInvalidArgument, "something stands there already");
  fs::remove(target_);
  expect_error(code_, Code::kUnsupported, "is a folder");
  expect_error(root_ / "nowhere.tar", Code::kNotFound, "nowhere.tar");
}

}  // namespace
}  // namespace reconproof::submission
