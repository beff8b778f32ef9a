// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/nifti.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nifti1.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::Error;
using testing::HasSubstr;

class NiftiTest : public testing::Test {
 protected:
  NiftiTest() {
    std::memset(&header_, 0, sizeof header_);
    header_.sizeof_hdr = 348;
    const short dim[8] = {3, 4, 3, 2, 1, 1, 1, 1};
    std::memcpy(header_.dim, dim, sizeof dim);
    for (float& mm : header_.pixdim) mm = 1;
    header_.datatype = DT_INT16;
    header_.bitpix = 16;
    header_.vox_offset = 352;
    std::memcpy(header_.magic, "n+1", 4);
    values_.resize(24);
    std::iota(values_.begin(), values_.end(), int16_t{0});
    header_.sform_code = 1;  // as stored: right, anterior, superior
    header_.srow_x[0] = header_.srow_y[1] = header_.srow_z[2] = 1;
  }

  std::string bytes() const {
    std::string all(reinterpret_cast<const char*>(&header_), sizeof header_);
    all.append(4, '\0');
    all.append(reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof values_[0]);
    return all;
  }

  fs::path plain(const std::string& contents, const std::string& name = "a.nii") const {
    const fs::path path = folder_.path() / name;
    std::ofstream(path, std::ios::binary)
        << contents;  // not synced: a thousand of them are written
    return path;
  }

  fs::path gzip(const std::string& contents) const {
    const fs::path path = folder_.path() / "a.nii.gz";
    const gzFile file = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(file, contents.data(), static_cast<unsigned>(contents.size())),
              static_cast<int>(contents.size()));
    gzclose(file);
    return path;
  }

  /// libnifti prints what it dislikes to stderr; nothing of that may reach a person.
  static void expect_refused(const fs::path& path, Code code, const std::string& message) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    try {
      read_nifti(path);
      ADD_FAILURE() << "expected: " << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(message));
      EXPECT_THAT(error.what(), HasSubstr(path.string()));
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  }

  nifti_1_header header_;
  std::vector<int16_t> values_;
  system::TemporaryFolder folder_;
};

TEST_F(NiftiTest, ReadsPlainAndCompressedFiles) {
  header_.scl_slope = 2;
  header_.scl_inter = -1;
  for (const fs::path& path : {plain(bytes()), gzip(bytes())}) {
    const NiftiVolume volume = read_nifti(path);
    EXPECT_EQ(volume.size, (std::array<int64_t, 3>{4, 3, 2}));
    EXPECT_TRUE(volume.oriented);
    EXPECT_EQ(volume.at(0, 0, 0), -1);
    EXPECT_EQ(volume.at(3, 1, 1), 2 * 19 - 1);
  }
}

TEST_F(NiftiTest, ReadsTheOtherByteOrder) {
  std::string swapped = bytes();
  const auto swap = [&](size_t at, size_t size) {
    std::reverse(swapped.begin() + at, swapped.begin() + at + size);
  };
  swap(0, 4);                                            // sizeof_hdr
  for (size_t at = 40; at < 56; at += 2) swap(at, 2);    // dim
  for (size_t at : {70, 72, 252, 254}) swap(at, 2);      // datatype, bitpix, q- and sform_code
  for (size_t at = 76; at < 120; at += 4) swap(at, 4);   // pixdim, vox_offset, slope, intercept
  for (size_t at = 256; at < 328; at += 4) swap(at, 4);  // the matrices
  for (size_t at = 352; at < swapped.size(); at += 2) swap(at, 2);
  const NiftiVolume volume = read_nifti(gzip(swapped));
  EXPECT_TRUE(volume.oriented);
  EXPECT_EQ(volume.at(3, 1, 1), 19);
}

TEST_F(NiftiTest, SlopeZeroMeansUnscaled) {
  header_.scl_inter = 7;
  EXPECT_EQ(read_nifti(plain(bytes())).at(1, 0, 0), 1);
}

TEST_F(NiftiTest, TurnsVoxelsToThePatientsAxes) {
  // Stored: x to the left, y to superior, z to anterior.
  header_.srow_x[0] = -1;
  header_.srow_y[1] = header_.srow_z[2] = 0;
  header_.srow_z[1] = 2;
  header_.srow_y[2] = 3;
  header_.pixdim[2] = 2;
  header_.pixdim[3] = 3;
  const NiftiVolume volume = read_nifti(plain(bytes()));
  EXPECT_EQ(volume.size, (std::array<int64_t, 3>{4, 2, 3}));
  EXPECT_EQ(volume.spacing, (std::array<double, 3>{1, 3, 2}));
  EXPECT_EQ(volume.at(3, 0, 0), 0);               // stored (0, 0, 0)
  EXPECT_EQ(volume.at(2, 1, 2), 1 + 4 * 2 + 12);  // stored (1, 2, 1)
}

