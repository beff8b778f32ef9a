// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/document.h"

#include "tests/reports/document_blocks.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;

Report reported(const SyntheticProject& synthetic) {
  synthetic.write_check();
  return load_report(synthetic.project());
}

TEST(Document, SaysWhoWhatAndTheVerdict) {
  const Report report = reported(SyntheticProject());
  const Document document = make_document(report, Texts("en"));
  EXPECT_EQ(document.language, "en");
  EXPECT_EQ(document.project, "Synthetic team");
  EXPECT_EQ(document.edition, report.edition.title);
  EXPECT_EQ(document.verdict, "Within the rules");
  EXPECT_EQ(document.verdict_tone, Tone::kPass);
  ASSERT_EQ(document.summary.size(), 6U);
  EXPECT_EQ(document.summary[0].tone, Tone::kBroken);
  EXPECT_TRUE(document.summary[0].is_zero);
  EXPECT_EQ(document.summary[4].count, "2");
  EXPECT_NE(document.footer.find(document.ruleset), std::string::npos);
}

TEST(Document, VerdictFollowsTheExitCode) {
  struct Case {
    int exit_code;
    const char* word;
    Tone tone;
  };
  for (const Case& one :
       {Case{1, "Not within the rules", Tone::kBroken},
        {6, "No broken rule, but not everything could be judged", Tone::kInconclusive},
        {4, "Not within the rules", Tone::kBroken},
        {70, "Not within the rules", Tone::kBroken}}) {
    SyntheticProject synthetic;
    synthetic.check["exit_code"] = one.exit_code;
    synthetic.check["findings"] = {finding_json("layout.volumes", "fail", "2 volumes missing"),
                                   finding_json("memory.gpu", "inconclusive", "no GPU")};
    const Report report = reported(synthetic);
    const Document document = make_document(report, Texts("en"));
    EXPECT_EQ(document.verdict, one.word) << one.exit_code;
    EXPECT_EQ(document.verdict_tone, one.tone) << one.exit_code;
    EXPECT_NE(document.verdict_detail.find("1 rule is broken."), std::string::npos);
    EXPECT_NE(document.verdict_detail.find("1 rule could not be judged"), std::string::npos);
  }
}

TEST(Document, AnotherExitCodeWithoutBrokenRuleIsNoVerdict) {
  SyntheticProject synthetic;
  synthetic.check["exit_code"] = 3;
  const Report report = reported(synthetic);
  const Document document = make_document(report, Texts("en"));
  EXPECT_EQ(document.verdict, "The check did not come to a verdict");
  EXPECT_EQ(document.verdict_tone, Tone::kInconclusive);
  EXPECT_NE(document.verdict_detail.find("exit code 3"), std::string::npos);
}

TEST(Document, ScoresHaveDigitsOfTheScriptAndAllOfThem) {
  const Report report = reported(SyntheticProject());
  const Section scores = section_of(make_document(report, Texts("en")), "scores");
  const std::vector<Table> tables = blocks_of<Table>(scores);
  ASSERT_GE(tables.size(), 1U);
  ASSERT_EQ(tables[0].rows.size(), 3U);
  for (const auto& row : tables[0].rows) EXPECT_EQ(row.size(), tables[0].columns.size());
  EXPECT_EQ(tables[0].rows[0][0].text, "Total");
  EXPECT_EQ(tables[0].rows[0][1].text, "0.7667");
  EXPECT_EQ(tables[0].rows[0][2].text, "0.9640");
  EXPECT_EQ(tables[0].rows[0][2].detail, "0.964000000");
  EXPECT_TRUE(tables[0].rows[0][2].is_strong);
  EXPECT_EQ(tables[0].rows[0][3].text, "+0.1973");
  EXPECT_NE(notes_of(scores).at(0).find("not the official"), std::string::npos);
}

TEST(Document, VolumesNameTheirExtremeSlices) {
  const Report report = reported(SyntheticProject());
  const std::vector<Table> tables =
      blocks_of<Table>(section_of(make_document(report, Texts("en")), "volumes"));
  ASSERT_EQ(tables.size(), 1U);
  ASSERT_EQ(tables[0].rows.size(), 2U);
  const std::vector<Value>& row = tables[0].rows[0];
  ASSERT_EQ(row.size(), tables[0].columns.size());
  EXPECT_EQ(row[0].text, "brain_test1.h5");
  EXPECT_EQ(row[1].text, "acc4");
  EXPECT_EQ(row[2].text, "2");
  EXPECT_EQ(row[5].text, "0.9862");
  EXPECT_EQ(row[5].detail, "slice 0");
  EXPECT_EQ(row[7].detail, "slice 1");
}

