// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/data/augment.h"

#include <gtest/gtest.h>

#include "baseline/model/fft.h"
#include "baseline/model/varnet.h"
#include "challenge/dataset/sampling_mask.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

torch::Tensor mask_of(int64_t acceleration, int64_t width) {
  challenge::SamplingPattern pattern;
  pattern.acceleration = acceleration;
  return torch::tensor(challenge::sampling_mask(pattern, width));
}

/// A sample whose label is what complete k-space gives in the label's frame.
Sample complete_sample(int64_t height, int64_t width, int64_t size) {
  torch::manual_seed(3);
  Sample sample;
  sample.file = "brain_acc4_1.h5";
  sample.input.kspace = torch::randn({1, 3, height, width}, torch::kComplexFloat);
  sample.input.mask = mask_of(4, width);
  sample.target =
      centre_crop(root_sum_of_squares(ifft2_centred(sample.input.kspace)), size, Crop::kZeroPad);
  sample.maximum = torch::ones(1);
  return sample;
}

/// Augments with a full mask and compares the image with the label.
void expect_label_follows(const AugmentDraw& draw, int64_t height, int64_t width, int64_t size) {
  Sample sample = complete_sample(height, width, size);
  const torch::Tensor before = sample.target.clone();
  sample.input.mask = torch::ones(width);
  augment(sample, draw, {size, Crop::kZeroPad});
  const torch::Tensor image = root_sum_of_squares(ifft2_centred(sample.input.kspace));
  EXPECT_TRUE(torch::allclose(centre_crop(image, size, Crop::kZeroPad), sample.target, 1e-4, 1e-5))
      << height << " x " << width << " in " << size;
  EXPECT_EQ(torch::equal(before, sample.target),
            !draw.flip_rows && !draw.flip_columns && !draw.transpose);
}

TEST(Augment, LabelFollowsTheImageWhateverTheParity) {
  for (const auto& [height, width, size] :
       {std::array<int64_t, 3>{40, 36, 24}, {41, 37, 24}, {40, 37, 25}, {20, 36, 24}}) {
    expect_label_follows({.flip_rows = true}, height, width, size);
    expect_label_follows({.flip_columns = true}, height, width, size);
    expect_label_follows({.flip_rows = true, .flip_columns = true}, height, width, size);
    if (height == width) expect_label_follows({.transpose = true}, height, width, size);
  }
}

TEST(Augment, NothingDrawnIsNothingDone) {
  Sample sample = complete_sample(40, 36, 24);
  torch::Tensor expected = sample.input.kspace.clone();
  apply_mask(expected, sample.input.mask);
  augment(sample, {}, {24, Crop::kZeroPad});
  EXPECT_TRUE(torch::equal(sample.input.kspace, expected));
}

TEST(Augment, OddPaddingHasNoMirrorImage) {
  Sample sample = complete_sample(21, 36, 24);  // three rows are padded: one above, two below
  const torch::Tensor before = sample.target.clone();
  augment(sample, {.flip_rows = true}, {24, Crop::kZeroPad});
  EXPECT_TRUE(torch::equal(sample.target, before));
}

TEST(Augment, TurnsKeepAccelerationAndShareOfTheCentre) {
  Sample sample = complete_sample(48, 36, 24);
  const torch::Tensor before = sample.target.clone();
  augment(sample, {.flip_columns = true, .transpose = true}, {24, Crop::kZeroPad});
  EXPECT_EQ(sample.input.kspace.sizes().vec(), (std::vector<int64_t>{1, 3, 36, 48}));
  EXPECT_EQ(sample.input.mask.size(0), 48);
  EXPECT_TRUE(torch::equal(sample.target, before.rot90(-1, {1, 2})));
  challenge::SamplingPattern pattern;
  pattern.acceleration = 4;
  pattern.acs = std::llround(
      static_cast<double>(find_acs(mask_of(4, 36)).end - find_acs(mask_of(4, 36)).begin) / 36 * 48);
  EXPECT_TRUE(
      torch::equal(sample.input.mask, torch::tensor(challenge::sampling_mask(pattern, 48))));
}

