// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Fingerprints of image content: what one slice shows, small enough to be kept for every slice of a
// data set. Two fingerprints of one slice resemble each other whatever the file is called and
// however it is encoded, and after another sampling mask, fewer coils, a global phase and scale,
// flips, 90-degree turns, a crop and a little noise.
#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "challenge/dataset/fft.h"

namespace reconproof::challenge {

/// Of the method: fingerprints of two versions are not comparable.
inline constexpr int kFingerprintVersion = 1;

/// A fingerprint shows the central kFingerprintSide x kFingerprintSide cells of an image, each
/// kFingerprintCell x kFingerprintCell pixels: 384 x 384 pixels, as the challenge's labels do.
inline constexpr int64_t kFingerprintSide = 64, kFingerprintCell = 6;
/// The finest detail that it holds, in cycles over those 384 pixels.
inline constexpr int64_t kFingerprintCycles = 48;

/// Plain data of fixed size. Equal content gives equal bytes; `similarity`
/// (challenge/dataset/fingerprint_match.h) tells like content from unlike.
struct SliceFingerprint {
  /// Cells [top, bottom) x [left, right) that the image fills.
  uint8_t top = 0, left = 0, bottom = 0, right = 0;
  /// Detail along a column and along a row, in cycles over 384 pixels: less than
  /// kFingerprintCycles where the fully sampled centre of k-space is narrower.
  uint8_t row_cycles = 0, column_cycles = 0;
  /// Brightness of each cell, row by row, square root, 255 in the brightest.
  std::array<uint8_t, static_cast<size_t>(kFingerprintSide* kFingerprintSide)> cells{};

  bool operator==(const SliceFingerprint&) const = default;
  /// Nothing to compare: an empty slice, or values that are no numbers.
  bool empty() const { return bottom == 0; }
};

/// Of a magnitude image [height, width]: label, zero-filled input, GRAPPA. Not finite: empty.
SliceFingerprint fingerprint_image(std::span<const float> image, int64_t height, int64_t width);

/// Of k-space [coils, height, width], zero frequency at height / 2 and width / 2, complete or
/// masked: only the fully sampled centre is looked at, and which that is, is seen from the zeros.
SliceFingerprint fingerprint_kspace(std::span<const Complex> kspace, int64_t coils, int64_t height,
                                    int64_t width);

/// Printable text of fixed length without spaces or quotes; the empty fingerprint too.
std::string to_text(const SliceFingerprint& fingerprint);
/// Nothing when the text is not one that to_text of this version writes.
std::optional<SliceFingerprint> fingerprint_from_text(std::string_view text);

}  // namespace reconproof::challenge
