// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/volume_writer.h"

#include <algorithm>
#include <cmath>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"

namespace reconproof::challenge {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

fs::path kspace_path(const fs::path& folder, const std::string& name) {
  return folder / kKspaceFolder / (name + ".h5");
}

fs::path image_path(const fs::path& folder, const std::string& name) {
  return folder / kImageFolder / (name + ".h5");
}

void apply_mask(std::span<Complex> kspace, std::span<const float> mask) {
  for (size_t i = 0; i < kspace.size(); ++i) {
    if (mask[i % mask.size()] == 0) kspace[i] = 0;
  }
}

struct Images {
  std::vector<float> input, label;  // [slices, kImageSize, kImageSize]
};

Images images_of(const KspaceVolume& volume, std::span<const float> mask) {
  const CentredFft fft(volume.height, volume.width);
  Images images;
  for (int64_t slice = 0; slice < volume.slices; ++slice) {
    const auto first = volume.kspace.begin() + slice * volume.slice_size();
    std::vector<Complex> kspace(first, first + volume.slice_size());
    const std::vector<float> label = rss_image(kspace, fft, volume);
    apply_mask(kspace, mask);
    const std::vector<float> input = rss_image(std::move(kspace), fft, volume);
    images.label.insert(images.label.end(), label.begin(), label.end());
    images.input.insert(images.input.end(), input.begin(), input.end());
  }
  return images;
}

/// Two renames cannot be one: when the second fails, the first file goes again.
void commit_both(formats::Hdf5Writer& first, const fs::path& first_path,
                 formats::Hdf5Writer& second) {
  first.commit();
  try {
    second.commit();
  } catch (...) {
    std::error_code ignored;
    fs::remove(first_path, ignored);
    throw;
  }
}

}  // namespace

void expect_absent(const fs::path& folder, const VolumeOptions& options) {
  if (options.overwrite) return;
  for (const fs::path& path :
       {kspace_path(folder, options.name), image_path(folder, options.name)}) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(path, ignored))) {
      fail(Code::kInvalidArgument,
           "{}: exists already; choose another folder or name, or say --force", path.string());
    }
  }
}

std::vector<float> rss_image(std::vector<Complex> kspace, const CentredFft& fft,
                             const KspaceVolume& shape) {
  fft.to_image(kspace);
  return centre_crop(rss(kspace, shape.coils), shape.height, shape.width, kImageSize);
}

WrittenVolume write_volume(const fs::path& folder, KspaceVolume volume,
                           const VolumeOptions& options) {
  RP_ASSERT(static_cast<int64_t>(volume.kspace.size()) == volume.slices * volume.slice_size());
  RP_ASSERT(volume.slices > 0);
  expect_absent(folder, options);
  const std::vector<float> mask = sampling_mask(options.pattern, volume.width);
  const Images images = images_of(volume, mask);
  if (options.masked) apply_mask(volume.kspace, mask);

  WrittenVolume written{.name = options.name,
                        .kspace = kspace_path(folder, options.name),
                        .image = image_path(folder, options.name),
                        .shape = volume.shape(),
                        .acceleration = options.pattern.acceleration,
                        .acs = acs_columns(options.pattern, volume.width),
                        .maximum = *std::max_element(images.label.begin(), images.label.end())};
  if (!std::isfinite(written.maximum) || written.maximum <= 0) {
    system::fail(system::Code::kCorrupt,
                 "{}: the label's maximum would be {}; the k-space is empty or overflows float32",
                 options.name, written.maximum);
  }
  formats::Hdf5Writer kspace_file(written.kspace), image_file(written.image);
  kspace_file.write(kKspaceSet, volume.shape(), std::span<const Complex>(volume.kspace));
  kspace_file.write(kMaskSet, {volume.width}, std::span<const float>(mask));
  const formats::Shape image_shape = {volume.slices, kImageSize, kImageSize};
  image_file.write(kInputSet, image_shape, std::span<const float>(images.input));
  image_file.write(kLabelSet, image_shape, std::span<const float>(images.label));
  image_file.attribute(kMaxAttribute, written.maximum);
  commit_both(kspace_file, written.kspace, image_file);
  return written;
}

}  // namespace reconproof::challenge
