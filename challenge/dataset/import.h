// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Complete multi-coil k-space of others (.npy, fastMRI .h5) as a challenge volume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "challenge/dataset/volume_writer.h"

namespace reconproof::challenge {

/// Slices first, first + 1, ..., last - 1.
struct SliceRange {
  int64_t first = 0, last = 0;
};

/// Reads (coils, H, W) or (slices, coils, H, W): the array of a .npy file, or the data set `kspace`
/// of a .h5 file. kCorrupt when it is no such array, holds values that are not finite, or was
/// already undersampled.
KspaceVolume read_complete_kspace(const std::filesystem::path& path,
                                  const std::optional<SliceRange>& slices = std::nullopt);

/// The checks of read_complete_kspace on values: finite, not empty, no gaps between sampled points.
/// Outer columns and rows of zeros are padding (fastMRI's knees have it), not gaps.
void expect_complete(const KspaceVolume& volume, int64_t first_slice, const std::string& name);

/// Scales the k-space so that the largest value of image_label becomes `peak`.
void scale_to_peak(KspaceVolume& volume, double peak);

}  // namespace reconproof::challenge
