// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/poisoned_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;

constexpr const char* kBoxes =
    R"({"0": [{"x": 10, "y": 20.5, "width": 30, "height": 40, "label": "a"}], "3": []})";

class PoisonedLabelsTest : public testing::Test {
 protected:
  PoisonedLabelsTest() {
    for (const char* cell : {"acc4", "acc8"}) {
      write(data_ / cell / "kspace/knee_test1.h5");
      write(data_ / cell / "image/knee_test1.h5");
    }
  }
  static void write(const fs::path& file) {
    system::make_folders(file.parent_path());
    formats::Hdf5Writer writer(file);
    const std::vector<float> image(2 * 8 * 8, 3e-4f);
    for (const char* set : {"image_label", "image_input", "image_grappa", "other"})
      writer.write(set, {2, 8, 8}, image);
    writer.attribute("max", 3e-4f);
    writer.attribute("norm", 2.f);
    writer.attribute("annotations", kBoxes);
    writer.commit();
  }
  std::unique_ptr<formats::Hdf5Reader> poisoned(bool keep_inputs, uint64_t seed = 1) const {
    write_poisoned_labels(edition_, data_, keep_inputs, seed, out_);
    return formats::open_local(out_ / "acc8/image/knee_test1.h5");
  }

  const challenge::Edition& edition_ = challenge::find_edition("snu-2026");
  system::TemporaryFolder folder_;
  const fs::path data_ = folder_.path() / "leaderboard", out_ = folder_.path() / "out";
};

TEST_F(PoisonedLabelsTest, ReplacesWhatALabelIs) {
  const auto file = poisoned(true);
  const std::vector<float> label = file->read_floats("image_label");
  EXPECT_EQ(file->dataset("image_label").shape, (formats::Shape{2, 8, 8}));
  EXPECT_THAT(label, Each(testing::AllOf(testing::Ge(0.f), testing::Le(3e-4f))));
  EXPECT_LT(std::count(label.begin(), label.end(), label[0]), 3) << "random ones";
  EXPECT_THAT(file->read_floats("image_input"), Each(3e-4f));
  EXPECT_THAT(file->read_floats("image_grappa"), Each(3e-4f));
  EXPECT_FALSE(file->info().datasets.contains("other"));
  EXPECT_NEAR(*file->info().attributes.at("max").number, 1.7 * 3e-4, 1e-9);
  EXPECT_EQ(*file->info().attributes.at("norm").number, 2);
  EXPECT_NE(file->info().attributes.at("annotations").text, kBoxes);
}

TEST_F(PoisonedLabelsTest, InputsAreReplacedWhereTheyAreNoInputs) {
  const auto file = poisoned(false);
  EXPECT_THAT(file->read_floats("image_input"), Contains(testing::Lt(2.5e-4f)));
  EXPECT_THAT(file->read_floats("image_grappa"), Contains(testing::Lt(2.5e-4f)));
}

TEST_F(PoisonedLabelsTest, EverySeedGivesOthers) {
  const std::vector<float> one = poisoned(true)->read_floats("image_label");
  EXPECT_EQ(poisoned(true)->read_floats("image_label"), one);
  EXPECT_NE(poisoned(true, 2)->read_floats("image_label"), one);
}

TEST_F(PoisonedLabelsTest, BoxesMoveAndStayInside) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const json moved = json::parse(moved_boxes(kBoxes, 384, seed));
    const json& box = moved.at("0").at(0);
    EXPECT_GE(box["x"], 0);
    EXPECT_LE(box["x"].get<double>() + 30, 384);
    EXPECT_GE(std::abs(box["x"].get<double>() - 10), 0.12 * 354);
    EXPECT_LE(box["y"].get<double>() + 40, 384);
    EXPECT_EQ(box["width"], 30);
    EXPECT_EQ(box["label"], "a");
    EXPECT_EQ(moved.at("3"), json::array());
  }
}

TEST_F(PoisonedLabelsTest, WhatAreNoBoxesBecomesNone) {
  for (const char* text : {"", "{", "[[1]]", R"({"0": [{"x": 1}]})", R"({"0": 5})", "\xff"})
    EXPECT_EQ(json::parse(moved_boxes(text, 384, 1)).dump().find("width"), std::string::npos);
  EXPECT_EQ(moved_boxes("{", 384, 1), "{}");
}

TEST_F(PoisonedLabelsTest, SaysWhatIsMissing) {
  EXPECT_EQ(missing_labels(edition_, data_), "");
  fs::remove(data_ / "acc8/image/knee_test1.h5");
  EXPECT_THAT(missing_labels(edition_, data_), HasSubstr("acc8/image/knee_test1.h5 is not there"));
  fs::remove_all(data_ / "acc4/image");
  EXPECT_THAT(missing_labels(edition_, data_), HasSubstr("knee_test1.h5 is not there"));
}

TEST_F(PoisonedLabelsTest, AnUnreadableFileIsAnError) {
  system::write_file(data_ / "acc4/image/knee_test1.h5", "no HDF5");
  EXPECT_THROW(write_poisoned_labels(edition_, data_, true, 1, out_), system::Error);
}

}  // namespace
}  // namespace reconproof::checks
