// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/workspace.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "system/error.h"

namespace reconproof::workflows {
namespace {

namespace fs = std::filesystem;

TEST(Workspace, OneThatStaysStandsUnderItsNameWhenItIsWhole) {
  const system::TemporaryFolder folder;
  const fs::path keep = folder.path() / "kept";
  Workspace workspace(keep);
  system::write_file(workspace.path() / "a", "1");
  EXPECT_TRUE(workspace.stays());
  EXPECT_FALSE(fs::exists(keep));
  workspace.commit();
  EXPECT_EQ(system::read_file(keep / "a"), "1");
  EXPECT_THROW(Workspace{keep}, system::Error);
}

TEST(Workspace, RemovesWhatAKilledOneLeftWhoseProcessesStillDied) {
  const system::TemporaryFolder folder;
  const fs::path keep = folder.path() / "kept", left = folder.path() / ".kept.partial-aB3xYz";
  system::make_folders(left / "root");
  system::Descriptor dying(::open(left.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(system::try_lock(dying));
  Workspace workspace(keep);
  EXPECT_TRUE(fs::exists(left));
  dying.reset();
  workspace.commit();
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(keep));
}

TEST(Workspace, OneThatNobodyNamedGoes) {
  fs::path path;
  {
    const Workspace workspace(std::nullopt);
    path = workspace.path();
    EXPECT_TRUE(fs::exists(path));
    EXPECT_FALSE(workspace.stays());
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace reconproof::workflows
