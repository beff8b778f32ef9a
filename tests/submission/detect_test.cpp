// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "submission/detect/edition_hints.h"
#include "submission/detect/python_arguments.h"
#include "submission/detect/shell_words.h"
#include "submission/project_template.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::string> words_of(const std::string& text) {
  const std::vector<ShellCommand> commands = parse_shell(text, "a.sh");
  return commands.size() == 1 ? commands[0].words : std::vector<std::string>{"not one command"};
}

std::string refusal_of(const std::string& text) {
  try {
    parse_shell(text, "a.sh");
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kUnsupported);
    return error.what();
  }
  return "understood";
}

TEST(ShellWords, ReadsTheFormThatTheOfficialFilesHave) {
  const auto commands = parse_shell("python a.py \\\n  -b 2 \\\n  -n 'net'", "a.sh");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_THAT(commands[0].words, ElementsAre("python", "a.py", "-b", "2", "-n", "net"));
  EXPECT_THAT(commands[0].lines, ElementsAre(1, 1, 2, 2, 3, 3));
}

TEST(ShellWords, QuotesKeepWhatTheyHold) {
  EXPECT_THAT(words_of(R"(a 'b c'd)"), ElementsAre("a", "b cd"));
  EXPECT_THAT(words_of(R"(a "b \" \\ \x 'c'")"), ElementsAre("a", R"(b " \ \x 'c')"));
  EXPECT_THAT(words_of(R"(a b\ c \# '' "")"), ElementsAre("a", "b c", "#", "", ""));
  EXPECT_THAT(words_of("a 'b\nc' \"d\\\ne\""), ElementsAre("a", "b\nc", "de"));
  EXPECT_THAT(words_of("a b\\\nc # d 'e"), ElementsAre("a", "bc"));
  EXPECT_THAT(words_of("a b#c '#d'"), ElementsAre("a", "b#c", "#d"));
}

TEST(ShellWords, VariablesOfTheFileItself) {
  EXPECT_THAT(words_of("N=net\nP=\"a b\"\nrun -n $N${N}x \"$P\" '$N'"),
              ElementsAre("run", "-n", "netnetx", "a b", "$N"));
  const auto commands = parse_shell("export A=1\nB=2 C='3 4' run\nother", "a.sh");
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_THAT(commands[0].env, ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "3 4")));
  EXPECT_THAT(commands[1].env, ElementsAre(Pair("A", "1")));
  EXPECT_THAT(words_of("run 'A'=1 a=b"), ElementsAre("run", "A=1", "a=b"));
}

TEST(ShellWords, SeveralCommands) {
  const auto commands = parse_shell("#!/bin/bash\nset -e\n\n  a 1; b && c\n\n# d\ne", "a.sh");
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_EQ(commands[3].words[0], "e");
  EXPECT_EQ(commands[3].lines[0], 7);
  EXPECT_THAT(parse_shell("", "a.sh"), IsEmpty());
  EXPECT_THAT(parse_shell("\\", "a.sh"), IsEmpty());
}

TEST(ShellWords, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"a $(b)",   "a `b`",    "a \"`b`\"", "a | b",         "a > b",    "a < b",      "a & b",
        "a *.py",   "a [x]",    "a ?",       "~/a",           "if true",  "for i in 1", "cd x",
        "source x", ". x",      "eval a",    "(a)",           "{ a; }",   "a ${B:-c}",  "a $1",
        "a $@",     "a $",      "a $B",      "B='c d'; a $B", "B=; a $B", "a;; b",      "exit 0",
        "a {b,c}",  "export B", "a 'b",      "a \"b",         "a\x01",    "time a"}) {
    EXPECT_THAT(refusal_of(text), HasSubstr("a.sh:1: ")) << text;
  }
  EXPECT_THAT(refusal_of("a \\\n b\nc $D"), HasSubstr("a.sh:3: $D is not set"));
  EXPECT_THAT(refusal_of("a b\r\n"), AllOf(HasSubstr("a.sh:1"), HasSubstr("Windows")));
  EXPECT_THAT(refusal_of("a \\\r\n b"), HasSubstr("Windows"));
}

