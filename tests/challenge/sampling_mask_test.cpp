// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/sampling_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

using system::Error;
using testing::HasSubstr;

std::vector<int64_t> columns(const std::vector<float>& mask) {
  std::vector<int64_t> kept;
  for (size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) kept.push_back(static_cast<int64_t>(i));
  }
  return kept;
}

// The columns of the golden vectors (made with the official loader), written out.
TEST(SamplingMask, EqualsTheGoldenAcc4Mask) {
  EXPECT_EQ(columns(sampling_mask({.acceleration = 4}, 216)),
            (std::vector<int64_t>{
                3,   7,   11,  15,  19,  23,  27,  31,  35,  39,  43,  47,  51,  55,  59,  63,  67,
                71,  75,  79,  83,  87,  91,  95,  99,  100, 101, 102, 103, 104, 105, 106, 107, 108,
                109, 110, 111, 112, 113, 114, 115, 116, 119, 123, 127, 131, 135, 139, 143, 147, 151,
                155, 159, 163, 167, 171, 175, 179, 183, 187, 191, 195, 199, 203, 207, 211, 215}));
}

TEST(SamplingMask, EqualsTheGoldenAcc8Mask) {
  EXPECT_EQ(columns(sampling_mask({.acceleration = 8}, 216)),
            (std::vector<int64_t>{7,   15,  23,  31,  39,  47,  55,  63,  71,  79,  87,  95,
                                  103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 119, 127,
                                  135, 143, 151, 159, 167, 175, 183, 191, 199, 207, 215}));
}

TEST(SamplingMask, EqualsGoldenMasksWithGivenCentreAndOffset) {
  EXPECT_EQ(
      columns(sampling_mask({.acceleration = 8, .acs = 8, .offset = 0}, 84)),
      (std::vector<int64_t>{0, 8, 16, 24, 32, 38, 39, 40, 41, 42, 43, 44, 45, 48, 56, 64, 72, 80}));
  EXPECT_EQ(columns(sampling_mask({.acceleration = 4, .acs = 8, .offset = 1}, 80)),
            (std::vector<int64_t>{1,  5,  9,  13, 17, 21, 25, 29, 33, 36, 37, 38, 39,
                                  40, 41, 42, 43, 45, 49, 53, 57, 61, 65, 69, 73, 77}));
  // Odd width, odd centre: columns 188 to 204 of 393.
  const std::vector<float> odd = sampling_mask({.acceleration = 9, .acs = 17, .offset = 2}, 393);
  EXPECT_EQ(odd[187], 0);
  EXPECT_EQ(std::count(odd.begin() + 188, odd.begin() + 205, 1.f), 17);
  EXPECT_EQ(odd[205], 0);
  EXPECT_EQ(columns(odd).size(), 59u);
}

TEST(SamplingMask, TakesEverythingAtAccelerationOne) {
  EXPECT_EQ(sampling_mask({.acceleration = 1}, 5), std::vector<float>(5, 1.f));
  EXPECT_EQ(sampling_mask({.acceleration = 5, .acs = 5}, 5), std::vector<float>(5, 1.f));
}

void expect_refused(const SamplingPattern& pattern, int64_t width, const char* message) {
  try {
    sampling_mask(pattern, width);
    FAIL() << "expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), system::Code::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(SamplingMask, RefusesWhatDoesNotFit) {
  expect_refused({.acceleration = 0}, 8, "acceleration 0: expected 1 to 8");
  expect_refused({.acceleration = 9}, 8, "acceleration 9: expected 1 to 8");
  expect_refused({.acceleration = 4, .acs = 9}, 8, "ACS of 9 columns: expected 0 to 8");
  expect_refused({.acceleration = 4, .acs = -1}, 8, "ACS of -1 columns");
  expect_refused({.acceleration = 4, .offset = 4}, 8, "offset 4: expected 0 to 3");
  expect_refused({.acceleration = 4, .offset = -1}, 8, "offset -1");
}

}  // namespace
}  // namespace reconproof::challenge
