// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/volume_drop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using Complex = std::complex<float>;

class VolumeDropTest : public testing::Test {
 protected:
  VolumeDropTest() {
    std::vector<Complex> kspace(3 * 2 * 4 * 6);
    for (size_t i = 0; i < kspace.size(); ++i)
      kspace[i] = Complex(static_cast<float>(i), -static_cast<float>(i));
    formats::Hdf5Writer writer(volume_.kspace = folder_.path() / "brain_test1.h5");
    writer.write(challenge::kKspaceSet, {3, 2, 4, 6}, std::span<const Complex>(kspace));
    const std::vector<float> mask = {1, 0, 1, 1, 0, 1};
    writer.write(challenge::kMaskSet, {6}, std::span<const float>(mask));
    writer.commit();
    std::vector<float> input(3 * 4 * 4, 0.5f);
    input[17] = -2;  // of slice 1
    formats::Hdf5Writer images(image_ = folder_.path() / "image.h5");
    images.write(challenge::kInputSet, {3, 4, 4}, std::span<const float>(input));
    images.commit();
  }

  static std::vector<Complex> kspace_of(const fs::path& path) {
    return formats::open_confined(path)->read_complex(challenge::kKspaceSet);
  }

  system::TemporaryFolder folder_;
  HostVolume volume_;
  fs::path image_;
};

TEST_F(VolumeDropTest, ShowsOneVolumeUnderARandomName) {
  VolumeDrop drop(1 << 20, 1);
  std::set<std::string> names;
  for (int i = 0; i < 3; ++i) {
    const VolumeFiles files = drop.drop(volume_);
    EXPECT_TRUE(files.dropped);
    names.insert(files.kspace.filename());
    EXPECT_EQ(system::read_file(drop.folder() / files.kspace), system::read_file(volume_.kspace));
    EXPECT_FALSE(fs::exists(drop.folder() / files.image));
    drop.clear();
    EXPECT_TRUE(system::files_below(drop.folder()).empty());
  }
  EXPECT_EQ(names.size(), 3u);
  EXPECT_FALSE(names.contains("brain_test1.h5"));
}

TEST_F(VolumeDropTest, TheWarmUpHasOtherValuesInTheSameShape) {
  VolumeDrop drop(1 << 20, 1);
  const VolumeFiles files = drop.drop_altered({volume_.kspace, image_}, 2);
  const auto reader = formats::open_confined(drop.folder() / files.kspace);
  EXPECT_EQ(reader->dataset(challenge::kKspaceSet).shape, (formats::Shape{2, 2, 4, 6}));
  EXPECT_EQ(reader->read_floats(challenge::kMaskSet), (std::vector<float>{1, 0, 1, 1, 0, 1}));
  const std::vector<Complex> real = kspace_of(volume_.kspace),
                             other = reader->read_complex(challenge::kKspaceSet);
  for (size_t i = 1; i < other.size(); ++i) EXPECT_NE(other[i], real[i]);
  const auto image = formats::open_confined(drop.folder() / files.image);
  EXPECT_EQ(image->dataset(challenge::kInputSet).shape, (formats::Shape{2, 4, 4}));
}

TEST_F(VolumeDropTest, AlteringChangesOneSliceOfTheCopyAlone) {
  VolumeDrop drop(1 << 20, 1);
  const VolumeFiles files = drop.drop(volume_);
  const std::vector<Complex> before = kspace_of(volume_.kspace);
  EXPECT_EQ(drop.alter(1), 95);  // its largest real part
  const std::vector<Complex> after = kspace_of(drop.folder() / files.kspace);
  for (size_t i = 0; i < after.size(); ++i) {
    const bool changed = i >= 48 && i < 96 && i % 2 == 0;
    EXPECT_EQ(after[i], changed ? -before[i] : before[i]) << i;
  }
  EXPECT_EQ(kspace_of(volume_.kspace), before);
  drop.clear();

  drop.drop({volume_.kspace, image_});
  EXPECT_EQ(drop.alter(1), -2);  // of the image, where the method starts from one
}

TEST_F(VolumeDropTest, NothingStays) {
  fs::path folder;
  {
    VolumeDrop drop(1 << 20, 1);
    folder = drop.folder();
    drop.drop(volume_);
  }
  EXPECT_FALSE(fs::exists(folder));
  // Of a harness that was killed: no process has the largest possible id.
  const fs::path stale = "/dev/shm/reconproof-volumes-4194305-abcdef";
  fs::create_directories(stale / "kspace");
  const VolumeDrop drop(1 << 20, 1);
  EXPECT_FALSE(fs::exists(stale));
}

TEST_F(VolumeDropTest, SizeIsThatOfWhatTheStepReads) {
  const InputSize kspace = input_size(volume_);
  EXPECT_EQ(kspace.slices, 3);
  EXPECT_EQ(kspace.bytes, 3 * 2 * 4 * 6 * 8);
  EXPECT_EQ(input_size({volume_.kspace, image_}).bytes, 3 * 4 * 4 * 4);
  EXPECT_THROW(input_size({image_, {}}), system::Error);
}

}  // namespace
}  // namespace reconproof::checks
