// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// From complete multi-coil k-space to the two files of a challenge volume
// (docs/formats/dataset.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "challenge/dataset/fft.h"
#include "challenge/dataset/sampling_mask.h"
#include "formats/array.h"

namespace reconproof::challenge {

inline constexpr int64_t kImageSize = 384;  // of image_label, in every edition

struct KspaceVolume {
  int64_t slices = 0, coils = 0, height = 0, width = 0;
  std::vector<Complex> kspace;  // [slices, coils, height, width], zero frequency in the middle

  int64_t slice_size() const { return coils * height * width; }
  formats::Shape shape() const { return {slices, coils, height, width}; }
};

struct VolumeOptions {
  std::string name;  // of both files, without ".h5"
  SamplingPattern pattern;
  bool masked = false;  // leaderboard: what was not sampled is zero; training data is complete
  bool overwrite = false;
};

struct WrittenVolume {
  std::string name;
  std::filesystem::path kspace, image;
  formats::Shape shape;  // of the k-space
  int64_t acceleration = 0, acs = 0;
  float maximum = 0;  // of image_label, also its attribute `max`
};

/// kInvalidArgument when a file of that name is in the way and `overwrite` is off.
void expect_absent(const std::filesystem::path& folder, const VolumeOptions& options);

/// Root-sum-of-squares images of one slice [coils, height, width], cropped or padded to kImageSize.
std::vector<float> rss_image(std::vector<Complex> kspace, const CentredFft& fft,
                             const KspaceVolume& shape);

/// Writes FOLDER/kspace/NAME.h5 (`kspace`, `mask`) and FOLDER/image/NAME.h5 (`image_input`,
/// `image_label`, attribute `max`): both or none.
WrittenVolume write_volume(const std::filesystem::path& folder, KspaceVolume volume,
                           const VolumeOptions& options);

}  // namespace reconproof::challenge
