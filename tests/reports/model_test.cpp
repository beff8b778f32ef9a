// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formats/hdf5.h"
#include "formats/npy.h"
#include "system/error.h"
#include "system/sha256.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;

Report load(const SyntheticProject& synthetic) {
  synthetic.write_check();
  return load_report(synthetic.project());
}

/// The report is refused with this code, in a message that holds `part`.
void expect_refused(const SyntheticProject& synthetic, Code code, const std::string& part) {
  try {
    load_report(synthetic.project());
    FAIL() << "accepted; expected: " << part;
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(ReportModel, ScoresAndVolumes) {
  SyntheticProject synthetic;
  synthetic.check["score"]["volumes"][0]["slices"] = {0.9, 0.5, 0.7, 0.8};
  fs::remove(synthetic.label("acc4"));  // it has two slices only
  const Report report = load(synthetic);
  ASSERT_EQ(report.scores.size(), 3U);
  EXPECT_EQ(report.scores[0].name, "total");
  EXPECT_NEAR(*report.scores[1].gain(), 0.9762 - 0.8111, 1e-12);
  const VolumeRow& row = report.volumes.at(0);
  EXPECT_EQ(row.slices, 4);
  EXPECT_NEAR(row.mean, 0.725, 1e-12);
  EXPECT_EQ(row.worst.slice, 1);
  EXPECT_EQ(row.median.slice, 2);  // 0.7: the lower of the two in the middle
  EXPECT_EQ(row.best.slice, 0);
}

TEST(ReportModel, ImagesOfTheWorstAndTheBestSliceShareOneWindowAndCrop) {
  const Report report = load(SyntheticProject());
  ASSERT_EQ(report.images.size(), 4U);
  const SliceImages& worst = report.images[0];
  EXPECT_EQ(worst.cell, "acc4");
  EXPECT_EQ(worst.slice, 1);
  EXPECT_EQ(worst.role, SliceRole::kWorst);
  EXPECT_NEAR(*worst.zero_filled_ssim, 0.8011, 1e-12);
  EXPECT_NEAR(worst.window, 4e-4, 1e-9);
  EXPECT_NEAR(worst.mean_error_percent, 2, 1e-3);
  // A disc of radius 60 with a margin of 6: far less than 384.
  EXPECT_NEAR(static_cast<double>(worst.height), 131, 4);
  EXPECT_NEAR(static_cast<double>(worst.width), 131, 4);
  EXPECT_EQ(report.images[1].role, SliceRole::kBest);
}

TEST(ReportModel, AnEmptySliceIsShownWhole) {
  SyntheticProject synthetic;
  fs::remove(synthetic.label("acc4"));
  const std::vector<float> black(2 * 384 * 384, 0.0F);
  formats::Hdf5Writer labels(synthetic.label("acc4"));
  labels.write("image_label", {2, 384, 384}, black);
  labels.attribute("max", 1.0F);
  labels.commit();
  const Report report = load(synthetic);
  EXPECT_EQ(report.images[0].height, 384);
  EXPECT_EQ(report.images[0].window, 1);
}

TEST(ReportModel, MissingFilesAreNotes) {
  SyntheticProject synthetic;
  fs::remove(synthetic.label("acc4"));
  fs::remove(synthetic.recon("acc8") / "brain_test1.h5");
  const Report report = load(synthetic);
  EXPECT_TRUE(report.images.empty());
  ASSERT_EQ(report.image_notes.size(), 2U);
  EXPECT_EQ(report.image_notes[0].key, "images_no_label");
  EXPECT_EQ(report.image_notes[1].key, "images_no_recon");
}

TEST(ReportModel, ReconstructionsOfTheResultFolderWhenTheCheckMadeNone) {
  SyntheticProject synthetic;
  const fs::path handed_in = synthetic.result() / "reconstructions_leaderboard";
  fs::create_directories(handed_in);
  fs::rename(synthetic.recon("acc4"), handed_in / "acc4");
  fs::remove_all(synthetic.project().check_folder() / "recon");
  const Report report = load(synthetic);
  EXPECT_FALSE(report.recon_from_check);
  ASSERT_EQ(report.reconstructions.size(), 1U);
  EXPECT_EQ(report.reconstructions[0].sha256,
            system::sha256_file(handed_in / "acc4" / "brain_test1.h5"));
  EXPECT_EQ(report.images.size(), 2U);
}

TEST(ReportModel, LinksAmongReconstructionsAreNamedNotFollowed) {
  SyntheticProject synthetic;
  fs::create_symlink("/etc/passwd", synthetic.recon("acc4") / "a.h5");
  const Report report = load(synthetic);
  const auto link = std::find_if(report.reconstructions.begin(), report.reconstructions.end(),
                                 [](const FileHash& file) { return file.path == "acc4/a.h5"; });
  ASSERT_NE(link, report.reconstructions.end());
  EXPECT_EQ(link->sha256, "");
}

TEST(ReportModel, DataMayBeTheFolderAboveTheLeaderboard) {
  SyntheticProject synthetic;
  synthetic.project().leaderboard = "";
  EXPECT_TRUE(load(synthetic).images.empty());
  const fs::path leaderboard = synthetic.label("acc4").parent_path().parent_path().parent_path();
  EXPECT_EQ(load_report(synthetic.project(), {leaderboard}).images.size(), 4U);
  EXPECT_EQ(load_report(synthetic.project(), {leaderboard.parent_path()}).images.size(), 4U);
}

TEST(ReportModel, TrainingCurves) {
  const Training training = load(SyntheticProject()).training;
  EXPECT_EQ(training.iterations, 10);
  EXPECT_TRUE(training.in_epochs);
  ASSERT_EQ(training.validation.size(), 2U);
  EXPECT_EQ(training.validation[1].x, 2);
  EXPECT_EQ(training.validation[1].y, 0.25);
  ASSERT_EQ(training.training.size(), 10U);
  EXPECT_EQ(training.training.back().x, 2);
  EXPECT_EQ(training.training.front().y, 0.5);
}

TEST(ReportModel, NotANumberInTheLossIsCounted) {
  SyntheticProject synthetic;
  const std::vector<double> log = {0, 0.5, 1, NAN};
  formats::write_npy(synthetic.result() / "val_loss_log.npy", {2, 2}, std::span<const double>(log));
  EXPECT_EQ(load(synthetic).training.not_finite, 1);
}

TEST(ReportModel, NeverCheckedSaysWhatToDo) {
  const SyntheticProject synthetic;
  fs::remove(synthetic.check_file());
  expect_refused(synthetic, Code::kNotFound, "run `reconproof check` first");
}

TEST(ReportModel, MalformedCheckNamesFileAndKey) {
  const SyntheticProject good;
  const auto expect_bad = [&](const char* pointer, const json& value, const std::string& part) {
    SyntheticProject bad;
    bad.check[json::json_pointer(pointer)] = value;
    bad.write_check();
    expect_refused(bad, Code::kCorrupt, part);
    expect_refused(bad, Code::kCorrupt, "check.json");
  };
  expect_bad("/schema", "other", "schema");
  expect_bad("/schema_version", 2, "schema");
  expect_bad("/edition", 5, "edition: found number, expected text");
  expect_bad("/edition", "snu-2021", "of edition 'snu-2021'");
  expect_bad("/exit_code", "0", "exit_code");
  expect_bad("/run/wall_s", "long", "run.wall_s");
  expect_bad("/environment", 1, "environment");
  expect_bad("/environment/gpus", {7}, "gpus");
  expect_bad("/score/items/0/value", nullptr, "score.items[0].value");
  expect_bad("/score/volumes/0/slices", {true}, "slices");
  expect_bad("/score/volumes/0/volume", "../../secret.h5", "not a plain file name");
  expect_bad("/score/volumes/0/volume", "..", "not a plain file name");
  expect_bad("/score/volumes/0/boxes", json::array({{{"slice", "1"}}}), "slice");
  expect_bad("/score/volumes/0/boxes", json::array({{{"slice", 2}}}),
             "boxes[0].slice: found 2, expected 0 to 1");
  expect_bad("/score/volumes/0/boxes", json::array({{{"slice", -1e300}}}), "expected 0 to 1");
  expect_bad("/score/volumes/0/cell", "a/b", "not a plain file name");
  expect_bad("/findings/0/status", "good", "unknown status");
  expect_bad("/findings/0", 3, "finding");
  expect_bad("/commands/reconstruct", {1}, "reconstruct");
}

TEST(ReportModel, NoJsonAndTooDeepJson) {
  const SyntheticProject synthetic;
  system::write_file(synthetic.check_file(), "{\"schema\": ");
  expect_refused(synthetic, Code::kCorrupt, "not JSON");
  system::write_file(synthetic.check_file(), std::string(100000, '['));
  expect_refused(synthetic, Code::kCorrupt, "nested deeper");
  system::write_file(synthetic.check_file(), "[]");
  expect_refused(synthetic, Code::kCorrupt, "expected an object");
}

TEST(ReportModel, MalformedFilesBesideTheCheck) {
  const SyntheticProject log, ledger, recon, shape;
  system::write_file(log.result() / "val_loss_log.npy", "no array");
  expect_refused(log, Code::kCorrupt, "val_loss_log.npy");
  const std::vector<double> row = {1, 2, 3};
  formats::write_npy(log.result() / "val_loss_log.npy", {3}, std::span<const double>(row));
  expect_refused(log, Code::kCorrupt, "expected float64 (epochs, 2)");
  system::write_file(ledger.result() / "ledger.jsonl", "{}\n");
  expect_refused(ledger, Code::kCorrupt, "ledger.jsonl");
  system::write_file(recon.recon("acc4") / "brain_test1.h5", "no HDF5");
  expect_refused(recon, Code::kCorrupt, "brain_test1.h5");
  fs::remove(shape.recon("acc4") / "brain_test1.h5");
  formats::Hdf5Writer small(shape.recon("acc4") / "brain_test1.h5");
  small.write("reconstruction", {1, 8, 8}, std::vector<float>(64));
  small.commit();
  expect_refused(shape, Code::kCorrupt, "(1, 8, 8)");
}

}  // namespace
}  // namespace reconproof::reports