TEST(Augment, RemasksExactly) {
  Sample sample = complete_sample(40, 36, 24);
  torch::Tensor expected = sample.input.kspace.clone();
  apply_mask(expected, mask_of(8, 36));
  augment(sample, {.acceleration = 8}, {24, Crop::kZeroPad});
  EXPECT_TRUE(torch::equal(sample.input.mask, mask_of(8, 36)));
  EXPECT_TRUE(torch::equal(sample.input.kspace, expected));
}

TEST(Augment, MirrorsTheMaskOfAFileThatHoldsItsColumnsAlone) {
  for (const int64_t width : {36, 37}) {
    Sample sample = complete_sample(40, width, 25 - width % 2);
    apply_mask(sample.input.kspace, sample.input.mask);
    const torch::Tensor image = root_sum_of_squares(ifft2_centred(sample.input.kspace));
    const int64_t size = 25 - width % 2;
    augment(sample, {.flip_columns = true}, {size, Crop::kZeroPad});
    // Nothing that was sampled was lost: the zero-filled image is the mirrored one.
    const torch::Tensor mirrored = root_sum_of_squares(ifft2_centred(sample.input.kspace));
    EXPECT_TRUE(torch::allclose(centre_crop(mirrored, size, Crop::kZeroPad),
                                centre_crop(image, size, Crop::kZeroPad).flip(2), 1e-4, 1e-5));
  }
}

TEST(Augment, NeedsCompleteKspaceForTurnsAndMasks) {
  for (const AugmentDraw& draw : {AugmentDraw{.transpose = true}, AugmentDraw{.acceleration = 8}}) {
    Sample sample = complete_sample(40, 36, 24);
    apply_mask(sample.input.kspace, sample.input.mask);
    try {
      augment(sample, draw, {24, Crop::kZeroPad});
      FAIL() << "accepted";
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), system::Code::kCorrupt);
      EXPECT_NE(std::string(error.what()).find("brain_acc4_1.h5, slice 0"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Augment, MovesImagesOfTheImageDomain) {
  Sample sample;
  sample.input.image = torch::rand({1, 24, 24});
  sample.target = sample.input.image.clone();
  augment(sample, {.flip_rows = true, .transpose = true}, {24, Crop::kZeroPad});
  EXPECT_TRUE(torch::equal(sample.input.image, sample.target));
}

TEST(AugmentDraws, DependOnSeedEpochAndSliceAlone) {
  const AugmentOptions options{.flips = true, .turns = true, .accelerations = {4, 8}};
  const auto same = [](const AugmentDraw& a, const AugmentDraw& b) {
    return a.flip_rows == b.flip_rows && a.flip_columns == b.flip_columns &&
           a.transpose == b.transpose && a.acceleration == b.acceleration;
  };
  int differs_by_seed = 0, differs_by_epoch = 0, transposed = 0, eights = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const AugmentDraw draw = draw_augmentation(options, 430, 2, i);
    EXPECT_TRUE(same(draw, draw_augmentation(options, 430, 2, i)));
    differs_by_seed += !same(draw, draw_augmentation(options, 431, 2, i));
    differs_by_epoch += !same(draw, draw_augmentation(options, 430, 3, i));
    transposed += draw.transpose;
    eights += draw.acceleration == 8;
    const AugmentDraw flips_only = draw_augmentation({.flips = true}, 430, 2, i);
    EXPECT_FALSE(flips_only.transpose || flips_only.acceleration);
  }
  EXPECT_GT(differs_by_seed, 700);
  EXPECT_GT(differs_by_epoch, 700);
  EXPECT_NEAR(transposed, 500, 80);
  EXPECT_NEAR(eights, 500, 80);
  EXPECT_FALSE(AugmentOptions{}.any());
}

}  // namespace
}  // namespace reconproof::baseline
