// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/images.h"

#include <gtest/gtest.h>

#include <cmath>

#include "formats/hdf5.h"
#include "reports/slice_choice.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/reports/unpack_layers.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using challenge::ScoreResult;
using challenge::VolumeScore;

TEST(Layers, ComeBackAsTheyWere) {
  Layer ramp, noise;
  for (int i = 0; i < 35; ++i) {
    ramp.push_back(static_cast<uint16_t>(i * 117));
    noise.push_back(static_cast<uint16_t>(i * 2654435761U >> 20));
  }
  noise[3] = 32767;
  const std::vector<Layer> layers = {ramp, noise, Layer(35, kHighestLevel)};
  EXPECT_EQ(unpack_layers(pack_layers(layers, 7), 3, 5, 7), layers);
  EXPECT_EQ(unpack_layers(pack_layers({ramp}, 35), 1, 1, 35), std::vector<Layer>{ramp});
}

TEST(Layers, ValuesOutsideOfTheScaleAreClamped) {
  const std::vector<float> values = {-1, 0, 1, 2, 3, NAN, INFINITY};
  EXPECT_EQ(image_layer(values, 2), (Layer{0, 0, 2048, 4095, 4095, 0, 4095}));
}

ScoreResult scored(const std::vector<std::vector<std::optional<double>>>& volumes) {
  ScoreResult score;
  for (size_t i = 0; i < volumes.size(); ++i) {
    VolumeScore volume;
    volume.cell = "acc4";
    volume.volume = "knee_test" + std::to_string(i) + ".h5";
    volume.slices = volumes[i];
    score.volumes.push_back(volume);
  }
  return score;
}

TEST(SliceChoice, WorstMedianBestOfWhatCounts) {
  const ScoreResult score = scored({{0.9, std::nullopt, 0.5}, {0.7, 0.95, 0.6}});
  const std::vector<SliceChoice> chosen = choose_slices(score, "acc4");
  ASSERT_EQ(chosen.size(), 3U);
  EXPECT_EQ(chosen[0].volume, &score.volumes[0]);
  EXPECT_EQ(chosen[0].slice, 2);
  EXPECT_EQ(chosen[1].volume, &score.volumes[1]);
  EXPECT_EQ(chosen[1].slice, 0);  // 0.7 of 0.5, 0.6, 0.7, 0.9, 0.95
  EXPECT_EQ(chosen[2].role, SliceRole::kBest);
  EXPECT_EQ(chosen[2].slice, 1);
  EXPECT_EQ(choose_slices(scored({{0.9, 0.8}}), "acc4").size(), 2U);
  EXPECT_EQ(choose_slices(scored({{0.9}}), "acc4").at(0).role, SliceRole::kOnly);
  EXPECT_TRUE(choose_slices(scored({{std::nullopt}}), "acc4").empty());
  EXPECT_TRUE(choose_slices(score, "acc8").empty());
}

TEST(SliceChoice, TheWorstBoxWhereItsSliceIsNoOther) {
  ScoreResult score = scored({{0.9, 0.5, 0.7, 0.8, 0.6}});
  score.volumes[0].boxes = {{0, 0, 0.3}, {1, 0, 0.9}, {3, 0, 0.2}, {3, 1, std::nullopt}};
  const std::vector<SliceChoice> chosen = choose_slices(score, "acc4");
  ASSERT_EQ(chosen.size(), 4U);
  EXPECT_EQ(chosen[3].role, SliceRole::kWorstBox);
  EXPECT_EQ(chosen[3].slice, 3);
  score.volumes[0].boxes = {{1, 0, 0.2}, {3, 0, 0.3}};  // slice 1 is the worst slice, too
  EXPECT_EQ(choose_slices(score, "acc4").size(), 3U);
}

