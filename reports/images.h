// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The slices that a report shows: of each cell the worst, the median and the best one, and the
// whole volume of the worst one to leaf through; input, result and label side by side on one grey
// scale, where the result is wrong, and where the score is lost.
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
/// The map of the SSIM is black where it is 1, and brightest here and below.
inline constexpr double kDarkestSsim = 0.5;
/// What the pictures of a report may take together; base64 makes 13.3 MB of it.
inline constexpr int64_t kMostPictureBytes = 10'000'000;

/// A sentence of texts/*.toml with its values: something that could not be shown, and why.
struct Note {
  std::string key;
  Values values;
};

/// kWorstBox: that of the worst box, where it is none of the others; kNeighbour: of kWorst.
enum class SliceRole { kWorst, kMedian, kBest, kWorstBox, kOnly, kNeighbour };

/// PNG files of one size, all 8 bits: grey with white at SliceImages::window, maps in colour.
struct SlicePictures {
  std::string label, reconstruction;
  std::string input;  // empty when the data has no zero-filled image
  std::string error;  // absolute, 0 outside the scored foreground; bright: window / kErrorGain
  std::string ssim;   // bright: kDarkestSsim
};

/// An expert's box in pixels of the pictures; clipped to them.
struct ShownBox {
  int64_t left = 0, top = 0, width = 0, height = 0;
  std::string label;           // as written in the data
  std::optional<double> ssim;  // nothing: too small to count
};

/// One slice, cropped to what its volume shows.
struct SliceImages {
  std::string cell, volume;
  int64_t slice = 0, volume_slices = 0;  // counted from 0; of the whole volume
  SliceRole role = SliceRole::kWorst;
  std::optional<double> ssim;  // nothing: the slice does not count
  std::optional<double> zero_filled_ssim, other_ssim;
  double mean_error_percent = 0;  // of white, inside the foreground
  int64_t height = 0, width = 0;
  double window = 1;      // this value, in units of the data, is white
  double full_scale = 1;  // that of kHighestLevel (layers.h) in the layers
  bool has_input = false, has_other = false;
  SlicePictures pictures;  // of no kNeighbour
  std::vector<ShownBox> boxes;
  /// For a viewer (layers.h): label, reconstruction, input and the other reconstruction where they
  /// are there, foreground (0 or 1), the SSIM's levels as in the pictures, those of the other one.
  std::string layers;
};

struct ImageSources {
  std::filesystem::path labels;                // the leaderboard folder
  std::filesystem::path recon;                 // <cell>/*.h5
  std::optional<std::filesystem::path> other;  // another run's reconstructions, laid out alike
};

/// Cell by cell: worst, median, best, worst box, then the worst one's neighbours in order. As many
/// of these as `most_bytes` allows, evenly chosen. What is missing becomes a note; what is
/// malformed throws kCorrupt, for the slices were readable when they were scored. Holds one slice
/// at a time.
std::vector<SliceImages> load_images(const challenge::Edition& edition, const ImageSources& sources,
                                     const challenge::ScoreResult& score,
                                     const challenge::ScoreResult* zero_filled,
                                     std::vector<Note>& notes,
                                     int64_t most_bytes = kMostPictureBytes);

}  // namespace reconproof::reports
