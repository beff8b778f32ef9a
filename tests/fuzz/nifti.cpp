// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/nifti.h"

#include <cmath>

#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  static fuzz::ScratchFile plain("input.nii"), compressed("input.nii.gz");
  const std::string_view bytes = fuzz::text_of(data, size);
  fuzz::ScratchFile& file = bytes.starts_with("\x1f\x8b") ? compressed : plain;
  file.set(bytes);
  formats::NiftiVolume volume;
  if (!fuzz::accepted([&] { volume = formats::read_nifti(file.path()); })) return 0;
  int64_t voxels = 1;
  for (int axis = 0; axis < 3; ++axis) {
    RP_ASSERT(volume.size[axis] >= 1 && volume.spacing[axis] > 0);
    voxels *= volume.size[axis];
  }
  RP_ASSERT(voxels == std::ssize(volume.voxels));
  for (float value : volume.voxels) RP_ASSERT(std::isfinite(value));
  return 0;
}
