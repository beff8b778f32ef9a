// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/readme/readme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "submission/readme/match.h"
#include "submission/requirements.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// As the official READMEs are laid out.
constexpr const char* kOfficialLike =
    "# Title\n"
    "```bash\n"
    "├── train.py\n"
    "└── utils\n"
    "    └── python train.py\n"
    "```\n"
    "* ```train.py``` trains\n"
    "```bash\n"
    "pip3 install -r requirements.txt\n"
    "```\n"
    "```bash\n"
    "python train.py // sh train.sh\n"
    "```\n"
    "```bash\n"
    "python recon_eval.py        # 또는\n"
    "sh recon_eval.sh            # -n 'test_Varnet'\n"
    "```\n"
    "```text\n"
    "Leaderboard SSIM : 0.8469\n"
    "```\n";

std::vector<std::string> texts(const ReadmeCommand& command) {
  std::vector<std::string> all;
  for (const ReadmeAlternative& one : command.alternatives) all.push_back(one.text);
  return all;
}

TEST(Readme, FindsCommandsAndTheirAlternatives) {
  const Readme readme = parse_readme(kOfficialLike, "README.md");
  ASSERT_EQ(readme.commands.size(), 2u);
  EXPECT_EQ(readme.commands[0].line, 12);
  EXPECT_THAT(texts(readme.commands[0]), ElementsAre("python train.py", "sh train.sh"));
  EXPECT_EQ(readme.commands[1].line, 15);
  ASSERT_EQ(readme.commands[1].alternatives.size(), 2u);
  EXPECT_THAT(readme.commands[1].alternatives[0].words, ElementsAre("python", "recon_eval.py"));
  EXPECT_THAT(readme.commands[1].alternatives[1].words, ElementsAre("sh", "recon_eval.sh"));
  EXPECT_THAT(readme.remarks, IsEmpty());
}

TEST(Readme, ListsWhatItSkips) {
  const Readme readme = parse_readme(kOfficialLike, "README.md");
  ASSERT_EQ(readme.skipped.size(), 3u);
  EXPECT_EQ(readme.skipped[0].what, "folder tree");
  EXPECT_EQ(readme.skipped[1].what, "installs");
  EXPECT_EQ(readme.skipped[2].what, "no shell commands");
  ASSERT_EQ(readme.installs.size(), 1u);
  EXPECT_THAT(readme.installs[0].second, ElementsAre("pip3", "install", "-r", "requirements.txt"));
}

TEST(Readme, ReadsShellAsTeamsWriteIt) {
  const Readme readme = parse_readme(
      "~~~sh\n"
      "$ git clone https://example.org/x\n"
      "# a comment\n"
      "export CASCADES=3\n"
      "cd code && CUDA_VISIBLE_DEVICES=0 python train.py -e 5 \\\n"
      "  -n 'my net' | tee log.txt\n"
      "nohup python reconstruct.py > out.log 2>&1 &\n"
      "python score.py <weights>\n"
      "for i in 1 2; do python x.py; done\n"
      "~~~\n"
      "    ```\n"
      "    python indented.py\n"
      "    ```\n",
      "README.md");
  ASSERT_EQ(readme.commands.size(), 5u);
  const ReadmeAlternative& train = readme.commands[0].alternatives[0];
  EXPECT_THAT(train.words, ElementsAre("python", "train.py", "-e", "5", "-n", "my net"));
  EXPECT_EQ(train.env.at("CASCADES"), "3");
  EXPECT_EQ(train.env.at("CUDA_VISIBLE_DEVICES"), "0");
  EXPECT_EQ(readme.commands[0].line, 5);
  EXPECT_THAT(readme.commands[1].alternatives[0].words, ElementsAre("python", "reconstruct.py"));
  EXPECT_THAT(readme.commands[2].alternatives[0].words, ElementsAre("python", "score.py"));
  EXPECT_FALSE(readme.commands[3].alternatives[0].unclear.empty());
  EXPECT_THAT(readme.commands[4].alternatives[0].words, ElementsAre("python", "indented.py"));
}