// No input makes it run on, or read beyond its end.
TEST(ShellWords, EveryBeginningOfAScriptEndsSomehow) {
  const std::string text = "export A='b'\nB=\"c\\\"$A\" x \\\n -n ${A} y;z&&w # e\n\"$(";
  for (size_t length = 0; length <= text.size(); ++length) {
    for (const char* last : {"", "\\", "'", "\"", "$", "${", "&", "\n"}) {
      try {
        parse_shell(text.substr(0, length) + last, "a.sh");
      } catch (const system::Error&) {
      }
    }
  }
}

TEST(PythonArguments, FindsFlagsAndDefaults) {
  const auto options = argparse_options(R"(
p.add_argument('-n', '--net_name', type=Path, default='test, (x)', help='a, "b" default=3')
# p.add_argument('--old', default=1)
p.add_argument("--cascade", help='c', type=int,
               default=12)  # x
p.add_argument('-p', default=Path("/Data/"), type=f(1, [2]))
p.add_argument('--lr', default=1e-3); p.add_argument('--computed', default=a + 'b')
p.add_argument('--none', default=None)
p.add_argument(*names, default=1)
p.add_argument('--cut', default='x)");
  ASSERT_EQ(options.size(), 7u);
  EXPECT_THAT(options[0].flags, ElementsAre("-n", "--net_name"));
  EXPECT_EQ(options[0].value, "test, (x)");
  EXPECT_EQ(options[0].line, 2);
  EXPECT_EQ(options[1].value, "12");
  EXPECT_EQ(options[1].line, 4);
  EXPECT_EQ(options[2].value, "/Data/");
  EXPECT_EQ(options[3].value, "1e-3");
  EXPECT_EQ(options[4].value, std::nullopt);
  EXPECT_EQ(options[5].value, std::nullopt);
  EXPECT_EQ(options[6].value, std::nullopt);
}

TEST(PythonArguments, FindsWhatACommandLineGives) {
  const std::vector<PythonOption> all = {{{"-l", "--lr"}, {}, 1},
                                         {{"-lp", "--path"}, {}, 2},
                                         {{"-n", "--net_name"}, {}, 3},
                                         {{"--chans"}, {}, 4},
                                         {{"--cascade"}, {}, 5}};
  const auto given = [&](size_t option, std::vector<std::string> words) -> std::string {
    const auto found = given_value(words, all[option], all);
    return found ? found->value : "none";
  };
  EXPECT_EQ(given(2, {"-n", "a"}), "a");
  EXPECT_EQ(given(2, {"-na"}), "a");
  EXPECT_EQ(given(2, {"--net_name=a", "--net_name", "b"}), "b");
  EXPECT_EQ(given(2, {"--net", "a"}), "a");
  EXPECT_EQ(given(0, {"-lp", "x"}), "none");
  EXPECT_EQ(given(1, {"-lp", "x"}), "x");
  EXPECT_EQ(given(3, {"--c", "4"}), "none") << "it may be --cascade";
  EXPECT_EQ(given(3, {"--ch", "4"}), "4");
  EXPECT_EQ(given(2, {"-n"}), "none");
  EXPECT_EQ(given(4, {}), "none");
}

TEST(EditionVotes, TheMajorityNamesIt) {
  const EditionHint a{{"snu-2024"}, "a:1"}, b{{"snu-2025"}, "b:2"},
      both{{"snu-2025", "snu-2026"}, "c:3"};
  EXPECT_EQ(count_votes({b, both}).edition, "snu-2025");
  EXPECT_EQ(count_votes({b, both}).where, "b:2, c:3");
  EXPECT_EQ(count_votes({b, b, b, a}).edition, "snu-2025");
  EXPECT_EQ(count_votes({a}).edition, "snu-2024");
  EXPECT_THAT(count_votes({a, b}).doubt,
              AllOf(HasSubstr("snu-2024 (a:1)"), HasSubstr("snu-2025 (b:2)")));
  EXPECT_EQ(count_votes({a, b}).edition, "");
  EXPECT_EQ(count_votes({b, b, a}).edition, "") << "half as many against";
  EXPECT_EQ(count_votes({both}).edition, "");
  EXPECT_THAT(count_votes({}).doubt, HasSubstr("nothing here tells the edition"));
}

class DetectTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    system::make_folders((root_ / name).parent_path());
    system::write_file(root_ / name, text);
  }
  Detected detect(const std::string& edition = "") {
    return detect_repository(root_, {edition, "/nowhere"});
  }
  system::TemporaryFolder folder_;
  const fs::path root_ = fs::canonical(folder_.path()) / "code";
};

