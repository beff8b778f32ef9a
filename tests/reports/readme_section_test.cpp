// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/readme_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "system/error.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

ReadmeEvidence everything() {
  ReadmeEvidence evidence;
  evidence.rehearse = json::parse(R"({
    "begun": "2026-08-20T09:00:30.000000Z", "commit": "0123456789abcdef", "exit_code": 6,
    "environment": {"os": "Debian 12", "cpu": "a processor", "threads": 12, "gpus": ["a GPU 1080"]},
    "python": {"version": "3.12.9", "requirements_file": "requirements.txt", "requirements_sha256": "77aa",
               "requirements": [{"name": "Scikit_Image"}], "packages": {"scikit-image": "0.19.3", "yq": "5.5"}},
    "declared": {"train": [{"name": "a", "command": ["python3", "train.py"], "env": {"A": "b c"}}],
                 "reconstruct": {"command": ["python3", "reconstruct.py", "-n", "it's"], "env": {}}},
    "trainings": [{"name": "a", "comparison": {"equal": false, "steps": 20, "digits": null,
      "first": {"quantity": "loss", "iteration": 14, "a": "0.1674", "b": "0.1675", "relative": 0.000597}}}],
    "items": [{"name": "total", "claimed": "0.9748", "rehearsed": "0.9747"}], "run": {"wall_s": 173.62},
    "weights": {"path": "../w.pt", "bytes": 4711, "sha256": "88bb"}, "reconstructions": [{}, {}, {}],
    "reconstructions_sha256": "99cc"})");
  evidence.check = json::parse(R"({"findings": [
    {"rule_id": "repeat.equal", "status": "pass", "message": "two runs gave the same, bit for bit"}]})");
  evidence.training = TrainingEvidence{"fedcba98765432100000", 12345.67, 0.0358, 37};
  return evidence;
}

std::multiset<std::string> figures(const std::string& text) {
  static const std::regex kFigure("[0-9]+(\\.[0-9]+)?");
  return {std::sregex_token_iterator(text.begin(), text.end(), kFigure), {}};
}

TEST(ReadmeSection, SaysAllThatIsRecorded) {
  const ReadmeSection section = readme_section(everything(), "en");
  EXPECT_TRUE(section.notes.empty());
  for (const char* text :
       {"0123456789abcdef", "a GPU 1080", "`scikit-image==0.19.3`", "-n 'it'\\''s'",
        "A='b c' python3 train.py",
        "first differ at iteration 14 (loss): 0.1674 and 0.1675, by 0.000597",
        "| total | 0.9748 | 0.9747 |", "173.6 s", "4711 bytes, SHA-256 `88bb`", "3 files",
        "run `fedcba987654`) took 12345.7 s", "0.0358 at epoch 37", "two runs gave the same"})
    EXPECT_THAT(section.text, HasSubstr(text));
  EXPECT_THAT(section.text, Not(HasSubstr("yq")));  // nobody asked for it
}

TEST(ReadmeSection, SaysTheSameInEveryLanguage) {
  const auto english = figures(readme_section(everything(), "en").text);
  for (const std::string& language : readme_languages())
    EXPECT_EQ(figures(readme_section(everything(), language).text), english) << language;
  EXPECT_EQ(readme_languages().size(), 2u);
  EXPECT_THROW(readme_section(everything(), "fr"), system::Error);
}

TEST(ReadmeSection, LeavesOutWhatIsNotRecorded) {
  ReadmeEvidence evidence = everything();
  for (const char* key : {"items", "weights", "trainings", "reconstructions_sha256"})
    evidence.rehearse.erase(key);
  evidence.training.reset();
  evidence.check = nullptr;
  const ReadmeSection section = readme_section(evidence, "ko");
  for (const char* gone : {"0.97", "4711", "0.1674", "99cc", "12345.7", "### 점수", "### 결정성"})
    EXPECT_THAT(section.text, Not(HasSubstr(gone)));
  EXPECT_EQ(section.notes.size(), 6u);
  evidence.rehearse["exit_code"] = 1;
  EXPECT_THAT(readme_section(evidence, "en").notes.front(), HasSubstr("NOT READY"));
}

TEST(ReadmeSection, StandsOnceInAReadme) {
  const std::string section = readme_section(everything(), "en").text;
  const std::string once = with_section("# Team\n", section);
  EXPECT_EQ(once, "# Team\n\n" + section);
  EXPECT_EQ(with_section(once + "\nmore\n", section), once + "\nmore\n");
  EXPECT_EQ(with_section("", section), section);
}

}  // namespace
}  // namespace reconproof::reports