TEST(Readme, ReadsCommandsInRunningText) {
  const Readme readme = parse_readme(
      "* `train.py` trains: `python train.py -e 5`, or ```sh train.sh```; see `python -m pip "
      "list`, `a b`\n",
      "README.md");
  ASSERT_EQ(readme.commands.size(), 2u);
  EXPECT_TRUE(readme.commands[0].in_text);
  EXPECT_THAT(readme.commands[0].alternatives[0].words,
              ElementsAre("python", "train.py", "-e", "5"));
  EXPECT_THAT(readme.commands[1].alternatives[0].words, ElementsAre("sh", "train.sh"));
}

TEST(Readme, TellsOfItsBytes) {
  const Readme windows =
      parse_readme("\xEF\xBB\xBF# x\r\n```\r\npython a.py\r\n```\r\n", "README.md");
  ASSERT_EQ(windows.commands.size(), 1u);
  EXPECT_THAT(windows.commands[0].alternatives[0].words, ElementsAre("python", "a.py"));
  EXPECT_THAT(windows.remarks, ElementsAre(HasSubstr("byte order mark"), HasSubstr("CR LF")));
  const Readme korean = parse_readme("# x\n\xC7\xD1\xB1\xDB\n```\npython a.py\n", "README.md");
  EXPECT_EQ(korean.commands.size(), 1u);  // a fence that is not closed ends with the file
  EXPECT_THAT(korean.remarks, ElementsAre(HasSubstr("line 2: bytes that are no UTF-8")));
  EXPECT_THAT(parse_readme("# 한글\n", "README.md").remarks, IsEmpty());
  const Readme utf16 = parse_readme(std::string("\xFF\xFE#\0", 4), "README.md");
  EXPECT_TRUE(utf16.unreadable);
  EXPECT_THAT(utf16.remarks, ElementsAre(HasSubstr("UTF-16")));
}

/// A repository like the official one, with files of our own.
class MatchTest : public ::testing::Test {
 protected:
  MatchTest() {
    put("reconstruct.py",
        "parser.add_argument('-g', '--GPU_NUM', type=int, default=0)\n"
        "parser.add_argument('-n', '--net_name', type=Path, default='test_varnet')\n"
        "parser.add_argument('-p', '--path_data', type=Path, default='/Data/leaderboard/')\n"
        "parser.add_argument('--cascade', type=int, default=1)\n");
    put("reconstruct.sh",
        "python reconstruct.py \\\n  -n 'test_Varnet' \\\n  -p '/root/Data/leaderboard'\n");
    put("eval.py", "parser.add_argument('-lp', '--path')\n");
    project_.root = root();
    project_.leaderboard = "/root/Data/leaderboard";
    Step step;
    step.command = {"python3", "reconstruct.py",        "-n", "test_Varnet",
                    "-p",      "/root/Data/leaderboard"};
    project_.reconstruct_step = step;
  }
  fs::path root() const { return folder_.path(); }
  void put(const std::string& name, const std::string& text) {
    system::write_file(root() / name, text);
  }

  /// Of a README with this one line.
  ReadmeMatch match(const std::string& line) {
    return match_readme(parse_readme("```\n" + line + "\n```\n", "README.md"), project_, root());
  }
  AlternativeMatch only(const std::string& line) {
    return match(line).commands.at(0).alternatives.at(0);
  }

  system::TemporaryFolder folder_;
  Project project_;
};

TEST_F(MatchTest, EitherOfTwoIsEnough) {
  const ReadmeMatch both = match("python reconstruct.py // sh reconstruct.sh");
  ASSERT_EQ(both.commands.size(), 1u);
  EXPECT_EQ(both.commands[0].verdict(), CommandVerdict::kSame);
  EXPECT_EQ(both.commands[0].step, "reconstruct");
  EXPECT_THAT(both.unnamed, IsEmpty());
  EXPECT_EQ(both.commands[0].alternatives[0].verdict, CommandVerdict::kDiffers);
}

