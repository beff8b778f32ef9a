// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reads NIfTI-1 volumes (.nii, .nii.gz) through libnifti, which trusts what it reads: sizes, type
// and offset are checked here before it allocates anything.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace reconproof::formats {

/// Voxels turned so that the axes are those of the patient, where the header says how it was
/// stored.
struct NiftiVolume {
  std::array<int64_t, 3> size = {0, 0, 0};    // voxels along x, y, z
  std::array<double, 3> spacing = {1, 1, 1};  // mm
  bool oriented = false;  // x runs to the right, y to anterior, z to superior; else as stored
  std::vector<float> voxels = {};  // [z, y, x], slope and intercept applied

  float at(int64_t x, int64_t y, int64_t z) const {
    return voxels[(z * size[1] + y) * size[0] + x];
  }
};

/// One volume of real numbers. kNotFound, kCorrupt (not NIfTI, absurd or contradictory header, too
/// short), kUnsupported (complex, RGB, .hdr/.img pairs, several volumes).
NiftiVolume read_nifti(const std::filesystem::path& path);

}  // namespace reconproof::formats