TEST_F(DetectTest, ReadsAWholeRepository) {
  write("README.md", "# 2024 baby net\n");
  write("reconstruct.py",
        "p.add_argument('-n', '--net_name', default='test_net')\n"
        "p.add_argument('-p', '--path_data', default='/Data')\n"
        "p.add_argument('--cascade', default=1)\n"
        "p.add_argument('--input_key', default='image_grappa')\n"
        "args.exp_dir = '../out' / args.net_name / 'saved'\n"
        "args.forward_dir = '../out' / args.net_name / 'images' / 'acc4'\n");
  write("reconstruct.sh", "OMP_NUM_THREADS=2 python3 reconstruct.py \\\n -n Test_Net -p data/\n");
  write("train.py",
        "p.add_argument('-n', '--net-name', default='test_net')\n"
        "p.add_argument('-t', default='../Data/train/image/')\n"
        "p.add_argument('--cascade', default=2)\n");
  write("utils/learning/test_part.py", "load(args.exp_dir / 'last.pt')\n");
  const Detected found = detect();
  EXPECT_EQ(found.project.edition, "snu-2024");
  EXPECT_EQ(found.network, "unet");
  EXPECT_EQ(found.net_name, "Test_Net");
  EXPECT_EQ(found.project.leaderboard, "data");
  EXPECT_EQ(found.project.train, "../Data/train");
  EXPECT_EQ(found.project.val, "");
  ASSERT_TRUE(found.project.reconstruct_step);
  const Step& step = *found.project.reconstruct_step;
  EXPECT_THAT(step.command,
              ElementsAre("python3", "reconstruct.py", "-n", "Test_Net", "-p", "data/"));
  EXPECT_EQ(step.contract, "whole");
  EXPECT_TRUE(step.reads_images);
  EXPECT_EQ(step.weights, "../out/Test_Net/saved/last.pt");
  EXPECT_EQ(step.outputs, "../out/Test_Net/images");
  EXPECT_THAT(step.env, ElementsAre(Pair("OMP_NUM_THREADS", "2")));
  ASSERT_EQ(found.project.train_steps.size(), 1u);
  EXPECT_THAT(found.project.train_steps[0].command, ElementsAre("python3", "train.py"));
  EXPECT_THAT(found.warnings,
              AllOf(Contains(HasSubstr("differs in upper and lower case alone")),
                    Contains(HasSubstr("--cascade is 2 in train.py:3 and 1 in reconstruct.py:3")),
                    Contains(HasSubstr("last.pt is not there yet")),
                    Contains(HasSubstr("/code/data is not on this machine"))));

  Project project = found.project;
  project.name = "x";
  write(kProjectFile, project_template(project, challenge::find_edition("snu-2024")));
  const Project loaded = load_project(root_);
  EXPECT_EQ(loaded.reconstruct_step->command, step.command);
  EXPECT_EQ(loaded.reconstruct_step->reads_images, true);
  EXPECT_EQ(loaded.reconstruct_step->weights, step.weights);
  EXPECT_EQ(loaded.reconstruct_step->env, step.env);
  EXPECT_EQ(loaded.train_steps.at(0).command, found.project.train_steps[0].command);
}

TEST_F(DetectTest, TheUsersEditionWins) {
  write("README.md", "# 2024 baby net\n");
  write("reconstruct.py", "");
  const Detected found = detect("snu-2023");
  EXPECT_EQ(found.project.edition, "snu-2023");
  EXPECT_THAT(found.warnings, Contains(HasSubstr("this looks like a repository of snu-2024")));
}