TEST_F(NiftiTest, KeepsTheStoredOrderWithoutOrientation) {
  header_.sform_code = 0;
  EXPECT_FALSE(read_nifti(plain(bytes())).oriented);
  header_.sform_code = 1;  // a matrix of zeros tells nothing
  header_.srow_x[0] = header_.srow_y[1] = header_.srow_z[2] = 0;
  const NiftiVolume volume = read_nifti(plain(bytes()));
  EXPECT_FALSE(volume.oriented);
  EXPECT_EQ(volume.at(3, 1, 1), 19);
}

TEST_F(NiftiTest, RefusesTruncatedFiles) {
  const std::string whole = bytes();
  expect_refused(plain(whole.substr(0, whole.size() - 1)), Code::kCorrupt,
                 "the header promises 400 bytes, the file has 399");
  expect_refused(plain(whole.substr(0, 100)), Code::kCorrupt, "too short for a NIfTI-1 header");
  expect_refused(plain(""), Code::kCorrupt, "too short for a NIfTI-1 header");
  expect_refused(gzip(whole.substr(0, whole.size() - 1)), Code::kCorrupt, "the voxels end early");
  const std::string packed = system::read_file(gzip(whole));
  expect_refused(plain(packed.substr(0, packed.size() / 2), "a.nii.gz"), Code::kCorrupt,
                 "copy the file again");
  std::string damaged = packed;
  damaged[damaged.size() - 6] ^= 1;  // the checksum
  expect_refused(plain(damaged, "a.nii.gz"), Code::kCorrupt, "damaged; copy the file again");
}

TEST_F(NiftiTest, RefusesAbsurdDimensions) {
  header_.dim[1] = -4;
  expect_refused(plain(bytes()), Code::kCorrupt, "dimension 1 has extent -4, expected 1 to 2048");
  header_.dim[1] = header_.dim[2] = header_.dim[3] = 2048;
  expect_refused(plain(bytes()), Code::kCorrupt, "absurd shape (2048, 2048, 2048)");
  header_.dim[3] = 32;
  expect_refused(plain(bytes()), Code::kCorrupt, "the header promises");
  expect_refused(gzip(bytes()), Code::kCorrupt, "(compressed)");
  header_.dim[0] = 9;
  expect_refused(plain(bytes()), Code::kCorrupt, "dimensions, expected 3 to 7");
}

TEST_F(NiftiTest, RefusesWhatIsNoSingleVolumeOfNumbers) {
  header_.dim[0] = 4;
  header_.dim[4] = 2;
  expect_refused(plain(bytes()), Code::kUnsupported, "only one volume of three dimensions");
  header_.dim[0] = 3;
  header_.datatype = DT_COMPLEX64;
  expect_refused(plain(bytes()), Code::kUnsupported, "data type 32 is not one of real numbers");
  header_.datatype = DT_RGB24;
  expect_refused(plain(bytes()), Code::kUnsupported, "data type 128");
}

TEST_F(NiftiTest, RefusesAWrongMagic) {
  std::memcpy(header_.magic, "nix", 4);
  expect_refused(plain(bytes()), Code::kCorrupt, "not a NIfTI-1 file");
  std::memcpy(header_.magic, "ni1", 4);
  expect_refused(plain(bytes()), Code::kUnsupported, ".hdr/.img pair");
  expect_refused(plain(std::string(4096, 'x')), Code::kCorrupt, "not a NIfTI-1 file");
  expect_refused(plain("<nifti_image\n  nifti_type = 'NIFTI-1A'\n" + std::string(400, ' ')),
                 Code::kCorrupt, "NIfTI-1");
  expect_refused(plain(bytes(), "a.img"), Code::kUnsupported, "named *.nii or *.nii.gz");
  expect_refused(folder_.path() / "missing.nii", Code::kNotFound, "No such file");
}

TEST_F(NiftiTest, RefusesWrongOffsetsAndSpacings) {
  for (float offset : {0.f, -1.f, 1e30f, NAN}) {
    header_.vox_offset = offset;
    expect_refused(plain(bytes()), Code::kCorrupt, "voxels begin at byte");
  }
  header_.vox_offset = 352;
  header_.pixdim[2] = 1e20f;
  expect_refused(plain(bytes()), Code::kCorrupt, "voxels of 1e+20 mm");
}

// Whatever one byte of the header is changed to: a volume or an Error, never a crash.
TEST_F(NiftiTest, SurvivesEveryChangedByteOfTheHeader) {
  const std::string whole = bytes();
  int read = 0, refused = 0;
  for (size_t at = 0; at < 348; ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      try {
        read_nifti(plain(changed));
        ++read;
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 30);
}

}  // namespace
}  // namespace reconproof::formats
