// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using system::Error;
using testing::HasSubstr;

constexpr SimulationOptions kSmall = {.slices = 2, .coils = 5, .height = 64, .width = 54};

std::string bytes_sha256(const std::vector<Complex>& values) {
  return system::sha256_hex(
      {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Complex)});
}

/// A bright ball with a dark core, as a NIfTI volume would give it.
std::unique_ptr<HeadModel> ball() {
  formats::NiftiVolume volume;
  volume.size = {48, 60, 50};
  for (int64_t z = 0; z < 50; ++z) {
    for (int64_t y = 0; y < 60; ++y) {
      for (int64_t x = 0; x < 48; ++x) {
        const double square = std::pow((x - 23.5) / 20, 2) + std::pow((y - 29.5) / 26, 2) +
                              std::pow((z - 24.5) / 24, 2);
        volume.voxels.push_back(square > 1 ? 0.f : square > 0.3 ? 200.f : 90.f);
      }
    }
  }
  return head_from(std::move(volume), "ball.nii");
}

TEST(Simulate, SameSeedSameBytes) {
  const KspaceVolume first = simulate_volume(kSmall, 3, nullptr),
                     second = simulate_volume(kSmall, 3, nullptr);
  EXPECT_EQ(first.kspace, second.kspace);
  EXPECT_EQ(first.shape(), (formats::Shape{2, 5, 64, 54}));
}

// Fails when a change moves the bytes of published data sets: then say so in the change log.
TEST(Simulate, BytesAreThoseOfTheFirstRelease) {
  EXPECT_EQ(bytes_sha256(simulate_volume(kSmall, 1, nullptr).kspace).substr(0, 16),
            "02274538b0ec240a");
  EXPECT_EQ(bytes_sha256(simulate_volume(kSmall, 1, ball().get()).kspace).substr(0, 16),
            "b68caa8a9f030a3f");
}

TEST(Simulate, SeedAndNumberBothChangeTheVolume) {
  SimulationOptions other = kSmall;
  other.seed = 431;
  const KspaceVolume first = simulate_volume(kSmall, 1, nullptr);
  EXPECT_NE(first.kspace, simulate_volume(other, 1, nullptr).kspace);
  EXPECT_NE(first.kspace, simulate_volume(kSmall, 2, nullptr).kspace);
}

TEST(Simulate, LabelsPeakNearTheTypicalValue) {
  SimulationOptions clean = kSmall;
  clean.noise = 0;
  float smallest = 1, largest = 0;
  const std::unique_ptr<HeadModel> head = ball();
  for (int64_t number = 1; number <= 12; ++number) {
    const KspaceVolume volume = simulate_volume(clean, number, number % 2 ? head.get() : nullptr);
    const CentredFft fft(64, 54);
    float peak = 0;
    for (int64_t slice = 0; slice < 2; ++slice) {
      const auto begin = volume.kspace.begin() + slice * volume.slice_size();
      for (float value : rss_image({begin, begin + volume.slice_size()}, fft, volume))
        peak = std::max(peak, value);
    }
    smallest = std::min(smallest, peak);
    largest = std::max(largest, peak);
  }
  EXPECT_GE(smallest, 0.6 * kTypicalPeak * 0.9999);
  EXPECT_LE(largest, 1.4 * kTypicalPeak * 1.0001);
  EXPECT_GT(largest / smallest, 1.3);
}

TEST(Simulate, BackgroundHoldsTheNoiseThatWasAskedFor) {
  SimulationOptions options = kSmall, clean = kSmall;
  options.noise = 0.05;
  clean.noise = 0;
  const KspaceVolume noisy = simulate_volume(options, 1, nullptr),
                     silent = simulate_volume(clean, 1, nullptr);
  double square = 0;
  for (size_t i = 0; i < noisy.kspace.size(); ++i)
    square += std::norm(noisy.kspace[i] - silent.kspace[i]);
  const double deviation = std::sqrt(square / static_cast<double>(2 * noisy.kspace.size()));
  EXPECT_GT(deviation, 0.05 * kTypicalPeak * 0.6 * 0.65);
  EXPECT_LT(deviation, 0.05 * kTypicalPeak * 1.4 * 1.35);
}

TEST(Simulate, NormalNumbersHaveMeanZeroAndVarianceOne) {
  Random random(1, {});
  double sum = 0, square = 0;
  for (int i = 0; i < 100000; ++i) {
    const double value = random.normal();
    sum += value;
    square += value * value;
  }
  EXPECT_NEAR(sum / 100000, 0, 0.02);
  EXPECT_NEAR(square / 100000, 1, 0.02);
}

TEST(Simulate, SlicesAreNeighbours) {
  SimulationOptions clean = kSmall;
  clean.noise = 0;
  const KspaceVolume volume = simulate_volume(clean, 1, nullptr);
  Complex product = 0;
  double first = 0, second = 0;
  for (int64_t i = 0; i < volume.slice_size(); ++i) {
    const Complex a = volume.kspace[i], b = volume.kspace[i + volume.slice_size()];
    product += std::conj(a) * b;
    first += std::norm(a);
    second += std::norm(b);
  }
  const double correlation = std::abs(product) / std::sqrt(first * second);
  EXPECT_GT(correlation, 0.8);
  EXPECT_LT(correlation, 0.9999);
}