TEST(Document, WithoutScoreItSaysSoInEachSection) {
  SyntheticProject synthetic;
  synthetic.check["score"] = nullptr;
  synthetic.check["zero_filled"] = nullptr;
  const Report report = reported(synthetic);
  const Document document = make_document(report, Texts("en"));
  for (const char* id : {"scores", "volumes", "images"}) {
    EXPECT_GE(notes_of(section_of(document, id)).size(), 1U) << id;
    EXPECT_TRUE(blocks_of<Table>(section_of(document, id)).empty()) << id;
  }
}

TEST(Document, FindingsAreGroupedBrokenFirst) {
  SyntheticProject synthetic;
  json time = finding_json("time.total", "fail", "both accelerations took 4000 s");
  time["measured"] = 4000, time["limit"] = 3600, time["unit"] = "s";
  time["evidence"] = json::array();
  for (int i = 0; i < 250; ++i) time["evidence"].push_back("line\x1b");
  json warning = finding_json("code.scan", "fail", "a word");
  warning["severity"] = "warning";
  synthetic.check["findings"] = {finding_json("repeat.equal", "pass", "equal"), warning, time};
  const Report report = reported(synthetic);
  const std::vector<FindingGroup> groups =
      blocks_of<FindingGroup>(section_of(make_document(report, Texts("en")), "findings"));
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].tone, Tone::kBroken);
  const FindingCard& card = groups[0].cards[0];
  EXPECT_EQ(card.rule_id, "time.total");
  EXPECT_EQ(card.severity, "severity: error");
  EXPECT_EQ(card.evidence.size(), 200U);
  EXPECT_EQ(card.evidence[0], "line\\x1b");
  EXPECT_NE(card.more.find("50"), std::string::npos);
  EXPECT_FALSE(card.open);
  EXPECT_EQ(groups[1].tone, Tone::kWarned);
  EXPECT_EQ(groups[1].cards[0].status, "Warning");
  EXPECT_EQ(groups[2].cards[0].severity, "");
}

TEST(Document, BarTellsTheShareOfTheLimit) {
  const Report report = reported(SyntheticProject());
  const std::vector<Bars> bars =
      blocks_of<Bars>(section_of(make_document(report, Texts("en")), "run"));
  ASSERT_EQ(bars.size(), 1U);
  EXPECT_NEAR(bars[0].bars.at(0).share, 372.4 / 3600, 1e-12);
  EXPECT_EQ(bars[0].bars[0].tone, Tone::kPass);
  EXPECT_NE(bars[0].bars[0].sentence.find("10 % of the limit, 3227.6"), std::string::npos);
}

TEST(Document, TrainingShowsBothCurvesOrSaysWhatIsMissing) {
  SyntheticProject synthetic;
  const Report whole = reported(synthetic);
  const std::vector<Chart> charts =
      blocks_of<Chart>(section_of(make_document(whole, Texts("en")), "training"));
  ASSERT_EQ(charts.size(), 1U);
  EXPECT_EQ(charts[0].plot.series.size(), 2U);
  std::filesystem::remove(synthetic.result() / "ledger.jsonl");
  std::filesystem::remove(synthetic.result() / "val_loss_log.npy");
  const Report without = reported(synthetic);
  const Document document = make_document(without, Texts("en"));
  EXPECT_EQ(notes_of(section_of(document, "training")).size(), 2U);
  EXPECT_TRUE(blocks_of<Chart>(section_of(document, "training")).empty());
}

TEST(Document, EnvironmentAndHashesAreFacts) {
  const Report report = reported(SyntheticProject());
  const Document document = make_document(report, Texts("en"));
  EXPECT_EQ(fact_of(section_of(document, "environment"), "Processor"), "a processor");
  EXPECT_EQ(fact_of(section_of(document, "environment"), "Graphics cards"), "none");
  const Section hashes = section_of(document, "hashes");
  EXPECT_EQ(fact_of(hashes, "Weights, SHA-256"), std::string(64, 'e'));
  EXPECT_EQ(fact_of(hashes, "Changed since that revision"), "no");
  const std::vector<Table> tables = blocks_of<Table>(hashes);
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].rows.size(), 2U);
  EXPECT_TRUE(tables[0].rows[0][2].is_code);
}

TEST(Document, EveryLanguageHasTheSameShape) {
  const Report report = reported(SyntheticProject());
  const Document english = make_document(report, Texts("en"));
  for (const std::string& language : report_languages()) {
    const Document other = make_document(report, Texts(language));
    ASSERT_EQ(other.sections.size(), english.sections.size());
    for (size_t i = 0; i < other.sections.size(); ++i) {
      EXPECT_EQ(other.sections[i].id, english.sections[i].id);
      ASSERT_EQ(other.sections[i].blocks.size(), english.sections[i].blocks.size());
      for (size_t k = 0; k < other.sections[i].blocks.size(); ++k)
        EXPECT_EQ(other.sections[i].blocks[k].index(), english.sections[i].blocks[k].index());
    }
  }
}

}  // namespace
}  // namespace reconproof::reports
