// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Other views of the same slice for training: what a scanner could have measured had the head lain
// otherwise, or had it been told another acceleration. The label changes with the image, exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "baseline/data/volume.h"

namespace reconproof::baseline {

struct AugmentOptions {
  bool flips = false;  // mirrored up and down, left and right, each half of the time
  bool turns = false;  // by 0, 90, 180 or 270 degrees, equally often
  std::vector<int64_t> accelerations =
      {};  // sampled anew with one of these; empty: the file's mask
  bool any() const { return flips || turns || !accelerations.empty(); }
};

/// What happens to one slice in one epoch.
struct AugmentDraw {
  bool flip_rows = false, flip_columns = false;
  bool transpose = false;                    // before the flips: with one of them, a quarter turn
  std::optional<int64_t> acceleration = {};  // of a new mask
};

/// A function of seed, epoch and the slice's index alone: what is drawn for one slice does not
/// depend on threads, on order, or on where a training was interrupted.
AugmentDraw draw_augmentation(const AugmentOptions& options, uint64_t seed, int64_t epoch,
                              int64_t index);

/// Applies it to a sample whose k-space is as the file holds it, and masks the result.
///
/// Flips mirror about the centre of the label's frame, so that the label's crop is the crop of the
/// mirrored image; along an axis where the frame does not lie in the middle of a smaller image
/// (their difference is odd) there is no such flip, and none is made. A file that holds the columns
/// of its mask alone can be flipped. Turns and new masks need complete k-space: kCorrupt, naming
/// the file. A new mask is the challenge's for that acceleration and width
/// (challenge/dataset/sampling_mask.h); a turned slice of another width keeps its acceleration and
/// its share of centre columns.
void augment(Sample& sample, const AugmentDraw& draw, const ImageGeometry& geometry);

}  // namespace reconproof::baseline
