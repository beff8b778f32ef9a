// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "reports/html.h"
#include "submission/bundle/attestation.h"
#include "submission/bundle/sign.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/reports/document_blocks.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using system::Code;

void expect_bundle_refused(const fs::path& bundle, const ReportOptions& options, Code code,
                           const std::string& part) {
  try {
    load_bundle_report(bundle, options);
    FAIL() << "accepted; expected: " << part;
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

void sign(const fs::path& bundle, const system::SigningKey& key) {
  const submission::BundleName name = submission::require_verified(bundle);
  const std::string text = submission::sign_attestation(
      {name.id, "team", name.project, name.edition, "final one", "2026-08-31", ""}, key);
  submission::add_attestation(bundle, bundle, submission::attestation_path(key.public_key()), text);
}

TEST(BundleReport, SaysWhatTheBundleHolds) {
  SyntheticProject synthetic;
  const Report report = load_bundle_report(synthetic.pack());
  ASSERT_TRUE(report.bundle);
  EXPECT_EQ(report.bundle->id.size(), 64U);
  EXPECT_TRUE(report.bundle->checked_by_team);
  EXPECT_EQ(report.project, "Synthetic team");
  ASSERT_TRUE(report.check.score);
  EXPECT_EQ(report.scores.size(), 3U);
  EXPECT_EQ(report.reconstructions.size(), 2U);
  EXPECT_TRUE(report.training.has_ledger);
  ASSERT_TRUE(report.check.weights);
  EXPECT_EQ(report.check.weights->sha256, synthetic.check["weights"]["sha256"]);
  EXPECT_EQ(report.declared.claims.at("total"), "0.9640");
}

TEST(BundleReport, PicturesComeFromTheDataThatAreGiven) {
  SyntheticProject synthetic;
  const fs::path bundle = synthetic.pack();
  EXPECT_TRUE(load_bundle_report(bundle).images.empty());
  ReportOptions options;
  options.data = synthetic.label("acc4").parent_path().parent_path().parent_path();
  EXPECT_FALSE(load_bundle_report(bundle, options).images.empty());
}

TEST(BundleReport, SameBundleSameBytesWhateverItsPlace) {
  SyntheticProject synthetic;
  const fs::path bundle = synthetic.pack();
  const fs::path moved = bundle.parent_path() / "elsewhere" / bundle.filename();
  fs::create_directories(moved.parent_path());
  fs::copy_file(bundle, moved);
  const auto html = [](const fs::path& file) {
    const Report report = load_bundle_report(file);
    const Texts texts("en");
    return render_html(make_document(report, texts), texts);
  };
  const std::string first = html(bundle);
  EXPECT_EQ(first, html(moved));
  for (const std::string& place :
       {bundle.parent_path().string(), fs::temp_directory_path().string() + "/",
        synthetic.root().string()})
    EXPECT_EQ(first.find(place), std::string::npos) << place;
}

TEST(BundleReport, SignaturesAreToldAndCheckedWhereAKeyIsNamed) {
  SyntheticProject synthetic;
  const fs::path bundle = synthetic.pack();
  const Texts texts("en");
  const auto about = [&](const ReportOptions& options) {
    const Report report = load_bundle_report(bundle, options);
    return section_of(make_document(report, texts), "about");
  };
  EXPECT_NE(notes_of(about({})).back().find("no signature"), std::string::npos);

  const system::SigningKey key = system::SigningKey::generate();
  sign(bundle, key);
  const Section unchecked = about({});
  EXPECT_NE(notes_of(unchecked).back().find("were not checked"), std::string::npos);
  ASSERT_EQ(blocks_of<Table>(unchecked).size(), 1U);
  EXPECT_EQ(blocks_of<Table>(unchecked)[0].rows.at(0).back().tone, Tone::kInconclusive);

  ReportOptions options;
  options.trust.keys = {key.public_key()};
  const Section checked = about(options);
  const std::vector<Value> row = blocks_of<Table>(checked).at(0).rows.at(0);
  EXPECT_EQ(row[0].text, "team");
  EXPECT_EQ(row[2].text, "2026-08-31");
  EXPECT_EQ(row[3].text, "final one");
  EXPECT_EQ(row[4].tone, Tone::kPass);

  options.trust.keys = {system::SigningKey::generate().public_key()};
  expect_bundle_refused(bundle, options, Code::kIntegrity, "signature");
}

TEST(BundleReport, DamageIsRefused) {
  SyntheticProject synthetic;
  const fs::path bundle = synthetic.pack();
  std::string bytes = system::read_file(bundle);
  const size_t at = bytes.find("print('reconstructs')");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'P';
  system::write_file(bundle, bytes);
  expect_bundle_refused(bundle, {}, Code::kIntegrity, "data/code/reconstruct.py");
  system::write_file(bundle, "no archive at all");
  expect_bundle_refused(bundle, {}, Code::kCorrupt, "reconproof verify");
  expect_bundle_refused(bundle.parent_path() / "none.tar", {}, Code::kNotFound, "none.tar");
}

TEST(BundleReport, AReproductionOfAnotherBundleIsRefused) {
  SyntheticProject synthetic;
  const fs::path bundle = synthetic.pack();
  const fs::path file = bundle.parent_path() / "reproduce.json";
  nlohmann::json result = reproduce_json();
  system::write_file(file, result.dump());
  ReportOptions options;
  options.reproduction = file;
  expect_bundle_refused(bundle, options, Code::kIntegrity, "reproduce it");
  result["bundle"]["id"] = load_bundle_report(bundle).bundle->id;
  system::write_file(file, result.dump());
  EXPECT_TRUE(load_bundle_report(bundle, options).reproduction);
  result["project"] = "another team";
  system::write_file(file, result.dump());
  expect_bundle_refused(bundle, options, Code::kIntegrity, "another team");
  options.reproduction = bundle.parent_path() / "none.json";
  expect_bundle_refused(bundle, options, Code::kNotFound, "--keep");
}

TEST(BundleReport, SaysWhatWasMeasuredAndThatTheHistoryStaysWithTheTeam) {
  SyntheticProject synthetic;
  const Report report = load_bundle_report(synthetic.pack());
  const Document document = make_document(report, Texts("en"));
  EXPECT_EQ(blocks_of<Bars>(section_of(document, "run")).at(0).bars.size(), 2U);
  EXPECT_EQ(fact_of(section_of(document, "run"), "Exit code of the command"), "0");
  EXPECT_NE(notes_of(section_of(document, "history")).at(0).find("bundle"), std::string::npos);
  ASSERT_FALSE(report.scores.empty());
  EXPECT_TRUE(report.scores[0].gain());
}

}  // namespace
}  // namespace reconproof::reports