TEST_F(MatchTest, AnotherNameOfTheWeightsIsAFault) {
  const ReadmeMatch one = match("python reconstruct.py");
  EXPECT_EQ(one.commands[0].verdict(), CommandVerdict::kDiffers);
  EXPECT_THAT(one.unnamed, ElementsAre("reconstruct"));
  const AlternativeMatch& found = one.commands[0].alternatives[0];
  ASSERT_EQ(found.faults.size(), 1u);
  EXPECT_EQ(found.faults[0].kind, "weight-name");
  EXPECT_THAT(found.faults[0].message, HasSubstr("upper and lower case alone"));
  EXPECT_THAT(found.faults[0].message, HasSubstr("reconstruct.py:2"));
  // Where the data are is the reader's own affair, and which GPU.
  EXPECT_EQ(found.notes.size(), 1u);
  EXPECT_EQ(only("python reconstruct.py -ntest_Varnet -g 1").verdict, CommandVerdict::kSame);
}

TEST_F(MatchTest, ArgumentsAreHeldEqual) {
  EXPECT_EQ(only("python reconstruct.py -n test_Varnet --cascade 1.0").verdict,
            CommandVerdict::kSame);
  const AlternativeMatch other = only("python reconstruct.py -n test_Varnet --cascade 2");
  ASSERT_EQ(other.faults.size(), 1u);
  EXPECT_EQ(other.faults[0].kind, "readme-command");
  EXPECT_THAT(other.faults[0].message, HasSubstr("--cascade is '2' here and '1'"));
}

TEST_F(MatchTest, WhatCannotBeTypedFails) {
  EXPECT_EQ(only("python inference.py").verdict, CommandVerdict::kFails);
  EXPECT_THAT(only("python inference.py").faults[0].message, HasSubstr("no inference.py"));
  EXPECT_THAT(only("python reconstruct.py --casade 2").faults[0].message,
              HasSubstr("knows no option --casade"));
  EXPECT_THAT(only("sh missing.sh").faults[0].message, HasSubstr("no missing.sh"));
  put("windows.sh", "python reconstruct.py\r\n");
  EXPECT_THAT(only("sh windows.sh").faults[0].message, HasSubstr("CR LF"));
}

TEST_F(MatchTest, OtherCommandsNeedOnlyBeThere) {
  EXPECT_EQ(only("python eval.py -lp x").verdict, CommandVerdict::kOther);
  EXPECT_EQ(only("python eval.py --nothing x").verdict, CommandVerdict::kFails);
}

TEST_F(MatchTest, VariablesCount) {
  const AlternativeMatch set = only("CASCADES=2 python reconstruct.py -n test_Varnet");
  ASSERT_EQ(set.faults.size(), 1u);
  EXPECT_EQ(set.faults[0].kind, "hidden-setting");
  EXPECT_EQ(only("OMP_NUM_THREADS=2 python reconstruct.py -n test_Varnet").verdict,
            CommandVerdict::kSame);
  project_.reconstruct_step->env["CASCADES"] = "2";
  EXPECT_EQ(only("CASCADES=2 python reconstruct.py -n test_Varnet").verdict, CommandVerdict::kSame);
  EXPECT_EQ(only("python reconstruct.py -n test_Varnet").verdict, CommandVerdict::kDiffers);
}

TEST_F(MatchTest, ProgramsWithoutPythonAreComparedWordByWord) {
  put("run", "");
  project_.leaderboard = "../Data";
  project_.reconstruct_step->command = {"./run", "../Data", "fast"};
  EXPECT_EQ(only("./run ../Data fast").verdict, CommandVerdict::kSame);
  EXPECT_EQ(only("./run /elsewhere fast").verdict, CommandVerdict::kSame);
  EXPECT_EQ(only("./run ../Data slow").verdict, CommandVerdict::kDiffers);
  EXPECT_EQ(only("./walk ../Data").verdict, CommandVerdict::kFails);
}

