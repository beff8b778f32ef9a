// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the sections say of claims, rules, times, model, data, repeats and history.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/reports/document_blocks.h"
#include "tests/reports/html_markup.h"
#include "tests/reports/recorded_runs.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;

Section section_said(const SyntheticProject& synthetic, const std::string& id) {
  synthetic.write_check();
  const Report report = load_report(synthetic.project());
  return section_of(make_document(report, Texts("en")), id);
}

bool any_holds(const std::vector<std::string>& texts, const std::string& part) {
  return std::ranges::any_of(
      texts, [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

TEST(ClaimsInReport, DigitsAreHeldAgainstTheClaim) {
  SyntheticProject synthetic;
  synthetic.project().claims = {{"total", "0.9640"}, {"acc4", "0.9763"}};
  json reproduced = reproduce_json();
  reproduced["items"][2]["re_executed"] = "0.9517";
  system::write_file(reproduction_file(synthetic.project()), reproduced.dump());
  const Section scores = section_said(synthetic, "scores");
  const std::vector<Table> tables = blocks_of<Table>(scores);
  ASSERT_EQ(tables.size(), 3U);
  const auto& rows = tables[1].rows;
  ASSERT_EQ(rows.size(), 3U);
  ASSERT_EQ(rows[0].size(), 5U);
  EXPECT_EQ(rows[0][2].text, "0.9640");
  EXPECT_EQ(rows[0][2].tone, Tone::kPass);
  EXPECT_EQ(rows[1][2].tone, Tone::kBroken);  // 0.9762 was checked, 0.9763 is claimed
  EXPECT_TRUE(rows[2][1].is_absent);
  EXPECT_EQ(rows[2][2].tone, Tone::kPlain);   // nothing is claimed
  EXPECT_EQ(rows[2][4].tone, Tone::kBroken);  // against what was checked
  EXPECT_EQ(tables[2].rows[1][1].text, "bit for bit");
  EXPECT_EQ(tables[2].rows[1][1].tone, Tone::kPass);
  EXPECT_EQ(tables[2].rows[3][0].text, "Training: training against its ledger");
}

TEST(ClaimsInReport, WithoutClaimAndReproductionItSaysWhatBringsThem) {
  const std::vector<std::string> notes = notes_of(section_said(SyntheticProject(), "scores"));
  EXPECT_TRUE(any_holds(notes, "[claims]"));
  EXPECT_TRUE(any_holds(notes, "reconproof reproduce"));
}

TEST(ClaimsInReport, AReproductionOfAnOlderCheckIsSaidToBeOne) {
  SyntheticProject synthetic;
  json reproduced = reproduce_json();
  reproduced["items"][0]["checked"] = "0.9000";
  system::write_file(reproduction_file(synthetic.project()), reproduced.dump());
  EXPECT_TRUE(any_holds(notes_of(section_said(synthetic, "scores")), "other digits"));
  reproduced["project"] = "another";  // then it is none of this project's
  system::write_file(reproduction_file(synthetic.project()), reproduced.dump());
  EXPECT_EQ(blocks_of<Table>(section_said(synthetic, "scores")).size(), 2U);
}

TEST(ClaimsInReport, TheRehearsalHasAColumn) {
  SyntheticProject synthetic;
  system::write_file(synthetic.project().state_folder() / "rehearse" / "rehearse.json",
                     json{{"schema", "reconproof.rehearse"},
                          {"schema_version", 1},
                          {"project", "Synthetic team"},
                          {"edition", "snu-2025"},
                          {"exit_code", 0},
                          {"items", {{{"name", "total"}, {"rehearsed", "0.9640"}}}}}
                         .dump());
  const Table table = blocks_of<Table>(section_said(synthetic, "scores")).at(1);
  EXPECT_EQ(table.columns.at(3).name, "Rehearsed");
  EXPECT_EQ(table.rows.at(0).at(3).text, "0.9640");
}

TEST(RulesInReport, EachHasMeasureLimitAndSource) {
  const Section rules = section_said(SyntheticProject(), "rules");
  const Table table = blocks_of<Table>(rules).at(0);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][0].text, "time.total");
  EXPECT_EQ(table.rows[0][1].tone, Tone::kPass);
  EXPECT_EQ(table.rows[0][2].text, "372.4\u202Fs (6 min 12 s)");
  EXPECT_EQ(table.rows[0][3].text, "3600\u202Fs (1 h 00 min)");
  EXPECT_EQ(table.rows[0][4].text, "#367");
  EXPECT_TRUE(table.rows[1][2].is_absent);
}

TEST(TimesInReport, BarsAreThoseOfMeasuredLimitsAndOfTheHost) {
  SyntheticProject synthetic;
  json memory = finding_json("memory.gpu", "fail", "used at least 9 GiB");
  memory["measured"] = 9, memory["limit"] = 7.5, memory["unit"] = "GiB";
  json near = finding_json("repeat.threads", "pass", "equal");
  near["measured"] = 1e-6, near["limit"] = 1e-4, near["unit"] = "of the maximum";
  synthetic.check["findings"].push_back(memory);
  synthetic.check["findings"].push_back(near);
  const std::vector<Bar> bars = blocks_of<Bars>(section_said(synthetic, "run")).at(0).bars;
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_EQ(bars[0].name, "Whole run");
  EXPECT_NE(bars[0].sentence.find("to spare"), std::string::npos);
  EXPECT_EQ(bars[1].name, "GPU memory");
  EXPECT_NEAR(bars[1].share, 1.2, 1e-12);
  EXPECT_EQ(bars[1].tone, Tone::kBroken);
  EXPECT_EQ(bars[1].sentence.find("to spare"), std::string::npos);
  EXPECT_EQ(bars[2].name, "Memory of the host");
  EXPECT_NEAR(bars[2].share, 0.125, 1e-12);
}

TEST(TimesInReport, SlicesOf2026HaveTheirTimes) {
  SyntheticProject synthetic;
  const json statistics = {
      {"slices", 40}, {"total_s", 4}, {"mean_ms", 100.4}, {"median_ms", 98.25}, {"p95_ms", 120}};
  const auto volume = [](const char* name, double slowest) {
    return json{{"cell", "acc4"}, {"name", name}, {"prep_s", 0.5}, {"slice_s", {0.1, slowest}}};
  };
  synthetic.check["slices"] = {
      {"official",
       {{"statistics", statistics}, {"volumes", {volume("a.h5", 0.2), volume("b.h5", 0.4)}}}},
      {"hardened", {{"statistics", statistics}, {"volumes", json::array()}}},
      {"spread_percent", 2.5}};
  const std::vector<Table> tables = blocks_of<Table>(section_said(synthetic, "run"));
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].rows.size(), 2U);
  EXPECT_EQ(tables[0].rows[0][1].text, "100\u202Fms");
  EXPECT_EQ(tables[0].rows[0][2].text, "98.2\u202Fms");
  EXPECT_EQ(tables[1].rows[0][0].text, "b.h5");  // the slowest first
  EXPECT_EQ(tables[1].rows[0][4].text, "400\u202Fms");
}

