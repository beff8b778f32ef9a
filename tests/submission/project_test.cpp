// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "submission/project_template.h"
#include "system/error.h"
#include "system/exit_code.h"
#include "system/files.h"

namespace reconproof::submission {
namespace {

using system::Error;
using testing::HasSubstr;

class ProjectTest : public testing::Test {
 protected:
  Project load(const std::string& text) {
    system::write_file(folder_.path() / kProjectFile, text);
    return load_project(folder_.path());
  }
  std::string error_of(const std::string& text) {
    try {
      load(text);
    } catch (const Error& error) {
      EXPECT_EQ(system::exit_code_of(error.code()), system::ExitCode::kMalformed);
      return error.what();
    }
    return "no error";
  }
  system::TemporaryFolder folder_;
  const std::string head_ = "[project]\nname = \"a\"\nedition = \"snu-2025\"\n";
};

TEST_F(ProjectTest, ReadsAFullFile) {
  const Project project = load(head_ + R"(
[data]
leaderboard = "/root/Data/leaderboard"
[steps.reconstruct]
command = ["python3", "reconstruct.py"]
weights = "../result/n/best.pt"
outputs = "../result/n/out"
read_only = ["/opt/venv"]
[steps.reconstruct.env]
OMP_NUM_THREADS = "1"
[claims]
total = "0.9740"
acc4 = 0.97
[hand_in]
slides = "talk.pptx"
logs = ["train.log"]
)");
  EXPECT_EQ(project.name, "a");
  EXPECT_EQ(project.host("/root/Data/leaderboard"), "/root/Data/leaderboard");
  EXPECT_EQ(project.host("../result"), project.root.parent_path() / "result");
  ASSERT_TRUE(project.reconstruct_step);
  EXPECT_TRUE(project.train_steps.empty());
  EXPECT_EQ(project.reconstruct_step->command[1], "reconstruct.py");
  EXPECT_EQ(project.reconstruct_step->contract, "whole");
  EXPECT_EQ(project.reconstruct_step->env.at("OMP_NUM_THREADS"), "1");
  EXPECT_EQ(project.claims.at("total"), "0.9740");
  EXPECT_EQ(project.claims.at("acc4"), "0.97");
  EXPECT_EQ(project.hand_in.slides, "talk.pptx");
  EXPECT_EQ(project.hand_in.logs, (std::vector<std::string>{"train.log"}));
  EXPECT_EQ(project.hand_in.video, "");
}

TEST_F(ProjectTest, MessagesNameLineAndKey) {
  EXPECT_THAT(error_of("[project"), HasSubstr("reconproof.toml:1: not TOML"));
  EXPECT_THAT(error_of("[data]\n"), HasSubstr("project: missing table"));
  EXPECT_THAT(error_of("[project]\nname = \"a\"\n"),
              HasSubstr("project.edition: missing, expected text"));
  EXPECT_THAT(error_of("[project]\nname = 3\nedition = \"e\"\n"),
              HasSubstr(":2: project.name: found a number, expected text"));
  EXPECT_THAT(error_of("[project]\nname = \"\"\nedition = \"e\"\n"),
              HasSubstr("project.name: is empty"));
  EXPECT_THAT(error_of(head_ + "[hand_in]\nslide = \"x\"\n"),
              HasSubstr("hand_in.slide: unknown key"));
  EXPECT_THAT(error_of(head_ + "[dta]\n"), HasSubstr(":4: dta: unknown key"));
  EXPECT_THAT(error_of(head_ + "[data]\ntrian = \"x\"\n"), HasSubstr("data.trian: unknown key"));
  EXPECT_THAT(error_of(head_ + "[steps.reconstruct]\ncommand = \"python\"\n"),
              HasSubstr("steps.reconstruct.command: found text, expected a list of text"));
  EXPECT_THAT(error_of(head_ + "[steps.reconstruct]\ncommand = []\n"),
              HasSubstr("is empty, expected the program"));
  EXPECT_THAT(error_of(head_ + "[steps.reconstruct]\ncommand = [\"a\"]\ncontract = \"part\"\n"),
              HasSubstr("'part', expected \"whole\""));
}

TEST_F(ProjectTest, HasOneTrainingOrSeveralWithNames) {
  const Project one = load(head_ + "[steps.train]\ncommand = [\"a\"]\noutputs = \"out\"\n");
  ASSERT_EQ(one.train_steps.size(), 1u);
  EXPECT_EQ(one.train_steps[0].name, "");
  EXPECT_EQ(one.train_steps[0].outputs, "out");
  const std::string first = "[[steps.train]]\nname = \"first\"\ncommand = [\"a\"]\n";
  const std::string second = "[[steps.train]]\nname = \"second\"\ncommand = [\"b\"]\n";
  const Project two = load(head_ + first + second);
  ASSERT_EQ(two.train_steps.size(), 2u);
  EXPECT_EQ(two.train_steps[1].name, "second");
  EXPECT_EQ(two.train_steps[1].command[0], "b");
  EXPECT_THAT(error_of(head_ + first + first),
              HasSubstr(":8: steps.train.name: 'first', expected a name that no other training"));
  EXPECT_THAT(error_of(head_ + "[[steps.train]]\ncommand = [\"a\"]\n"),
              HasSubstr("steps.train.name: missing, expected text"));
  EXPECT_THAT(error_of(head_ + "[steps.train]\nname = \"a\"\ncommand = [\"a\"]\n"),
              HasSubstr("steps.train.name: unknown key"));
}

TEST_F(ProjectTest, ClaimsMayBeAnyNumber) {
  const Project project = load(head_ + R"(
[data]
leaderboard = "l"
[claims]
acc4 = 1
acc8 = 81555555555555555
total = -9223372036854775807
)");
  EXPECT_EQ(project.claims.at("acc4"), "1");
  // Beyond what a float64 holds exactly.
  EXPECT_EQ(std::stod(project.claims.at("acc8")), 81555555555555555.0);
  EXPECT_EQ(std::stod(project.claims.at("total")), -9223372036854775807.0);
}

TEST_F(ProjectTest, MissingFileSaysWhatToDo) {
  try {
    load_project(folder_.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("run `reconproof init`"));
  }
}

TEST_F(ProjectTest, TheTemplateIsValid) {
  for (const std::string& edition : challenge::edition_ids()) {
    const Project project = load(
        project_template(usual_project("x \"{y}\"", edition), challenge::find_edition(edition)));
    EXPECT_EQ(project.name, "x \"{y}\"");
    EXPECT_EQ(project.edition, edition);
    EXPECT_TRUE(project.reconstruct_step);
    EXPECT_TRUE(project.train_steps.empty());
  }
}

}  // namespace
}  // namespace reconproof::submission
