// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `reconproof report` as a function: what it writes, and what it leaves alone.
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "system/error.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using system::ExitCode;

ExitCode run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "report");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  try {
    return cli::run_report(static_cast<int>(argv.size()), argv.data());
  } catch (const system::Error& error) {
    return system::exit_code_of(error.code());
  }
}

class ReportCommand : public testing::Test {
 protected:
  ReportCommand() {
    system::write_file(
        synthetic.root() / submission::kProjectFile,
        "[project]\nname = \"Synthetic team\"\nedition = \"snu-2025\"\n[data]\n"
        "leaderboard = \"../leaderboard\"\n[steps.reconstruct]\ncommand = [\"true\"]\n"
        "weights = \"../result/checkpoints/best_model.pt\"\noutputs = "
        "\"../result/reconstructions\"\n");
  }
  std::string output() const { return (synthetic.root() / "out" / "report.html").string(); }
  SyntheticProject synthetic;
};

TEST_F(ReportCommand, WritesTheReport) {
  EXPECT_EQ(run({synthetic.root().string(), "-o", output()}), ExitCode::kPass);
  EXPECT_TRUE(system::read_file(output()).starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(run({synthetic.root().string(), "--json", "--lang", "en", "-o", output()}),
            ExitCode::kPass);
}

TEST_F(ReportCommand, MalformedCheckIsExit3AndLeavesTheOldReport) {
  system::write_file(output(), "the old report");
  system::write_file(synthetic.check_file(), "{");
  EXPECT_EQ(run({synthetic.root().string(), "-o", output()}), ExitCode::kMalformed);
  EXPECT_EQ(system::read_file(output()), "the old report");
  EXPECT_EQ(system::sorted_entries(synthetic.root() / "out").size(),
            1U);  // no temporary file either
}

TEST_F(ReportCommand, NeverCheckedIsExit3) {
  fs::remove(synthetic.check_file());
  EXPECT_EQ(run({synthetic.root().string(), "-o", output()}), ExitCode::kMalformed);
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(ReportCommand, UsageErrors) {
  EXPECT_EQ(run({synthetic.root().string(), "--nonsense"}), ExitCode::kUsage);
  EXPECT_EQ(run({synthetic.root().string(), "--lang", "xx", "-o", output()}), ExitCode::kUsage);
  EXPECT_FALSE(fs::exists(output()));
}

}  // namespace
}  // namespace reconproof::reports
