// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "challenge/dataset/random.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::Error;
using testing::HasSubstr;

const fs::path kRealSlice = fs::path(RECONPROOF_TEST_DATA) / "brain_t1_7coil/brain_t1_7coil.h5";

class ImportTest : public testing::Test {
 protected:
  /// Complete random k-space, (3, 2, 8, 12).
  static std::vector<Complex> complete() {
    Random random(1, {});
    std::vector<Complex> values(3 * 2 * 8 * 12);
    for (Complex& value : values) value = Complex(static_cast<float>(random.normal()), 1.f);
    return values;
  }

  fs::path h5(const std::vector<Complex>& values, const formats::Shape& shape = {3, 2, 8, 12}) {
    const fs::path path = folder_.path() / "a.h5";
    formats::Hdf5Writer writer(path);
    writer.write("kspace", shape, values);
    writer.commit();
    return path;
  }

  fs::path npy(const std::vector<Complex>& values, const std::string& shape,
               const std::string& type = "<c8") {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.resize(117, ' ');
    header += '\n';
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += std::string("\x76\x00", 2) + header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Complex));
    const fs::path path = folder_.path() / "a.npy";
    system::write_file(path, bytes);
    return path;
  }

  static void expect_refused(const fs::path& path, Code code, const std::string& message,
                             const std::optional<SliceRange>& slices = std::nullopt) {
    try {
      read_complete_kspace(path, slices);
      ADD_FAILURE() << "expected: " << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }

  system::TemporaryFolder folder_;
};

TEST_F(ImportTest, RealSliceBecomesALeaderboardVolume) {
  KspaceVolume volume = read_complete_kspace(kRealSlice);
  ASSERT_EQ(volume.shape(), (formats::Shape{1, 7, 256, 216}));
  scale_to_peak(volume, 8e-4);
  const WrittenVolume written =
      write_volume(folder_.path(), std::move(volume),
                   {.name = "brain_test1", .pattern = {.acceleration = 4}, .masked = true});
  EXPECT_EQ(written.acs, 17);
  const auto image = formats::open_confined(written.image);
  const std::vector<float> label = image->read_floats("image_label"),
                           input = image->read_floats("image_input");
  const float maximum = *std::max_element(label.begin(), label.end());
  EXPECT_NEAR(maximum, 8e-4, 1e-9);
  EXPECT_EQ(image->info().attributes.at("max").number, maximum);
  EXPECT_EQ(written.maximum, maximum);
  // The label shows the head, padded with zeros to 384; the zero-filled input is near, but not it.
  EXPECT_EQ(label[384 * 10 + 10], 0);
  EXPECT_GT(label[384 * 192 + 192], 1e-4);
  EXPECT_GT(input[384 * 192 + 192], 5e-5);
  EXPECT_NE(input, label);
}

TEST_F(ImportTest, WithoutPeakValuesStayBitExact) {
  const std::vector<Complex> values = complete();
  EXPECT_EQ(read_complete_kspace(h5(values)).kspace, values);
  const KspaceVolume four = read_complete_kspace(npy(values, "3, 2, 8, 12"));
  EXPECT_EQ(four.kspace, values);
  EXPECT_EQ(four.shape(), (formats::Shape{3, 2, 8, 12}));
  const KspaceVolume three = read_complete_kspace(npy(values, "6, 8, 12"));
  EXPECT_EQ(three.shape(), (formats::Shape{1, 6, 8, 12}));
  EXPECT_EQ(three.kspace, values);
}

TEST_F(ImportTest, ReadsTheSlicesThatWereAskedFor) {
  const std::vector<Complex> values = complete();
  for (const fs::path& path : {h5(values), npy(values, "3, 2, 8, 12")}) {
    const KspaceVolume volume = read_complete_kspace(path, SliceRange{1, 3});
    EXPECT_EQ(volume.slices, 2);
    EXPECT_TRUE(
        std::equal(volume.kspace.begin(), volume.kspace.end(), values.begin() + 192, values.end()));
    expect_refused(path, Code::kInvalidArgument, "slices 1:4 were asked for, the file has 0:3",
                   SliceRange{1, 4});
    expect_refused(path, Code::kInvalidArgument, "slices 2:2", SliceRange{2, 2});
  }
}

