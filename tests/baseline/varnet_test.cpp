// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/varnet.h"

#include <gtest/gtest.h>

#include <numeric>

#include "baseline/model/fft.h"
#include "baseline/model/ssim_loss.h"
#include "challenge/score/ssim.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

/// "..###.." : a column is sampled where there is a '#'.
Acs acs_of(const std::string& columns) {
  torch::Tensor mask = torch::zeros(static_cast<int64_t>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i)
    mask[static_cast<int64_t>(i)] = columns[i] == '#' ? 1 : 0;
  return find_acs(mask);
}

void expect_acs(const std::string& columns, int64_t begin, int64_t end) {
  const Acs acs = acs_of(columns);
  EXPECT_EQ(acs.begin, begin) << columns;
  EXPECT_EQ(acs.end, end) << columns;
}

TEST(Acs, OfEvenWidth) {
  expect_acs("#..#####..#.", 4,
             8);  // three left of the centre 6, two right of it: the smaller counts
  expect_acs("..######..", 2, 8);  // centre 5: three on either side
}

TEST(Acs, OfOddWidth) {
  expect_acs("#...###..#.", 5, 7);  // centre 5: one left, two right
  expect_acs("...#####...", 4, 8);
}

TEST(Acs, OfOneLineAndOfNone) {
  expect_acs("#....#....", 5, 6);   // only the centre itself
  expect_acs("#...#.....#", 5, 6);  // only the column left of the centre
  expect_acs("#.........#.", 6,
             7);  // nothing: the official code takes the centre column all the same
}

TEST(Acs, OfAHalfWithoutGap) {
  // The argmin of a half of ones is its first element, so complete k-space has an ACS of one
  // column.
  expect_acs("##########", 5, 6);
  expect_acs(".#########", 5, 6);
  expect_acs("##", 1, 2);
}

torch::Tensor counted(int64_t height, int64_t width) {
  return torch::arange(1, height * width + 1, torch::kFloat).view({1, height, width});
}

TEST(CentreCrop, TakesTheMiddle) {
  const torch::Tensor image = counted(5, 6);
  for (const Crop crop : {Crop::kZeroPad, Crop::kSlice}) {
    EXPECT_TRUE(torch::equal(centre_crop(image, 4, crop), image.slice(1, 0, 4).slice(2, 1, 5)));
    EXPECT_TRUE(torch::equal(centre_crop(image, 3, crop), image.slice(1, 1, 4).slice(2, 1, 4)));
  }
}

TEST(CentreCrop, PadsSmallerImagesWithZeros) {
  const torch::Tensor padded = centre_crop(counted(2, 5), 5, Crop::kZeroPad);
  ASSERT_EQ(padded.sizes().vec(), (std::vector<int64_t>{1, 5, 5}));
  EXPECT_TRUE(torch::equal(padded.slice(1, 1, 3), counted(2, 5)));  // one row above, two below
  EXPECT_EQ(padded.sum().item<float>(), 55);
  const torch::Tensor both = centre_crop(counted(6, 2), 3, Crop::kZeroPad);
  EXPECT_TRUE(torch::equal(both.slice(2, 0, 2), counted(6, 2).slice(1, 1, 4)));
}

TEST(CentreCrop, SlicesSmallerImagesAsPythonDoes) {
  // (2 - 5) // 2 = -2: the slice -2:3 of two rows holds both; of six columns, 0:5.
  EXPECT_EQ(centre_crop(counted(2, 6), 5, Crop::kSlice).sizes().vec(),
            (std::vector<int64_t>{1, 2, 5}));
  // (4 - 10) // 2 = -3: the slice -3:7 of four rows holds the last three.
  EXPECT_EQ(centre_crop(counted(4, 10), 10, Crop::kSlice).sizes().vec(),
            (std::vector<int64_t>{1, 3, 10}));
}

TEST(Fft, IsCentredAndOrthonormal) {
  for (const int64_t width : {8, 7}) {
    torch::Tensor image = torch::zeros({6, width}, torch::kComplexFloat);
    image[3][width / 2] = 1;
    const torch::Tensor flat = fft2_centred(image);
    EXPECT_TRUE(
        torch::allclose(torch::real(flat), torch::full({6, width}, 1 / std::sqrt(6.0 * width))));
    EXPECT_TRUE(torch::allclose(torch::view_as_real(ifft2_centred(flat)),
                                torch::view_as_real(image), 1e-5, 1e-6));
  }
}

TEST(Varnet, AcceptsEverySize) {
  const torch::NoGradGuard no_gradients;
  torch::manual_seed(1);
  torch::Tensor mask = torch::zeros(45);
  mask.slice(0, 18, 28).fill_(1);
  const torch::Tensor kspace = torch::randn({1, 3, 50, 45}, torch::kComplexFloat) * mask;
  for (const VarnetSizes sizes :
       {VarnetSizes{1, 2, 2, 1}, VarnetSizes{3, 1, 2, 2}, VarnetSizes{1, 2, 1, 5}}) {
    Varnet model(sizes, 40, Crop::kZeroPad);
    const torch::Tensor output = model->forward(kspace, mask);
    EXPECT_EQ(output.sizes().vec(), (std::vector<int64_t>{1, 40, 40}));
    EXPECT_TRUE(torch::isfinite(output).all().item<bool>());
  }
}

TEST(Varnet, RefusesOtherShapes) {
  Varnet model(VarnetSizes{1, 1, 1, 1}, 32, Crop::kZeroPad);
  const torch::Tensor kspace = torch::zeros({1, 2, 32, 32}, torch::kComplexFloat);
  EXPECT_THROW(model->forward(kspace[0], torch::ones(32)), system::Error);
  EXPECT_THROW(model->forward(kspace, torch::ones(31)), system::Error);
  EXPECT_THROW(model->forward(torch::zeros({1, 2, 32, 32}), torch::ones(32)), system::Error);
}

TEST(SsimLoss, AgreesWithTheScore) {
  torch::manual_seed(2);
  const torch::Tensor a = torch::rand({1, 20, 30}), b = torch::rand({1, 20, 30});
  const double loss = ssim_loss(a, b, torch::full({1}, 0.9)).item<double>();
  const double ssim =
      challenge::mean_ssim({a.data_ptr<float>(), 600}, {b.data_ptr<float>(), 600}, 20, 30, 0.9);
  EXPECT_NEAR(loss, 1 - ssim, 1e-5);
  EXPECT_NEAR(ssim_loss(b, b, torch::full({1}, 0.9)).item<double>(), 0, 1e-6);
}

TEST(SsimLoss, FollowsTheTypeOfTheRange) {
  const torch::Tensor a = torch::rand({1, 8, 8});
  EXPECT_EQ(ssim_loss(a, a, torch::ones(1, torch::kDouble)).scalar_type(), torch::kDouble);
  EXPECT_EQ(ssim_loss(a, a, torch::ones(1)).scalar_type(), torch::kFloat);
}

}  // namespace
}  // namespace reconproof::baseline
