// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What is imaged by the simulator: intensities of a head, drawn from ellipsoids or read from a
// NIfTI volume.
#pragma once

#include <cstdint>
#include <memory>

#include "challenge/dataset/random.h"
#include "formats/nifti.h"

namespace reconproof::challenge {

/// Intensity at a point of the head: 0 in air, about 1 in its brightest tissue. u runs to the
/// patient's right and v to the front, both in half lengths of the head (its outline reaches |v| =
/// 1); w from 0 to 1 through the axial slices of interest, from below to above.
class HeadModel {
 public:
  virtual ~HeadModel() = default;
  virtual double intensity(double u, double v, double w) const = 0;
  /// Width of the head over its length.
  virtual double aspect() const = 0;
};

/// A head of random ellipsoids with scalp, skull, folded cortex, ventricles and lesions; every seed
/// another.
std::unique_ptr<HeadModel> random_phantom(Random random);

/// A real head. kUnsupported when it is too small to hold axial slices.
std::unique_ptr<HeadModel> head_from(formats::NiftiVolume volume, const std::string& name);

}  // namespace reconproof::challenge
