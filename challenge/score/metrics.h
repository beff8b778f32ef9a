// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// From one volume's pixels to its numbers, and from all volumes' numbers to the score.
#pragma once

#include <string>
#include <vector>

#include "challenge/score/score.h"
#include "challenge/score/volumes.h"

namespace reconproof::challenge {

/// What the edition's metric says of one slice, with its mask where it has one; nothing where the
/// slice does not count.
std::optional<double> slice_ssim(Metric metric, const ImageView& recon, const ImageView& label,
                                 double data_range, const MaskView& mask);

/// Of what lies in a box, clipped to the image, without a mask (2026); nothing where less than a
/// window is left.
std::optional<double> box_ssim(const ImageView& recon, const ImageView& label, const Box& box,
                               double data_range);

/// Adds up what an edition's metric says of one volume, slice after slice.
class VolumeMeter {
 public:
  VolumeMeter(const Edition& edition, const ExpectedVolume& volume, LabelVolume& label);
  void add(int64_t slice, const ImageView& recon, const ImageView& label);
  VolumeScore finish();

 private:
  void add_masked(const ImageView& recon, const ImageView& label);
  void add_boxes(int64_t slice, const ImageView& recon, const ImageView& label);
  void add_unmasked(const ImageView& recon, const ImageView& label);

  const Edition& edition_;
  const ExpectedVolume& volume_;
  const LabelVolume& label_;
  VolumeScore score_;
  std::vector<uint8_t> mask_;
  // Of the metric kVolume, over the whole volume.
  double range_ = 0, squared_error_ = 0, squared_label_ = 0;
  int64_t pixels_ = 0;
};

/// The items of the edition, over volumes in the official order. Needs at least one volume in each
/// cell. With times for every cell, those of the speed term too.
std::vector<ScoreItem> score_items(const Edition& edition, const std::vector<VolumeScore>& volumes,
                                   const std::map<std::string, double>& ms_per_slice);

/// The mean time over all slices: cells weigh as many slices as they have.
double mean_ms_per_slice(const std::vector<VolumeScore>& volumes,
                         const std::map<std::string, double>& ms_per_slice);

}  // namespace reconproof::challenge
