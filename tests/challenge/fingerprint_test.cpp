// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/fingerprint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "challenge/dataset/fingerprint_match.h"
#include "challenge/dataset/sampling_mask.h"
#include "challenge/dataset/simulate.h"

namespace reconproof::challenge {
namespace {

struct Slice {
  KspaceVolume volume;
  std::vector<float> label;
};

Slice simulated(int64_t number) {
  Slice slice;
  slice.volume = simulate_volume({430, 1, 4, 224, 200, 0.007}, number, nullptr);
  slice.label = rss_image(slice.volume.kspace, CentredFft(224, 200), slice.volume);
  return slice;
}

SliceFingerprint of_kspace(const KspaceVolume& volume) {
  return fingerprint_kspace(volume.kspace, volume.coils, volume.height, volume.width);
}

TEST(Fingerprint, OfKspaceAndOfLabelAgree) {
  const Slice slice = simulated(1), other = simulated(2);
  const SliceFingerprint kspace = of_kspace(slice.volume),
                         label = fingerprint_image(slice.label, 384, 384);
  EXPECT_EQ(kspace.row_cycles, 48);
  EXPECT_EQ(kspace.column_cycles, 48);
  EXPECT_GT(similarity(kspace, label), 0.97);
  EXPECT_LT(similarity(kspace, fingerprint_image(other.label, 384, 384)), 0.6);
}

TEST(Fingerprint, SeesOfMaskedKspaceWhatIsFullySampled) {
  Slice slice = simulated(1);
  const SliceFingerprint complete = of_kspace(slice.volume);
  const std::vector<float> mask = sampling_mask({8, {}, {}}, 200);
  for (size_t i = 0; i < slice.volume.kspace.size(); ++i) slice.volume.kspace[i] *= mask[i % 200];
  const SliceFingerprint masked = of_kspace(slice.volume);
  EXPECT_EQ(masked.row_cycles, 48);
  EXPECT_EQ(masked.column_cycles, 8);  // 8 columns: 4 to a side of 200, 8 of 384
  EXPECT_GT(similarity(complete, masked), 0.95);
}

TEST(Fingerprint, NamesTheTurn) {
  const Slice slice = simulated(1);
  std::vector<float> turned(slice.label.size());
  for (size_t y = 0; y < 384; ++y)
    for (size_t x = 0; x < 384; ++x) turned[y * 384 + x] = slice.label[x * 384 + 383 - y];
  const SliceFingerprint a = fingerprint_image(slice.label, 384, 384),
                         b = fingerprint_image(turned, 384, 384);
  // b was turned to the left, so that it comes back by a turn to the right.
  const SliceMatch match = SliceMatcher(a).match(SliceMatcher(b));
  EXPECT_GT(match.similarity, 0.99);
  EXPECT_EQ(match.transformation(), "turned by 90 degrees to the right");
}

TEST(Fingerprint, NamesTheShiftOfACrop) {
  const Slice slice = simulated(1);
  std::vector<float> part;  // rows and columns 48 to 347 of 384: its centre is at 198
  for (size_t y = 48; y < 348; ++y)
    part.insert(part.end(), &slice.label[y * 384 + 48], &slice.label[y * 384 + 48] + 300);
  const SliceMatch match = SliceMatcher(fingerprint_image(slice.label, 384, 384))
                               .match(SliceMatcher(fingerprint_image(part, 300, 300)));
  EXPECT_GT(match.similarity, 0.95);
  EXPECT_NEAR(match.shift_rows, 6, 1.5);
  EXPECT_NEAR(match.shift_columns, 6, 1.5);
}

TEST(Fingerprint, OfNothingIsEmptyAndLikeNothing) {
  const std::vector<float> black(64 * 64, 0.0f);
  std::vector<float> broken(64 * 64, 1.0f);
  broken[7] = std::numeric_limits<float>::quiet_NaN();
  std::vector<Complex> kspace(2 * 64 * 64);
  EXPECT_TRUE(fingerprint_image(black, 64, 64).empty());
  EXPECT_TRUE(fingerprint_image(broken, 64, 64).empty());
  EXPECT_TRUE(fingerprint_kspace(kspace, 2, 64, 64).empty());
  kspace[32 * 64 + 32] = {std::numeric_limits<float>::infinity(), 0};
  EXPECT_TRUE(fingerprint_kspace(kspace, 2, 64, 64).empty());
  const SliceFingerprint label = fingerprint_image(simulated(1).label, 384, 384);
  EXPECT_EQ(similarity(label, SliceFingerprint{}), -1);
}

TEST(Fingerprint, FlatImagesAreLikeNothing) {
  const std::vector<float> flat(384 * 384, 1.0f);
  const SliceFingerprint print = fingerprint_image(flat, 384, 384);
  EXPECT_FALSE(print.empty());
  EXPECT_EQ(similarity(print, print), -1);  // no contrast to compare
}

TEST(Fingerprint, IsTextAndBack) {
  const SliceFingerprint print = fingerprint_image(simulated(1).label, 384, 384);
  const std::string text = to_text(print);
  EXPECT_EQ(text.find_first_of(" \"\\\n"), std::string::npos);
  EXPECT_EQ(to_text({}).size(), text.size());
  ASSERT_TRUE(fingerprint_from_text(text));
  EXPECT_EQ(*fingerprint_from_text(text), print);
  EXPECT_EQ(*fingerprint_from_text(to_text({})), SliceFingerprint{});

  SliceFingerprint outside = print;
  outside.right = 65;
  std::string version = text, letters = text;
  version[2] = '2';
  letters[100] = '!';
  for (const std::string& bad :
       {std::string(), text + "A", text.substr(1), version, letters, to_text(outside)})
    EXPECT_FALSE(fingerprint_from_text(bad)) << bad.substr(0, 20);
}

}  // namespace
}  // namespace reconproof::challenge