TEST(ModelInReport, UnreadableWeightsAreANote) {
  EXPECT_TRUE(any_holds(notes_of(section_said(SyntheticProject(), "network")),
                        "without executing anything"));
}

TEST(ModelInReport, AVarnetIsDrawnWithItsSizes) {
  const SyntheticProject synthetic;
  synthetic.write_check();
  Report report = load_report(synthetic.project());
  NetworkRecord network;
  network.sizes = challenge::VarnetSizes{8, 12, 4, 4};
  network.parameters = 1234567;
  network.parts = {{"cascades.0", 20, 1000000}, {"sens_net", 10, 234567}};
  report.network = network;
  const Section section = section_of(make_document(report, Texts("en")), "network");
  EXPECT_EQ(fact_of(section, "Cascades"), "8");
  EXPECT_EQ(fact_of(section, "Parameters"), "1\u202F234\u202F567");
  const Drawing drawing = blocks_of<Drawing>(section).at(0);
  EXPECT_EQ(read_markup(drawing.svg).fault, "");
  EXPECT_NE(drawing.svg.find("8 cascades"), std::string::npos);
  EXPECT_NE(drawing.svg.find("U-Net, 12 channels, 4 halvings"), std::string::npos);
  EXPECT_EQ(blocks_of<Table>(section).at(0).rows.at(1).at(3).text, "19.0\u202F%");
}

TEST(DataInReport, NamesFoldersAndWhatWasFound) {
  SyntheticProject synthetic;
  synthetic.project().train = "/root/Data/train";
  synthetic.check["findings"].push_back(finding_json("data.overlap", "fail", "3 slices overlap"));
  const Section data = section_said(synthetic, "data");
  EXPECT_EQ(fact_of(data, "Training"), "/root/Data/train");
  EXPECT_EQ(blocks_of<Table>(data).at(0).rows.at(0).at(1).tone, Tone::kBroken);
  EXPECT_TRUE(any_holds(notes_of(data), "--data-manifest"));
  synthetic.check["findings"].push_back(finding_json("data.manifest", "pass", "all are there"));
  EXPECT_FALSE(any_holds(notes_of(section_said(synthetic, "data")), "--data-manifest"));
}

