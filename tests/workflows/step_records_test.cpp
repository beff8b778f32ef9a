// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/step_records.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "checks/measure/run_record.h"
#include "system/files.h"
#include "workflows/run_progress.h"

namespace reconproof::workflows {
namespace {

namespace fs = std::filesystem;
using checks::Comparison;

class StepRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_STATE_HOME", (folder_.path() / "state").c_str(), 1);
    system::make_folders(files_);
    system::write_file(files_ / "a", "1");
  }
  StepRecords records(const std::string& identity = "identity", bool fresh = false) const {
    return {folder_.path() / "steps", identity, fresh};
  }
  bool finds(const StepRecords& records, const std::string& inputs = "inputs") const {
    Comparison found;
    const auto ended = records.find("step", inputs, found);
    return ended && found.volumes == 7 && !ended->empty();
  }
  void keep() const {
    Comparison comparison;
    comparison.volumes = 7;
    records().keep("step", "inputs", comparison, files_);
  }

  system::TemporaryFolder folder_;
  const fs::path files_ = folder_.path() / "files";
};

TEST_F(StepRecordsTest, GivesBackWhatWasKept) {
  EXPECT_FALSE(finds(records()));
  EXPECT_EQ(records().seal_of("step"), "");
  keep();
  EXPECT_TRUE(finds(records()));
  EXPECT_EQ(records().seal_of("step").size(), 64u);
  EXPECT_FALSE(finds(records("other identity")));
  EXPECT_FALSE(finds(records(), "other inputs"));
  Comparison comparison;
  checks::SliceRun of_another_type;
  EXPECT_FALSE(records().find("other", "inputs", comparison));
  EXPECT_FALSE(records().find("step", "inputs", of_another_type));
  EXPECT_FALSE(finds(records("identity", true)));
  keep();
  records().remove();
  EXPECT_FALSE(fs::exists(folder_.path() / "steps"));
}

TEST_F(StepRecordsTest, DoesNotTrustWhatWasAltered) {
  const fs::path record = folder_.path() / "steps/step.json";
  const auto altered = [&](const std::function<void()>& alter) {
    keep();
    EXPECT_TRUE(finds(records()));
    alter();
    const bool found = finds(records());
    fs::remove_all(files_);
    SetUp();
    return !found;
  };
  EXPECT_TRUE(altered([&] { system::write_file(files_ / "a", "2"); }));
  EXPECT_TRUE(altered([&] { system::write_file(files_ / "b", "1"); }));
  EXPECT_TRUE(altered([&] { fs::remove(files_ / "a"); }));
  EXPECT_TRUE(altered([&] { fs::remove_all(files_); }));
  EXPECT_TRUE(altered([&] { system::write_file(record, "not JSON"); }));
  EXPECT_TRUE(altered([&] { fs::resize_file(record, 100); }));
  EXPECT_TRUE(altered([&] {
    std::string text = system::read_file(record);
    text.replace(text.find("true"), 4, "false");
    system::write_file(record, text);
  }));
  EXPECT_TRUE(altered([&] { fs::remove_all(folder_.path() / "state"); })) << "another user's";
}

TEST_F(StepRecordsTest, WithoutASecretNothingIsKept) {
  ::setenv("XDG_STATE_HOME", "relative", 1);
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  ::unsetenv("HOME");
  EXPECT_FALSE(records().unavailable().empty());
  keep();
  EXPECT_FALSE(finds(records()));
  EXPECT_FALSE(fs::exists(folder_.path() / "steps"));
  ::setenv("HOME", home.c_str(), 1);
}

TEST(LastLine, IsTheLastThatHoldsSomething) {
  LastLine line;
  EXPECT_EQ(line.text(), "");
  line.add("a\nb");
  EXPECT_EQ(line.text(), "b");
  line.add("c\n\n  \n");
  EXPECT_EQ(line.text(), "bc");
  line.add(" 10 %\r 20 %");
  EXPECT_EQ(line.text(), " 20 %");
  line.add("\r");
  EXPECT_EQ(line.text(), " 20 %");
  line.add(std::string(1'000'000, 'x'));
  EXPECT_LT(line.text().size(), 1000u);
}

}  // namespace
}  // namespace reconproof::workflows