TEST_F(ImportTest, RefusesUndersampledColumns) {
  std::vector<Complex> values = complete();
  for (size_t i = 192; i < 384; ++i) {
    if (i % 12 % 4 == 1) values[i] = 0;  // slice 1: columns 1, 5, 9
  }
  expect_refused(h5(values), Code::kCorrupt,
                 "slice 1: 3 whole columns are zero, the first is column 1: this k-space was "
                 "already undersampled");
}

TEST_F(ImportTest, RefusesScatteredGaps) {
  std::vector<Complex> values = complete();
  for (int64_t i = 0; i < 192; ++i) {
    if ((i % 12 + i / 12 % 8) % 2 && i % 12 > 0 && i % 12 < 11) values[i] = 0;
  }
  expect_refused(npy(values, "3, 2, 8, 12"), Code::kCorrupt,
                 "points between sampled ones are zero in every coil");
}

TEST_F(ImportTest, OuterZerosArePadding) {
  std::vector<Complex> values = complete();
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % 12 < 2 || i % 12 > 9 || i / 12 % 8 == 0) values[i] = 0;
  }
  EXPECT_EQ(read_complete_kspace(h5(values)).kspace, values);
}

TEST_F(ImportTest, RefusesAnEmptySlice) {
  std::vector<Complex> values = complete();
  std::fill_n(values.begin() + 384, 192, Complex(0));
  expect_refused(h5(values), Code::kCorrupt, "slice 2: all values are zero");
}

TEST_F(ImportTest, NamesThePlaceOfANaN) {
  std::vector<Complex> values = complete();
  values[((1 * 2 + 1) * 8 + 5) * 12 + 7] = {0, std::numeric_limits<float>::quiet_NaN()};
  expect_refused(h5(values), Code::kCorrupt, "slice 1, coil 1, row 5, column 7: NaN is not finite");
  expect_refused(h5(values), Code::kCorrupt, "slice 1, coil 1", SliceRange{1, 2});
  values[0] = std::numeric_limits<float>::infinity();
  expect_refused(h5(values), Code::kCorrupt, "slice 0, coil 0, row 0, column 0: infinity");
}

TEST_F(ImportTest, RefusesOtherShapesTypesAndFiles) {
  const std::vector<Complex> values = complete();
  expect_refused(h5(values, {48, 12}), Code::kCorrupt,
                 "has shape (48, 12), expected (coils, H, W)");
  expect_refused(npy(values, "1, 3, 2, 8, 12"), Code::kCorrupt, "has shape (1, 3, 2, 8, 12)");
  expect_refused(h5(values, {1, 576, 1, 1}), Code::kCorrupt, "1 to 128 coils");
  expect_refused(npy(values, "6, 8, 24", "<f4"), Code::kCorrupt,
                 "holds float32, expected complex64");
  expect_refused(folder_.path() / "missing.h5", Code::kNotFound, "missing.h5");
  expect_refused(folder_.path() / "a.mat", Code::kUnsupported,
                 "expected complete k-space in a .npy or .h5 file");
  const fs::path path = folder_.path() / "image.h5";
  formats::Hdf5Writer writer(path);
  writer.write("image_label", {1}, std::vector<float>{1});
  writer.commit();
  expect_refused(path, Code::kCorrupt, "no data set 'kspace'; the file holds: image_label");
}

TEST_F(ImportTest, PeakMustBePositive) {
  KspaceVolume volume = read_complete_kspace(h5(complete()));
  EXPECT_THROW(scale_to_peak(volume, 0), Error);
  EXPECT_THROW(scale_to_peak(volume, -1), Error);
  EXPECT_THROW(scale_to_peak(volume, std::numeric_limits<double>::infinity()), Error);
}

}  // namespace
}  // namespace reconproof::challenge
