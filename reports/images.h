// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The slices that a report shows: of each cell the worst one and the median one, input, result and
// label side by side on one grey scale, and where the result is wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "challenge/score/score.h"
#include "reports/text.h"

namespace reconproof::reports {

/// Errors are shown this many times brighter than images.
inline constexpr double kErrorGain = 5;

/// A sentence of texts/*.toml with its values: something that could not be shown, and why.
struct Note {
  std::string key;
  Values values;
};

enum class SliceRole { kWorst, kMedian, kOnly };

/// One slice, cropped to what is not empty. All pictures are [height, width] float32 in units of
/// the data.
struct SliceImages {
  std::string cell, volume;
  int64_t slice = 0;
  SliceRole role = SliceRole::kWorst;
  double ssim = 0;
  std::optional<double> zero_filled_ssim;
  int64_t height = 0, width = 0;
  std::vector<float> label, reconstruction,
      error;                 // error: absolute, 0 outside the scored foreground
  std::vector<float> input;  // empty when the data has no zero-filled image
  double window = 1;         // this value is white
};

/// `labels`: the leaderboard folder; `recon`: <cell>/*.h5. What is missing becomes a note; what is
/// malformed throws kCorrupt, for the slices were readable when they were scored.
std::vector<SliceImages> load_images(const challenge::Edition& edition,
                                     const std::filesystem::path& labels,
                                     const std::filesystem::path& recon,
                                     const challenge::ScoreResult& score,
                                     const challenge::ScoreResult* zero_filled,
                                     std::vector<Note>& notes);

}  // namespace reconproof::reports