TEST(Simulate, RefusesOptionsOutOfRange) {
  const auto expect_refused = [](auto change, const char* message) {
    SimulationOptions options = kSmall;
    change(options);
    try {
      simulate_volume(options, 1, nullptr);
      ADD_FAILURE() << "expected: " << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), system::Code::kInvalidArgument);
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  };
  expect_refused([](auto& o) { o.coils = 3; }, "coils 3: expected 4 to 20");
  expect_refused([](auto& o) { o.coils = 21; }, "coils 21");
  expect_refused([](auto& o) { o.slices = 0; }, "slices 0");
  expect_refused([](auto& o) { o.height = 31; }, "height 31: expected 32 to 1024");
  expect_refused([](auto& o) { o.width = 1025; }, "width 1025");
  expect_refused([](auto& o) { o.noise = NAN; }, "noise nan");
}

TEST(HeadModel, RefusesAVolumeWithoutAHead) {
  formats::NiftiVolume empty{.size = {40, 40, 40}};
  empty.voxels.assign(40 * 40 * 40, 5.f);
  EXPECT_THROW(head_from(empty, "empty.nii"), Error);
  formats::NiftiVolume tiny{.size = {2, 2, 2}};
  tiny.voxels.assign(8, 1.f);
  EXPECT_THROW(head_from(tiny, "tiny.nii"), Error);
}

// ---- the files ----

class VolumeWriter : public testing::Test {
 protected:
  WrittenVolume write(const std::string& folder, bool masked, uint64_t seed = 430) {
    SimulationOptions options = kSmall;
    options.seed = seed;
    return write_volume(folder_.path() / folder, simulate_volume(options, 1, nullptr),
                        {.name = "brain_acc4_1", .pattern = {.acceleration = 4}, .masked = masked});
  }

  system::TemporaryFolder folder_;
};

TEST_F(VolumeWriter, SameSeedSameFilesOtherSeedOtherFiles) {
  const WrittenVolume a = write("a", true), b = write("b", true), c = write("c", true, 431);
  EXPECT_EQ(system::sha256_file(a.kspace), system::sha256_file(b.kspace));
  EXPECT_EQ(system::sha256_file(a.image), system::sha256_file(b.image));
  EXPECT_NE(system::sha256_file(a.kspace), system::sha256_file(c.kspace));
  EXPECT_NE(system::sha256_file(a.image), system::sha256_file(c.image));
}

TEST_F(VolumeWriter, WritesTheChallengeLayout) {
  const WrittenVolume written = write("train", false);
  EXPECT_EQ(written.kspace, folder_.path() / "train/kspace/brain_acc4_1.h5");
  EXPECT_EQ(written.acs, 4);
  const auto kspace = formats::open_local(written.kspace),
             image = formats::open_local(written.image);
  EXPECT_EQ(kspace->dataset("kspace").shape, (formats::Shape{2, 5, 64, 54}));
  EXPECT_EQ(kspace->dataset("kspace").type_text(), "complex64");
  EXPECT_EQ(kspace->dataset("mask").shape, (formats::Shape{54}));
  EXPECT_EQ(kspace->dataset("mask").type_text(), "float32");
  for (const char* name : {"image_input", "image_label"}) {
    EXPECT_EQ(image->dataset(name).shape, (formats::Shape{2, 384, 384}));
    EXPECT_EQ(image->dataset(name).type_text(), "float32");
  }
  const std::vector<float> label = image->read_floats("image_label");
  const formats::Attribute& maximum = image->info().attributes.at("max");
  EXPECT_EQ(maximum.bytes, 4);
  EXPECT_EQ(maximum.number, *std::max_element(label.begin(), label.end()));
  EXPECT_EQ(paired_volumes(folder_.path() / "train").size(), 1u);
}

TEST_F(VolumeWriter, ImagesAreRootSumOfSquaresOfTheKspace) {
  const WrittenVolume complete = write("train", false), masked = write("leaderboard", true);
  const auto full = formats::open_local(complete.kspace)->read_complex("kspace");
  const auto zeroed_reader = formats::open_local(masked.kspace);
  const auto zeroed = zeroed_reader->read_complex("kspace");
  const auto mask = zeroed_reader->read_floats("mask");
  for (size_t i = 0; i < full.size(); ++i) {
    ASSERT_EQ(zeroed[i], mask[i % 54] == 1 ? full[i] : Complex(0)) << i;
  }
  // Both layouts hold the same images.
  EXPECT_EQ(system::sha256_file(complete.image), system::sha256_file(masked.image));
  const auto image = formats::open_local(complete.image);
  for (const auto& [name, kspace] :
       {std::pair("image_label", &full), std::pair("image_input", &zeroed)}) {
    const std::vector<float> stored = image->read_floats(name);
    const KspaceVolume shape{2, 5, 64, 54, {}};
    const CentredFft fft(64, 54);
    const float peak = *std::max_element(stored.begin(), stored.end());
    for (int64_t slice = 0; slice < 2; ++slice) {
      const auto begin = kspace->begin() + slice * shape.slice_size();
      const std::vector<float> expected =
          rss_image({begin, begin + shape.slice_size()}, fft, shape);
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(stored[slice * expected.size() + i], expected[i], 1e-6 * peak);
      }
    }
  }
}

TEST_F(VolumeWriter, DoesNotOverwriteUnlessTold) {
  const WrittenVolume written = write("train", false);
  try {
    write("train", false);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), system::Code::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr("exists already"));
  }
  fs::remove(written.kspace);  // the other file alone is in the way too
  EXPECT_THROW(write("train", false), Error);
}

TEST_F(VolumeWriter, WritesBothFilesOrNone) {
  // image/ cannot be created: a file stands there.
  system::make_folders(folder_.path() / "train");
  system::write_file(folder_.path() / "train/image", "");
  EXPECT_THROW(write("train", false), Error);
  EXPECT_TRUE(fs::is_empty(folder_.path() / "train/kspace"));
}

}  // namespace
}  // namespace reconproof::challenge
