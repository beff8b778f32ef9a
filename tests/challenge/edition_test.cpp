// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "challenge/finding.h"
#include "system/error.h"

namespace reconproof::challenge {
namespace {

using system::Code;
using system::Error;
using testing::HasSubstr;

const std::string kHead = R"(schema = "reconproof.edition"
schema_version = 1
id = "test"
title = "Test"
version = 1
image_size = 384
official_name = "{prefix}_test{number}.h5"
official_gpu = "none"
)";
const std::string kScore = R"toml([score]
decimals = 4
total_label = "T"
cell_label = "C ({cell})"
)toml";
const std::string kCell = "[[cell]]\nname = \"acc4\"\nfolder = \"acc4\"\n";
const std::string kAnatomy =
    "[[anatomy]]\nprefix = \"brain\"\nmask_threshold = 5e-5\nofficial_volumes = 2\n";

std::string rule_text(const std::string& id) {
  return "[[rule]]\nid = \"" + id +
         "\"\ntext = \"t\"\nseverity = \"error\"\nremediation = \"r\"\nsource = \"s\"\n"
         "certainty = \"stated\"\n";
}
const std::string kRules = rule_text("layout.volumes") + rule_text("layout.shape") +
                           rule_text("layout.float32") + rule_text("values.finite");

std::string error_of(const std::string& text) {
  try {
    parse_edition(text, "rules.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    return error.what();
  }
  return "no error";
}

TEST(Edition, ReadsAFile) {
  const Edition edition = parse_edition(kHead + kScore + kCell + kAnatomy + kRules, "rules.toml");
  EXPECT_EQ(edition.official_volumes(),
            (std::vector<std::string>{"brain_test1.h5", "brain_test2.h5"}));
  EXPECT_EQ(edition.anatomy_of("brain_7.h5")->mask_threshold, 5e-5);
  EXPECT_EQ(edition.anatomy_of("knee_7.h5"), nullptr);
  EXPECT_EQ(edition.ruleset().substr(0, 5), "test@");
}

TEST(Edition, MessagesNameLineAndKey) {
  EXPECT_THAT(error_of("schema = "), HasSubstr("rules.toml:1: not TOML"));
  EXPECT_THAT(error_of(kHead + "colour = 1\n" + kScore + kCell + kAnatomy),
              HasSubstr("rules.toml:9: colour: unknown key"));
  EXPECT_THAT(error_of(kHead + kScore + kCell), HasSubstr("anatomy: needs at least one"));
  EXPECT_THAT(error_of(kHead + kScore + "[[cell]]\nname = 4\n" + kAnatomy),
              HasSubstr("cell.name: found a number, expected text"));
  EXPECT_THAT(error_of(kHead + kScore + kCell + kAnatomy + rule_text("layout.shape")),
              HasSubstr("needs the rule 'layout.volumes'"));
  EXPECT_THAT(error_of(kHead + kCell + kAnatomy), HasSubstr("score: missing table"));
  EXPECT_THAT(error_of("schema = \"other\"\nschema_version = 1\n"),
              HasSubstr("expected \"reconproof.edition\""));
  const std::string rule =
      "[[rule]]\nid = \"a\"\ntext = \"t\"\nseverity = \"fatal\"\nremediation = \"r\"\nsource = "
      "\"s\"\ncertainty = \"stated\"\n";
  EXPECT_THAT(error_of(kHead + kScore + kCell + kAnatomy + rule),
              HasSubstr("rule.severity: expected error, warning or note"));
}

TEST(Edition, UnknownIsAUsageError) {
  try {
    find_edition("snu-1999");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("this version knows: snu-2024, snu-2025"));
  }
}

TEST(Edition, Snu2025) {
  const Edition& edition = find_edition("snu-2025");
  const std::vector<std::string> volumes = edition.official_volumes();
  EXPECT_EQ(volumes.size(), 58u);
  EXPECT_EQ(volumes.front(), "brain_test1.h5");
  EXPECT_EQ(volumes.back(), "knee_test29.h5");
  EXPECT_EQ(edition.anatomy_of("knee_test1.h5")->mask_threshold, 2e-5);
  EXPECT_EQ(edition.rule("time.total").limit, 3600);
  for (const Rule& rule : edition.rules) {
    EXPECT_FALSE(rule.source.empty()) << rule.id;
    EXPECT_FALSE(rule.remediation.empty()) << rule.id;
  }
}

TEST(Finding, SurvivesJson) {
  const Edition& edition = find_edition("snu-2025");
  Finding finding = make_finding(edition, edition.rule("time.total"), Status::kFail, "too slow");
  finding.measured = 4000.5;
  finding.evidence = {"a", "b\x1b[31m"};
  const Finding copy = finding_from_json(to_json(finding));
  EXPECT_EQ(to_json(copy), to_json(finding));
  EXPECT_EQ(copy.limit, 3600);
  EXPECT_THROW(finding_from_json({{"rule_id", 3}}), Error);
}

TEST(Finding, ExitCodes) {
  Finding finding;
  finding.status = Status::kPass;
  EXPECT_EQ(exit_code_of({finding}), system::ExitCode::kPass);
  finding.status = Status::kInconclusive;
  EXPECT_EQ(exit_code_of({finding}), system::ExitCode::kInconclusive);
  Finding broken = finding;
  broken.status = Status::kFail;
  EXPECT_EQ(exit_code_of({finding, broken}), system::ExitCode::kRuleBroken);
  broken.severity = Severity::kWarning;
  EXPECT_EQ(exit_code_of({broken}), system::ExitCode::kPass);
}

}  // namespace
}  // namespace reconproof::challenge
