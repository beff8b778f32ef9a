// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The pictures of one volume's slices, which share crop and window: who leaves through them sees
// what changes, not how it is shown.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "challenge/edition.h"
#include "challenge/score/volumes.h"
#include "reports/images.h"

namespace reconproof::reports {

struct VolumeFiles {
  std::filesystem::path label, recon;
  std::optional<std::filesystem::path> other;
};

class VolumePictures {
 public:
  /// Reads every label once, for crop and window. `volume`: the file's name.
  VolumePictures(const challenge::Edition& edition, const std::string& volume,
                 const VolumeFiles& files);

  int64_t slices() const { return labels_.slices(); }
  /// All of SliceImages but cell, volume, role and what the check scored.
  SliceImages read(int64_t slice, bool with_pictures);

 private:
  struct Crop {
    int64_t top = 0, left = 0, height = 0, width = 0;
  };
  struct Frame {
    Crop crop;
    double window = 1, full_scale = 1;
  };
  struct Slice;  // the pixels that are scored

  Frame find_frame();
  std::vector<uint8_t> foreground(const std::vector<float>& label) const;
  std::vector<float> ssim_map(const Slice& slice, const std::vector<float>& image) const;
  template <typename T>
  std::vector<T> cropped(const std::vector<T>& pixels) const;
  std::vector<ShownBox> boxes(int64_t index, const Slice& slice) const;
  SlicePictures pictures(const Slice& slice) const;
  std::string layers(const Slice& slice) const;

  const challenge::Edition& edition_;
  double mask_threshold_ = 0;
  challenge::LabelVolume labels_;
  challenge::SliceReader recons_;
  std::optional<challenge::SliceReader> inputs_, others_;
  int64_t size_ = 0;       // side of the square that is scored
  double data_range_ = 0;  // of the SSIM
  Frame frame_;
};

}  // namespace reconproof::reports
