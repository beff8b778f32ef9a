// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What of a fingerprint is compared: contrast against the surroundings, which the shading of the
// coils leaves alone, and noise nearly so.
#pragma once

#include <compare>
#include <vector>

#include "challenge/dataset/fingerprint.h"

namespace reconproof::challenge {

/// Detail in the two directions, in cycles over 384 pixels: along a column, along a row.
struct Detail {
  int rows = 0, columns = 0;
  auto operator<=>(const Detail&) const = default;
};

using CellGrid = std::vector<float>;  // [kFingerprintSide, kFingerprintSide]

struct LocalContrast {
  /// Relative to the tissue about the cell, -0.2 to 0.2; 0 where there is nothing to see.
  CellGrid value;
  CellGrid inside;  // 1 where the image reaches
};

/// Of a fingerprint that is not empty. Where it holds more detail than `detail`, it is blurred as
/// a fingerprint of k-space is that holds no more.
LocalContrast local_contrast(const SliceFingerprint& print, Detail detail);

}  // namespace reconproof::challenge