TEST(SliceChoice, EvenlyChosen) {
  const std::vector<int64_t> all = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(evenly_chosen(all, 8), all);
  EXPECT_EQ(evenly_chosen(all, 100), all);
  EXPECT_EQ(evenly_chosen(all, 4), (std::vector<int64_t>{1, 3, 5, 7}));
  EXPECT_EQ(evenly_chosen(all, 1), (std::vector<int64_t>{4}));
  EXPECT_TRUE(evenly_chosen(all, 0).empty());
}

/// Discs of radius 40 + slice around (100, 120) of 384 x 384; the reconstruction is 10 % darker.
class Volumes : public testing::Test {
 protected:
  static constexpr int64_t kSize = 384, kSlices = 5;

  Volumes() : edition_(challenge::find_edition("snu-2026")) {
    edition_.cells.resize(1);
    score_ = scored({{0.9, 0.5, 0.7, 0.8, 0.95}});
    score_.volumes[0].volume = kName;
    write_label(R"({"1": [{"x": 100, "y": 90, "width": 20, "height": 30, "label": "<Tear>"},
                          {"x": 110, "y": 90, "width": 3, "height": 3},
                          {"x": 300, "y": 300, "width": 20, "height": 20}]})");
    write(recon() / "acc4" / kName, discs(3.6e-4F));
    write(other() / "acc4" / kName, discs(4e-4F));
  }

  std::vector<SliceImages> load(int64_t most_bytes = kMostPictureBytes) {
    notes_.clear();
    return load_images(edition_, {labels(), recon(), other()}, score_, nullptr, notes_, most_bytes);
  }

  static std::vector<float> discs(float value) {
    std::vector<float> pixels(static_cast<size_t>(kSlices * kSize * kSize));
    for (int64_t i = 0; i < std::ssize(pixels); ++i) {
      const int64_t slice = i / (kSize * kSize), y = i / kSize % kSize - 100, x = i % kSize - 120;
      if (y * y + x * x < (40 + slice) * (40 + slice)) pixels[static_cast<size_t>(i)] = value;
    }
    return pixels;
  }

  void write_label(const std::string& annotations) {
    formats::Hdf5Writer writer(labels() / "acc4" / "image" / kName);
    std::vector<float> label = discs(4e-4F);
    label[kSize * kSize + 100 * kSize + 120] = 1e-3F;  // one bright pixel of slice 1
    writer.write("image_label", {kSlices, kSize, kSize}, label);
    writer.attribute("max", 1e-3F);
    writer.attribute("annotations", annotations);
    writer.commit();
  }

  static void write(const fs::path& path, const std::vector<float>& pixels) {
    formats::Hdf5Writer writer(path);
    writer.write("reconstruction", {kSlices, kSize, kSize}, pixels);
    writer.commit();
  }

  fs::path labels() const { return folder_.path() / "leaderboard"; }
  fs::path recon() const { return folder_.path() / "recon"; }
  fs::path other() const { return folder_.path() / "other"; }

  static constexpr const char* kName = "knee_test1.h5";
  system::TemporaryFolder folder_;
  challenge::Edition edition_;
  ScoreResult score_;
  std::vector<Note> notes_;
};

TEST_F(Volumes, NamedSlicesFirstThenTheOthersOfTheVolume) {
  const std::vector<SliceImages> images = load();
  ASSERT_EQ(images.size(), 5U);
  const SliceRole roles[] = {SliceRole::kWorst, SliceRole::kMedian, SliceRole::kBest,
                             SliceRole::kNeighbour, SliceRole::kNeighbour};
  const int64_t slices[] = {1, 3, 4, 0, 2};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(images[i].role, roles[i]);
    EXPECT_EQ(images[i].slice, slices[i]);
    EXPECT_EQ(images[i].volume_slices, 5);
    EXPECT_EQ(images[i].pictures.label.empty(), roles[i] == SliceRole::kNeighbour);
    EXPECT_EQ(images[i].height, images[0].height);  // of the largest disc
    EXPECT_EQ(images[i].window, images[0].window);
  }
  EXPECT_EQ(images[3].ssim, 0.9);
  EXPECT_NEAR(static_cast<double>(images[0].height), 2 * 44 + 2 * 6, 4);
  EXPECT_TRUE(notes_.empty());
}

