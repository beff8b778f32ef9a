// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The findings of a check as SARIF, JUnit and text: each status in its place, and nothing that a
// submission wrote gets out of its own.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "formats/strict_json.h"
#include "system/files.h"
#include "workflows/check/findings_junit.h"
#include "workflows/check/findings_sarif.h"
#include "workflows/check/findings_text.h"

namespace reconproof::workflows {
namespace {

using challenge::Finding;
using challenge::Rule;
using challenge::Severity;
using challenge::Status;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using SchemaVersion = valijson::SchemaParser::Version;

std::string schema_errors(const json& document, const std::string& schema_file,
                          SchemaVersion version) {
  const json text = json::parse(system::read_file(schema_file));
  valijson::Schema schema;
  valijson::SchemaParser(version).populateSchema(valijson::adapters::NlohmannJsonAdapter(text),
                                                 schema);
  valijson::ValidationResults results;
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter adapter(document);
  if (validator.validate(schema, adapter, &results)) return "";
  std::string errors = "not valid:";
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    errors += "\n";
    for (const std::string& part : error.context) errors += part;
    errors += ": " + error.description;
  }
  return errors;
}

std::string sarif_errors(const json& document) {
  return schema_errors(document, RECONPROOF_TEST_DATA "/sarif-subset.schema.json",
                       SchemaVersion::kDraft7);
}

/// A check in which every rule was kept.
CheckOutcome clean_outcome() {
  CheckOutcome outcome;
  outcome.facts.edition = challenge::find_edition("snu-2025");
  outcome.facts.project.name = "team";
  outcome.facts.project.root = "/home/team/code";
  outcome.facts.run.wall_s = 12.5;
  outcome.steps = checks::kEveryStep;
  for (const Rule& rule : outcome.facts.edition.rules) {
    outcome.findings.push_back(
        challenge::make_finding(outcome.facts.edition, rule, Status::kPass, "fine"));
  }
  outcome.exit_code = challenge::exit_code_of(outcome.findings);
  return outcome;
}

Finding& finding_of(CheckOutcome& outcome, const std::string& rule_id) {
  return *std::ranges::find(outcome.findings, rule_id, &Finding::rule_id);
}

void set(CheckOutcome& outcome, const std::string& rule_id, Status status,
         const std::string& message, std::vector<std::string> evidence = {}) {
  Finding& finding = finding_of(outcome, rule_id);
  finding = challenge::make_finding(outcome.facts.edition, outcome.facts.edition.rule(rule_id),
                                    status, message);
  finding.evidence = std::move(evidence);
  outcome.exit_code = challenge::exit_code_of(outcome.findings);
}

/// One rule in each status, and a broken one that is a warning.
CheckOutcome mixed_outcome() {
  CheckOutcome outcome = clean_outcome();
  set(outcome, "time.total", Status::kFail, "took 4000 s");
  finding_of(outcome, "time.total").measured = 4000.5;
  set(outcome, "layout.float32", Status::kFail, "not float32");
  set(outcome, "repeat.equal", Status::kWaived, "waived by the organiser", {"power failure"});
  set(outcome, "score.claimed", Status::kNotApplicable, "no claims");
  set(outcome, "time.official-gpu", Status::kInconclusive, "no such GPU");
  return outcome;
}

json sarif_of(const CheckOutcome& outcome) {
  return formats::parse_strict_json(findings_sarif(outcome), "check.sarif");
}

json result_of(const json& sarif, const std::string& rule_id) {
  for (const json& result : sarif["runs"][0]["results"])
    if (result["ruleId"] == rule_id) return result;
  ADD_FAILURE() << "no result for " << rule_id;
  return {};
}

std::vector<std::string> places(const CheckOutcome& outcome, const std::string& rule_id) {
  std::vector<std::string> uris;
  const json result = result_of(sarif_of(outcome), rule_id);
  for (const json& location : result["locations"]) {
    const json& artifact = location["physicalLocation"]["artifactLocation"];
    uris.push_back(artifact["uriBaseId"].get<std::string>() + " " +
                   artifact["uri"].get<std::string>());
  }
  return uris;
}

// What a submission may have printed, or called its files.
const std::string kHostile[] = {
    "\x1b[32mPASS\x1b[0m",
    std::string("nul \0 inside", 12),
    "]]></failure><testcase name=\"forged\"/>",
    "<script>alert('&amp;')</script>\"",
    "invalid \xff\xfe\xc0\xaf \xed\xa0\x80 utf-8",
    "not in XML: \xEF\xBF\xBE \xEF\xBF\xBF \x01\x08\x0b\x7f \xC2\x85",
    "\xE2\x80\xAE"
    "backwards",
    "line\r\nbreak",
    "\xED\x95\x9C\xEA\xB8\x80",
    std::string(1 << 20, 'a'),
    std::string(1 << 20, '\x1b'),
};

CheckOutcome hostile_outcome() {
  CheckOutcome outcome = clean_outcome();
  outcome.facts.project.name = kHostile[3] + kHostile[0];
  for (const std::string& text : kHostile) {
    for (Finding& finding : outcome.findings) {
      finding.status = Status::kFail;
      finding.message += text;
      finding.evidence.push_back(text);
      finding.evidence.push_back(text + "/a.h5: slice 0 = b slice 1 " + text);
    }
  }
  outcome.exit_code = challenge::exit_code_of(outcome.findings);
  return outcome;
}

/// No control character but the newlines of the writer itself, and valid UTF-8.
void expect_harmless(const std::string& text) {
  for (const char c : text) {
    ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
    ASSERT_NE(c, '\x7f');
  }
  EXPECT_NO_THROW(json(text).dump());
  EXPECT_THAT(text, Not(HasSubstr("\xE2\x80\xAE")));
  EXPECT_THAT(text, Not(HasSubstr("\xC2\x85")));
}

TEST(Sarif, EveryStatusIsValidAndInItsPlace) {
  const json sarif = sarif_of(mixed_outcome());
  EXPECT_EQ(sarif_errors(sarif), "");

  const auto expect = [&](const char* rule_id, const char* kind, const char* level) {
    const json result = result_of(sarif, rule_id);
    EXPECT_EQ(result["kind"], kind) << rule_id;
    EXPECT_EQ(result["level"], level) << rule_id;
    EXPECT_EQ(result.contains("suppressions"), std::string(rule_id) == "repeat.equal");
    if (result.contains("suppressions")) {
      EXPECT_EQ(result["suppressions"][0]["justification"], "power failure");
    }
    EXPECT_EQ(sarif["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].get<size_t>()]["id"],
              rule_id);
  };
  expect("layout.volumes", "pass", "none");
  expect("time.total", "fail", "error");
  expect("layout.float32", "fail", "warning");
  expect("repeat.equal", "fail", "error");
  expect("score.claimed", "notApplicable", "none");
  expect("time.official-gpu", "open", "none");

  const json time = result_of(sarif, "time.total")["properties"];
  EXPECT_EQ(time["measured"], 4000.5);
  EXPECT_EQ(time["limit"], 3600.0);
  EXPECT_EQ(time["unit"], "s");
  EXPECT_EQ(sarif["runs"][0]["invocations"][0]["exitCode"], 1);
}

TEST(Sarif, EveryEditionIsValid) {
  for (const std::string& id : challenge::edition_ids()) {
    CheckOutcome outcome = clean_outcome();
    outcome.facts.edition = challenge::find_edition(id);
    outcome.findings.clear();
    for (const Rule& rule : outcome.facts.edition.rules) {
      outcome.findings.push_back(
          challenge::make_finding(outcome.facts.edition, rule, Status::kFail, "broken"));
    }
    EXPECT_EQ(sarif_errors(sarif_of(outcome)), "") << id;
  }
}

TEST(Sarif, RulesCarryTheirTextsAndSource) {
  const CheckOutcome outcome = clean_outcome();
  const json sarif = sarif_of(outcome);
  const json& rules = sarif["runs"][0]["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), outcome.facts.edition.rules.size());
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = outcome.facts.edition.rules[i];
    EXPECT_EQ(rules[i]["shortDescription"]["text"], rule.text);
    EXPECT_EQ(rules[i]["properties"]["text_ko"], rule.text_ko);
    EXPECT_EQ(rules[i]["properties"]["source"], rule.source);
    EXPECT_EQ(rules[i]["properties"]["certainty"], rule.certainty);
    EXPECT_THAT(rules[i]["help"]["text"].get<std::string>(), HasSubstr(rule.remediation));
  }
}

TEST(Sarif, LocationsAreTheFilesThatEvidenceNames) {
  CheckOutcome outcome = clean_outcome();
  set(outcome, "values.finite", Status::kFail, "NaN",
      {"/home/team/code/.reconproof/check/recon/acc4/brain_test1.h5: slice 0 holds NaN"});
  set(outcome, "repeat.equal", Status::kFail, "differ",
      {"acc4/brain test:1 \xff.h5: slice 3 first differs", "/etc/passwd: outside", "../up.h5: up",
       "Traceback: printed by a run that failed"});
  set(outcome, "data.overlap", Status::kFail, "overlap",
      {"train/kspace/brain_acc4_9.h5 slice 0 = acc4/kspace/brain_test2.h5 slice 0"});
  set(outcome, "isolation.labels", Status::kFail, "labels",
      {"prior.bin = acc8/image/brain_test2.h5", "acc4/brain_test2.h5 slice 3 is the label itself",
       "/data/acc4/image/brain_test1.h5 (1 times)", "../result/w.pt = acc8/image/brain_test2.h5"});
  set(outcome, "code.scan", Status::kFail, "places",
      {"utils/train part.py:12: download: requests.get(...)", "a.ipynb cell 3:1: download: wget",
       "and 7 more", "not read: big.py: larger"});
  set(outcome, "run.completes", Status::kFail, "failed", {"Traceback: train.py"});
  EXPECT_THAT(places(outcome, "values.finite"),
              testing::ElementsAre("PROJECT .reconproof/check/recon/acc4/brain_test1.h5"));
  EXPECT_THAT(places(outcome, "repeat.equal"),
              testing::ElementsAre("RECONSTRUCTIONS acc4/brain%20test%3A1%20%FF.h5"));
  EXPECT_THAT(places(outcome, "data.overlap"),
              testing::ElementsAre("DATA train/kspace/brain_acc4_9.h5"));
  EXPECT_THAT(places(outcome, "isolation.labels"),
              testing::ElementsAre("PROJECT prior.bin", "RECONSTRUCTIONS acc4/brain_test2.h5"));
  EXPECT_THAT(places(outcome, "code.scan"),
              testing::ElementsAre("PROJECT utils/train%20part.py", "PROJECT a.ipynb"));
  EXPECT_THAT(sarif_of(outcome).dump(), HasSubstr("\"region\":{\"startLine\":12}"));
  EXPECT_THAT(places(outcome, "run.completes"), IsEmpty());
  EXPECT_EQ(sarif_errors(sarif_of(outcome)), "");
}

TEST(RelativePaths, StandForThoseOfThisMachine) {
  challenge::Finding finding;
  finding.message = "/home/team/code/a.h5: of /home/team/result/b.pt, not of /home/other/c";
  finding.evidence = {"'/home/team/code/x y'", "/mnt/home/team/code/d", "/home/team/codes/e"};
  finding = with_relative_paths(finding, "/home/team/code");
  EXPECT_EQ(finding.message, "a.h5: of ../result/b.pt, not of /home/other/c");
  EXPECT_THAT(finding.evidence,
              testing::ElementsAre("'x y'", "/mnt/home/team/code/d", "../codes/e"));
  finding.message = "/code/a and /etc/b";
  EXPECT_EQ(with_relative_paths(finding, "/code").message, "a and /etc/b");
  EXPECT_EQ(with_relative_paths(finding, "/").message, "/code/a and /etc/b");
}

TEST(RelativePaths, AreInTheFilesForOtherPrograms) {
  CheckOutcome outcome = clean_outcome();
  set(outcome, "values.finite", Status::kFail, "NaN in /home/team/code/.reconproof/check/recon",
      {"/home/team/code/.reconproof/check/recon/acc4/brain_test1.h5: slice 0 holds NaN"});
  EXPECT_THAT(findings_junit(outcome), Not(HasSubstr("/home/team")));
  EXPECT_THAT(sarif_of(outcome).dump(), Not(HasSubstr("/home/team")));
  EXPECT_THAT(places(outcome, "values.finite"),
              testing::ElementsAre("PROJECT .reconproof/check/recon/acc4/brain_test1.h5"));
}

TEST(Sarif, WhatIsLeftOutIsDisabledAndRecorded) {
  CheckOutcome outcome = clean_outcome();
  outcome.selection.skip = {"time."};
  const json run = sarif_of(outcome)["runs"][0];
  const json& overrides = run["invocations"][0]["ruleConfigurationOverrides"];
  ASSERT_THAT(overrides, SizeIs(2));
  EXPECT_EQ(overrides[0]["descriptor"]["id"], "time.total");
  EXPECT_EQ(run["properties"]["skip"], json({"time."}));
  EXPECT_EQ(sarif_errors(sarif_of(outcome)), "");
}

TEST(Sarif, NotANumberIsNotMeasured) {
  CheckOutcome outcome = mixed_outcome();
  finding_of(outcome, "time.total").measured = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(result_of(sarif_of(outcome), "time.total")["properties"]["measured"].is_null());
  EXPECT_THAT(findings_junit(outcome), Not(HasSubstr("Measured:")));
}

TEST(Sarif, HostileTextStaysText) {
  const CheckOutcome outcome = hostile_outcome();
  const std::string text = findings_sarif(outcome);
  expect_harmless(text);
  EXPECT_THAT(text, Not(HasSubstr("\\u00")));
  EXPECT_THAT(text, HasSubstr("\xED\x95\x9C\xEA\xB8\x80"));
  EXPECT_LT(text.size(), size_t{4} << 20);
  const json sarif = sarif_of(outcome);
  EXPECT_EQ(sarif_errors(sarif), "");
  EXPECT_EQ(sarif["runs"][0]["results"].size(), outcome.findings.size());
}

// The schema can find something wrong.
TEST(Sarif, SchemaRefusesWhatSarifForbids) {
  const auto refuses = [](const std::function<void(json&)>& spoil) {
    json sarif = sarif_of(mixed_outcome());
    spoil(sarif["runs"][0]["results"][0]);
    return !sarif_errors(sarif).empty();
  };
  EXPECT_FALSE(refuses([](json&) {}));
  EXPECT_TRUE(refuses([](json& result) { result["level"] = "error"; }));
  EXPECT_TRUE(refuses([](json& result) { result["kind"] = "passed"; }));
  EXPECT_TRUE(refuses([](json& result) { result.erase("message"); }));
  EXPECT_TRUE(refuses([](json& result) { result["extra"] = 1; }));
}

// OASIS publishes the schema; it is not carried here. SARIF_SCHEMA names a copy.
TEST(Sarif, PublishedSchemaAccepts) {
  const char* schema = std::getenv("SARIF_SCHEMA");
  if (!schema) GTEST_SKIP() << "SARIF_SCHEMA names no copy of sarif-schema-2.1.0.json";
  CheckOutcome left_out = mixed_outcome();
  left_out.selection.only = {"time."};
  for (const CheckOutcome& outcome :
       {clean_outcome(), mixed_outcome(), hostile_outcome(), left_out})
    EXPECT_EQ(schema_errors(sarif_of(outcome), schema, SchemaVersion::kDraft4), "");
  json spoilt = sarif_of(mixed_outcome());
  spoilt["runs"][0]["results"][0]["kind"] = "passed";
  EXPECT_NE(schema_errors(spoilt, schema, SchemaVersion::kDraft4), "");
}

/// Exit code of xmllint, which reads strictly and holds the file to tests/data/junit.rng.
int xmllint(const std::string& text, const std::string& options = "") {
  const system::TemporaryFolder folder;
  const std::string file = (folder.path() / "check.xml").string();
  system::write_file(file, text);
  return std::system(("xmllint --noout --huge --relaxng '" RECONPROOF_TEST_DATA "/junit.rng' " +
                      options + " '" + file + "' >/dev/null 2>&1")
                         .c_str());
}

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++found;
  return found;
}

size_t rule_count() { return challenge::find_edition("snu-2025").rules.size(); }

TEST(Junit, EveryStatusIsValidAndInItsPlace) {
  const std::string text = findings_junit(mixed_outcome());
  EXPECT_EQ(xmllint(text), 0) << text;
  EXPECT_THAT(text, HasSubstr(fmt::format("<testsuites name=\"reconproof check\" tests=\"{}\" "
                                          "failures=\"1\" errors=\"0\" time=\"12.500\">",
                                          rule_count())));
  EXPECT_THAT(text, HasSubstr("skipped=\"3\""));
  EXPECT_EQ(count(text, "<failure "), 1u);  // the warning is none: exit code 0
  EXPECT_EQ(count(text, "<skipped "), 3u);
  EXPECT_THAT(text, HasSubstr("<failure message=\"fail: took 4000 s\" type=\"error\">"));
  EXPECT_THAT(text, HasSubstr("<system-out>warning: not float32"));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"inconclusive: no such GPU\""));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"not_applicable: no claims\""));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"waived: waived by the organiser\""));
  EXPECT_THAT(text, HasSubstr("Measured: 4000.5 s\nLimit: 3600 s\n"));
  EXPECT_THAT(text, HasSubstr("<property name=\"exit_code\" value=\"1\"/>"));
}

