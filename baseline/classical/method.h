// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reconstructions that learn nothing from other people's data (docs/classical.md).
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <string>

#include "baseline/classical/cg_sense.h"
#include "baseline/classical/grappa.h"
#include "baseline/data/volume.h"

namespace reconproof::baseline {

enum class ClassicalMethod { kZeroFilled, kGrappa, kCgSense };

struct ClassicalOptions {
  ClassicalMethod method = ClassicalMethod::kZeroFilled;
  GrappaOptions grappa;
  CgSenseOptions sense;
  /// CG-SENSE: the magnitude of x itself. Otherwise the measured samples are put back into the
  /// k-space of x and the coil images are combined as those of a label, which holds their noise.
  bool magnitude = false;
};

/// "zero-filled", "grappa", "cg-sense"; kUsage for another name.
ClassicalMethod classical_method(const std::string& name);
const char* name_of(ClassicalMethod method);

/// Root sum of squares of the coil images as they are. [1, C, H, W] c64 -> [1, H, W] f32.
torch::Tensor zero_filled(const torch::Tensor& kspace);

/// One slice. kspace [1, C, H, W] c64, zero outside `mask` [W] f32, both on the CPU; `maps` of
/// CG-SENSE: [1, C, H, W] c64, undefined: from the ACS -> [1, size, size] f32, cropped as the
/// network's image is.
torch::Tensor classical_image(const torch::Tensor& kspace, const torch::Tensor& mask,
                              const torch::Tensor& maps, const ClassicalOptions& options,
                              const ImageGeometry& geometry);

/// Coil sensitivities from a .npy file, (C, H, W) complex64 for all slices or (slices, C, H, W).
class MapFile {
 public:
  explicit MapFile(const std::filesystem::path& path);
  /// [1, C, H, W] c64. kCorrupt when they do not fit `kspace` [1, C, H, W] or there is no such
  /// slice.
  torch::Tensor slice(int64_t index, const torch::Tensor& kspace) const;

 private:
  std::filesystem::path path_;
  torch::Tensor maps_;  // [1 or slices, C, H, W] c64
};

}  // namespace reconproof::baseline