TEST_F(DetectTest, AnInterpreterElsewhereIsNamed) {
  write("README.md", "# 2024 baby net\n");
  write("reconstruct.py", "");
  write("reconstruct.sh", "my-python reconstruct.py");
  const auto command_with = [&](const fs::path& place, const std::string& contents) {
    system::make_folders(place.parent_path());
    system::write_file(place, contents);
    fs::permissions(place, fs::perms::owner_all);
    const Detected found = detect_repository(root_, {"", place.parent_path().string()});
    return *found.project.reconstruct_step;
  };
  const fs::path prefix = root_.parent_path() / "env";
  const Step outside = command_with(prefix / "bin/my-python",
                                    "\x7f"
                                    "ELF");
  EXPECT_EQ(outside.command[0], (prefix / "bin/my-python").string());
  EXPECT_THAT(outside.read_only, ElementsAre(prefix.string()));
  const Step inside = command_with(root_ / "venv/bin/my-python",
                                   "\x7f"
                                   "ELF");
  EXPECT_EQ(inside.command[0], "./venv/bin/my-python");
  EXPECT_THAT(inside.read_only, IsEmpty());
  EXPECT_EQ(command_with(root_ / "shims/my-python", "#!/bin/sh").command[0], "my-python");
  write("reconstruct.sh", "python9 reconstruct.py");
  EXPECT_EQ(detect().project.reconstruct_step->command[0], "python3");
}

TEST_F(DetectTest, AShellFileThatIsNotUnderstoodIsTheCommand) {
  write("README.md", "# 2024 baby net\n");
  write("reconstruct.py", "p.add_argument('-n', default='d')\n");
  for (const char* text : {"for i in 1 2; do python3 reconstruct.py; done", "python3 other.py",
                           "python3 reconstruct.py\npython3 ./reconstruct.py -n x\n"}) {
    write("reconstruct.sh", text);
    const Detected found = detect();
    EXPECT_THAT(found.project.reconstruct_step->command, ElementsAre("bash", "reconstruct.sh"));
    EXPECT_EQ(found.net_name, "d");
    EXPECT_THAT(found.warnings, Contains(HasSubstr("so the command is the file itself"))) << text;
  }
  write("reconstruct.sh", "python3 get.py\npython3 reconstruct.py\n");
  const Detected found = detect();
  EXPECT_THAT(found.project.reconstruct_step->command, ElementsAre("python3", "reconstruct.py"));
  EXPECT_THAT(found.warnings, Contains(HasSubstr("reconstruct.sh:1: also runs 'python3'")));
}

TEST_F(DetectTest, HostileFilesAreNamedAndPassedOver) {
  write("README.md", std::string(std::size_t{2} << 20, 'x'));
  write("leaderboard_eval.py", std::string("2e-5\0", 5));
  write("reconstruct.py", std::string(1'000'000, '\n') + "< 3600");
  fs::create_symlink("reconstruct.sh", root_ / "reconstruct.sh");
  fs::create_directory(root_ / "train.py");
  write("utils/common/metrics.py", std::string(1'000'000, 'x') + "bbox");
  const Detected found = detect();
  EXPECT_EQ(found.project.edition, "snu-2025");
  EXPECT_THAT(found.warnings, AllOf(Contains(HasSubstr("README.md: larger than")),
                                    Contains(HasSubstr("leaderboard_eval.py: holds NUL bytes")),
                                    Contains(HasSubstr("Too many levels of symbolic links")),
                                    Contains(HasSubstr("train.py: is a folder"))));
}

TEST_F(DetectTest, NothingIsFoundInAnEmptyFolder) {
  fs::create_directories(root_);
  const Detected found = detect();
  EXPECT_EQ(found.project.edition, "");
  EXPECT_FALSE(found.project.reconstruct_step);
  EXPECT_THROW(detect_repository(root_ / "no", {}), system::Error);
}

TEST(ShellWords, AreReadBackAsTheyWere) {
  const std::vector<std::string> words = {"python3", "-n",    "it's", "b c",
                                          "",        "$HOME", "a\\b", "x=1"};
  EXPECT_EQ(shell_line({"a", "b c", ""}), "a 'b c' ''");
  EXPECT_EQ(parse_shell(shell_line(words), "run.sh").at(0).words, words);
}

}  // namespace
}  // namespace reconproof::submission