TEST_F(MatchTest, OptionsOfAStep) {
  const Step& step = *project_.reconstruct_step;
  EXPECT_THAT(option_of_folder(root(), step, "/root/Data/leaderboard"),
              ElementsAre("-p", "--path_data"));
  EXPECT_THAT(option_of_folder(root(), step, "/nowhere"), IsEmpty());
  EXPECT_EQ(option_of_step(root(), step, {"--cascade"}).value, "1");
  EXPECT_EQ(option_of_step(root(), step, {"--cascade"}).where, "reconstruct.py:4");
  EXPECT_EQ(option_of_step(root(), step, {"-n"}).where, "the declared command");
}

class RequirementsTest : public ::testing::Test {
 protected:
  Requirements read(const std::string& text) {
    system::write_file(folder_.path() / "requirements.txt", text);
    return read_requirements(folder_.path(), "requirements.txt");
  }
  system::TemporaryFolder folder_;
};

TEST_F(RequirementsTest, TellsWhatIsPinned) {
  const Requirements all = read(
      "# packages\ntorch==2.3.0+cu121\nnumpy\nScikit_Image >= 0.19 ; python_version > '3'\n"
      "h5py[mpi]==3.1.0 --hash=sha256:00  # why\npyyaml==6.*\ntqdm===4.1\\\n\nrequests (==2.1)\n");
  ASSERT_EQ(all.items.size(), 7u);
  const std::vector<std::string> pinned = {"2.3.0+cu121", "", "", "3.1.0", "", "4.1", "2.1"};
  for (size_t i = 0; i < pinned.size(); ++i)
    EXPECT_EQ(all.items[i].pinned, pinned[i]) << all.items[i].text;
  EXPECT_EQ(all.items[2].normalized, "scikit-image");
  EXPECT_EQ(all.items[5].line, 7);
  EXPECT_THAT(all.problems, IsEmpty());
}

TEST_F(RequirementsTest, FollowsFilesAndConstraints) {
  system::write_file(folder_.path() / "more.txt", "tqdm\n");
  system::write_file(folder_.path() / "pins.txt", "numpy==1.26.4\ntqdm==4.1\n");
  const Requirements all =
      read("numpy\n-r more.txt\n-c pins.txt\n--find-links wheels\n-r absent.txt\n");
  ASSERT_EQ(all.items.size(), 2u);
  EXPECT_EQ(all.items[0].pinned, "1.26.4");
  EXPECT_EQ(all.items[1].pinned, "4.1");
  EXPECT_EQ(all.items[1].file, "more.txt");
  EXPECT_THAT(all.problems, ElementsAre(HasSubstr("requirements.txt:5: includes absent.txt")));
  const std::string before = all.sha256;
  system::write_file(folder_.path() / "more.txt", "tqdm==4.2\n");
  EXPECT_NE(read_requirements(folder_.path(), "requirements.txt").sha256, before);
}

TEST_F(RequirementsTest, TellsPlacesFromNames) {
  const Requirements all =
      read("./wheels/tiny-1.0-py3-none-any.whl\nnumpy @ file:///croot/numpy\n-e .\ntorch 2.0\n");
  ASSERT_EQ(all.items.size(), 3u);
  EXPECT_TRUE(all.items[0].local);
  EXPECT_EQ(all.items[0].name, "tiny");
  EXPECT_TRUE(all.items[1].local);
  EXPECT_TRUE(all.has_local);
  EXPECT_THAT(all.problems, ElementsAre(HasSubstr("requirements.txt:4: 'torch 2.0'")));
  EXPECT_THROW(read(std::string("t\0", 2)), system::Error);
}

}  // namespace
}  // namespace reconproof::submission