TEST(DeterminismInReport, RepeatedTrainingsAndTheLedger) {
  SyntheticProject synthetic;
  synthetic.check["trainings"] = {{{"name", ""},
                                   {"updates", 6},
                                   {"first",
                                    {{"processes",
                                      {{{"seeds", json::array({json::array({"torch", 430})})},
                                        {"device", "cpu"},
                                        {"torch", "2.3.0"}}}}}},
                                   {"comparison",
                                    {{"equal", false},
                                     {"steps", 6},
                                     {"digits", nullptr},
                                     {"first",
                                      {{"quantity", "loss"},
                                       {"iteration", 4},
                                       {"a", "0.5"},
                                       {"b", "0.25"},
                                       {"relative", 0.5}}}}}}};
  const Section section = section_said(synthetic, "determinism");
  const std::vector<Table> tables = blocks_of<Table>(section);
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].rows[0][0].text, "repeat.equal");
  const std::vector<Value>& row = tables[1].rows.at(0);
  EXPECT_EQ(row[1].text, "torch 430");
  EXPECT_EQ(row[3].text, "differs");
  EXPECT_EQ(row[4].text, "loss at step 4: 0.5 and 0.25");
  EXPECT_EQ(fact_of(section, "Lines, each bound to the one before"), "11");
  EXPECT_EQ(fact_of(section, "Came to its end"), "no");
  EXPECT_EQ(fact_of(section, "Initial weights, SHA-256"), std::string(64, 'a'));
}

TEST(HistoryInReport, FailuresComeFirstWithReasonAndLesson) {
  const SyntheticProject synthetic;
  EXPECT_TRUE(any_holds(notes_of(section_said(synthetic, "history")), "reconproof run"));
  record_runs(synthetic.root());
  const Section section = section_said(synthetic, "history");
  const std::vector<Table> tables = blocks_of<Table>(section);
  ASSERT_EQ(tables.size(), 2U);
  const std::vector<Value>& worst = tables[0].rows.at(0);
  EXPECT_EQ(worst[2].text, "failed");
  EXPECT_EQ(worst[3].text, "2 h 00 min");
  EXPECT_EQ(worst[5].text, "CUDA out of memory");
  EXPECT_EQ(worst[6].text, "12 channels need 7.1 GiB");
  EXPECT_EQ(tables[0].rows.at(1)[5].text, "ended by signal 9");
  EXPECT_EQ(tables[1].rows.at(0)[4].text, "0.125");
  EXPECT_EQ(tables[1].rows.at(0)[4].detail, "epoch 3 of 3");
  EXPECT_EQ(blocks_of<Chart>(section).at(0).plot.series.size(), 2U);
  EXPECT_EQ(blocks_of<Items>(section).at(0).items.size(), 1U);
  EXPECT_EQ(fact_of(section_said(synthetic, "about"), "People (of the runs shown)"), "kim, lee");
}

TEST(ReproduceInReport, EveryDeclaredCommandStandsThere) {
  SyntheticProject synthetic;
  submission::Step training;
  training.command = {"python3", "train.py", "-e", "5"};
  training.env = {{"CUDA_VISIBLE_DEVICES", "0"}};
  synthetic.project().train_steps = {training};
  const Section section = section_said(synthetic, "reproduce");
  std::vector<std::string> lines;
  for (const Commands& commands : blocks_of<Commands>(section))
    lines.insert(lines.end(), commands.lines.begin(), commands.lines.end());
  EXPECT_TRUE(any_holds(lines, "CUDA_VISIBLE_DEVICES=0 python3 train.py -e 5"));
  EXPECT_TRUE(any_holds(lines, "python3 reconstruct.py"));
  EXPECT_TRUE(any_holds(lines, "reconproof score --edition snu-2025 --labels ../leaderboard"));
  EXPECT_TRUE(any_holds(lines, "reconproof reproduce FILE.tar"));
  EXPECT_TRUE(any_holds(notes_of(section), "requirements.txt"));
  EXPECT_EQ(fact_of(section, "Total"), "0.9640");
}

TEST(UnmeasuredInReport, NamesUnjudgedRulesAndWhatIsMissing) {
  SyntheticProject synthetic;
  synthetic.check["findings"].push_back(
      finding_json("memory.gpu", "inconclusive", "no GPU is here"));
  const std::vector<Items> items = blocks_of<Items>(section_said(synthetic, "unmeasured"));
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].items, std::vector<std::string>{"memory.gpu: no GPU is here"});
  EXPECT_TRUE(any_holds(items[1].items, "What we tried"));
}

TEST(FooterOfReport, TimeStandsThereOnlyWhereItIsStated) {
  const SyntheticProject synthetic;
  synthetic.write_check();
  ReportOptions options;
  const Report without = load_report(synthetic.project(), options);
  EXPECT_EQ(make_document(without, Texts("en")).footer.find("made"), std::string::npos);
  options.generated = "2026-08-31 12:00 UTC";
  const Report report = load_report(synthetic.project(), options);
  EXPECT_NE(make_document(report, Texts("en")).footer.find("made 2026-08-31 12:00 UTC"),
            std::string::npos);
}

}  // namespace
}  // namespace reconproof::reports