TEST_F(Volumes, AsManyNeighboursAsFit) {
  std::vector<SliceImages> all = load();
  int64_t named = 0;
  for (size_t i = 0; i < 3; ++i) {
    const SlicePictures& pictures = all[i].pictures;
    named += std::ssize(all[i].layers) + std::ssize(pictures.label) +
             std::ssize(pictures.reconstruction) + std::ssize(pictures.error) +
             std::ssize(pictures.ssim);
  }
  const auto layers = std::ssize(all[0].layers);
  EXPECT_EQ(load(named + 2 * layers).size(), 5U);
  EXPECT_EQ(load(named + 2 * layers - 1).size(), 4U);
  EXPECT_EQ(load(named + layers - 1).size(), 3U);
  EXPECT_EQ(load(0).size(), 3U);
}

TEST_F(Volumes, LayersHoldWhatThePicturesClip) {
  const SliceImages worst = load().at(0);
  EXPECT_NEAR(worst.window, 4e-4, 1e-9);
  EXPECT_NEAR(worst.full_scale, 1e-3, 1e-9);
  EXPECT_FALSE(worst.has_input);
  EXPECT_TRUE(worst.has_other);
  const std::vector<Layer> layers = unpack_layers(worst.layers, 6, worst.height, worst.width);
  ASSERT_EQ(layers.size(), 6U);  // label, reconstruction, other, foreground, SSIM, the other's
  const size_t middle = static_cast<size_t>(worst.height / 2 * worst.width + worst.width / 2 - 10);
  EXPECT_EQ(layers[0][middle], std::lround(0.4 * kHighestLevel));
  EXPECT_EQ(layers[1][middle], std::lround(0.36 * kHighestLevel));
  EXPECT_EQ(layers[2][middle], layers[0][middle]);
  EXPECT_EQ(layers[3][middle], 1);
  EXPECT_EQ(layers[3][0], 0);
  EXPECT_EQ(*std::ranges::max_element(layers[0]), kHighestLevel);
  EXPECT_GT(layers[4][middle], 0);  // darker than the label
  EXPECT_EQ(layers[5][middle], 0);  // equal to it
  EXPECT_NEAR(worst.mean_error_percent, 10, 0.1);
  EXPECT_GT(*worst.other_ssim, 0.9);
}

TEST_F(Volumes, BoxesLieInTheCropAndSayWhatTheExpertSaw) {
  const SliceImages worst = load().at(0);
  ASSERT_EQ(worst.boxes.size(), 2U);  // the third lies outside of what is shown
  const ShownBox& box = worst.boxes[0];
  EXPECT_EQ(box.width, 20);
  EXPECT_EQ(box.height, 30);
  EXPECT_NEAR(static_cast<double>(box.left), 100 - (120 - 44 - 6), 2);
  EXPECT_EQ(box.label, "<Tear>");
  EXPECT_LT(*box.ssim, 1);
  EXPECT_FALSE(worst.boxes[1].ssim);  // smaller than a window
  EXPECT_EQ(worst.boxes[1].label, "");
  EXPECT_TRUE(load().at(1).boxes.empty());
}

TEST_F(Volumes, WhatTheOtherRunLacksIsSaidOnce) {
  fs::remove(other() / "acc4" / kName);
  const std::vector<SliceImages> images = load();
  EXPECT_EQ(images.size(), 5U);
  EXPECT_FALSE(images[0].has_other);
  ASSERT_EQ(notes_.size(), 1U);  // for three slices
  EXPECT_EQ(notes_[0].key, "images_no_other");
  fs::remove_all(other());
  try {
    load();
    FAIL();
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kNotFound);
    EXPECT_NE(std::string(error.what()).find("to compare with"), std::string::npos);
  }
}

}  // namespace
}  // namespace reconproof::reports
