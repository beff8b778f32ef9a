// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/sampling_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "challenge/dataset/sampling_mask.h"
#include "checks/data/image_agreement.h"
#include "checks/data/kspace_scan.h"

namespace reconproof::checks {
namespace {

using testing::HasSubstr;

TEST(StatedAcceleration, ComesFromTheNameBeforeTheFolder) {
  EXPECT_EQ(stated_acceleration("train/kspace/brain_acc4_1.h5"), 4);
  EXPECT_EQ(stated_acceleration("acc8/kspace/brain_test1.h5"), 8);
  EXPECT_EQ(stated_acceleration("acc8/kspace/knee_acc4_1.h5"), 4);
  EXPECT_EQ(stated_acceleration("train/kspace/brain_1.h5"), std::nullopt);
  EXPECT_EQ(stated_acceleration("accent/accx.h5"), std::nullopt);
}

/// Of the usual mask of that width, which `change` changes.
std::string fault_of(
    int64_t acceleration, int64_t width, int64_t stated,
    const std::function<void(std::vector<float>&)>& change = [](auto&) {}, Band band = {0, 0}) {
  std::vector<float> mask = challenge::sampling_mask({.acceleration = acceleration}, width);
  change(mask);
  if (band.end == 0) band.end = width;
  const auto fault = find_mask_fault(mask, band, stated);
  return fault ? fault->reason : "";
}

TEST(MaskFault, UsualMasksHaveNone) {
  for (const int64_t acceleration : {4, 5, 8, 9})
    for (const int64_t width : {64, 368, 372, 392, 396, 397})
      EXPECT_EQ(fault_of(acceleration, width, acceleration), "") << acceleration << " " << width;
}

TEST(MaskFault, EachIsNamed) {
  EXPECT_THAT(fault_of(8, 396, 4), HasSubstr("every 8th column, but the name says acc4"));
  EXPECT_THAT(fault_of(4, 396, 4, [](auto& mask) { mask[10] = 0.5F; }), HasSubstr("0.5"));
  EXPECT_THAT(fault_of(4, 396, 4, [](auto& mask) { mask[10] = -1; }), HasSubstr("-1"));
  EXPECT_THAT(fault_of(4, 396, 4, [](auto& mask) { mask[198] = 0; }), HasSubstr("centre"));
  EXPECT_THAT(fault_of(4, 396, 4, [](auto& mask) { mask[13] = 1; }),
              HasSubstr("columns 11 and 13"));
  EXPECT_THAT(fault_of(4, 396, 4, [](auto& mask) { mask[15] = 0; }),
              HasSubstr("columns 11 and 19"));
  const auto cut = [](auto& mask) { std::fill(mask.begin(), mask.begin() + 60, 0.0F); };
  EXPECT_THAT(fault_of(4, 396, 4, cut), HasSubstr("before 63"));
  // Outer columns of k-space that hold nothing need no samples.
  EXPECT_EQ(fault_of(4, 396, 4, cut, {60, 396}), "");
  EXPECT_THAT(fault_of(1, 396, 4), HasSubstr("in one piece"));
}

TEST(KspaceScan, SeesWhatIsZero) {
  using challenge::Complex;
  constexpr int64_t kWidth = 20;
  std::vector<Complex> plane(3 * kWidth, Complex(1, -1));
  for (size_t line = 0; line < plane.size(); line += kWidth) {
    for (const size_t column : {0u, 1u, 19u}) plane[line + column] = 0;
    plane[line + 7] = Complex(-0.0F, 0.0F);
  }
  KspaceScan scan(kWidth);
  scan.begin();
  EXPECT_EQ(scan.band().end, 0);
  scan.add(plane);
  EXPECT_EQ(scan.band().first, 2);
  EXPECT_EQ(scan.band().end, 19);
  EXPECT_THAT(scan.zero_columns(), testing::ElementsAre(7));
  EXPECT_TRUE(scan.finite());
  plane[7] = Complex(0, 1e-30F);  // another coil
  scan.add(plane);
  EXPECT_THAT(scan.zero_columns(), testing::IsEmpty());
  plane[50] = Complex(0, std::numeric_limits<float>::infinity());
  scan.add(plane);
  EXPECT_FALSE(scan.finite());
  scan.begin();
  EXPECT_TRUE(scan.finite());
}

TEST(AllFinite, LooksAtEveryValue) {
  std::vector<float> values(37, 3.0e38F);
  EXPECT_TRUE(all_finite(values));
  for (size_t i = 0; i < values.size(); ++i) {
    std::vector<float> bad = values;
    bad[i] = i % 2 == 0 ? std::numeric_limits<float>::quiet_NaN()
                        : -std::numeric_limits<float>::infinity();
    EXPECT_FALSE(all_finite(bad)) << i;
  }
}

TEST(ImageAgreement, TellsScaleFromContent) {
  std::vector<float> reference(1000);
  for (size_t i = 0; i < reference.size(); ++i) reference[i] = static_cast<float>(i % 37);
  std::vector<float> image = reference;
  for (float& value : image) value *= 3;
  EXPECT_TRUE(compare_images(image, reference).agrees());
  EXPECT_NEAR(compare_images(image, reference).scale, 3, 1e-6);
  image[500] += 2;
  const ImageAgreement painted = compare_images(image, reference);
  EXPECT_FALSE(painted.agrees());
  EXPECT_EQ(painted.at, 500);
  EXPECT_EQ(compare_images(std::vector<float>(1000), reference).scale, 0);
}

}  // namespace
}  // namespace reconproof::checks