TEST(Junit, FailuresAndExitCodeAgree) {
  CheckOutcome outcome = clean_outcome();
  EXPECT_THAT(findings_junit(outcome), HasSubstr("failures=\"0\""));
  set(outcome, "layout.float32", Status::kFail, "a warning");
  EXPECT_EQ(outcome.exit_code, system::ExitCode::kPass);
  EXPECT_THAT(findings_junit(outcome), HasSubstr("failures=\"0\""));
  set(outcome, "layout.shape", Status::kFail, "an error");
  EXPECT_EQ(outcome.exit_code, system::ExitCode::kRuleBroken);
  EXPECT_THAT(findings_junit(outcome), HasSubstr("failures=\"1\""));
}

TEST(Junit, HostileTextStaysText) {
  const std::string text = findings_junit(hostile_outcome());
  EXPECT_EQ(xmllint(text), 0);
  expect_harmless(text);
  EXPECT_EQ(count(text, "<testcase "), rule_count());
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("]]>")));
  EXPECT_THAT(text, Not(HasSubstr("\xEF\xBF\xBE")));
  EXPECT_THAT(text, HasSubstr("\xED\x95\x9C\xEA\xB8\x80"));
  EXPECT_LT(text.size(), size_t{4} << 20);
}

// The reader can find something wrong: without this, a missing xmllint would look the same.
TEST(Junit, ReaderRefusesWhatIsMalformed) {
  const auto refuses = [](const char* what, const char* with) {
    std::string text = findings_junit(mixed_outcome());
    text.replace(text.find(what), std::string(what).size(), with);
    return xmllint(text) != 0;
  };
  ASSERT_EQ(std::system("xmllint --version >/dev/null 2>&1"), 0) << "install libxml2-utils";
  EXPECT_TRUE(refuses("took", "\x1b"));
  EXPECT_TRUE(refuses("took", "\xff"));
  EXPECT_TRUE(refuses("</failure>", "</skipped>"));
  EXPECT_TRUE(refuses("status=\"waived\"", "status=\"pass\""));
  EXPECT_TRUE(refuses("errors=\"0\"", ""));
}

TEST(Shown, CutsBetweenCharacters) {
  EXPECT_EQ(shown("short \x1b"), "short \\x1b");
  std::string korean;
  for (int i = 0; i < 1000; ++i) korean += "\xED\x95\x9C";
  for (const char* shift : {"", "a", "ab"}) {
    const std::string cut = shown(shift + korean);
    EXPECT_THAT(cut, Not(HasSubstr("\\x")));
    EXPECT_THAT(cut, testing::EndsWith(" bytes more)"));
  }
  EXPECT_LT(shown(std::string(1 << 20, '\xbf')).size(), 9000u);
}

TEST(Shown, CountsEvidenceThatIsLeftOut) {
  Finding finding;
  finding.evidence = {"a", "b", "c"};
  EXPECT_THAT(shown_evidence(finding, 3), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(shown_evidence(finding, 2), testing::ElementsAre("a", "b", "and 1 more"));
}

}  // namespace
}  // namespace reconproof::workflows
