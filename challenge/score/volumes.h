// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The files that are scored: which volumes an edition expects, their labels and reconstructions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "challenge/score/ssim.h"
#include "formats/hdf5.h"

namespace reconproof::challenge {

/// A volume that labels demand, and where its reconstruction should be.
struct ExpectedVolume {
  std::string cell, name;
  std::filesystem::path label, recon;
  const Anatomy* anatomy = nullptr;
};

/// All volumes of the labels, cell by cell in the order in which the official script adds them up.
/// kNotFound where a cell has none, kCorrupt for a name whose anatomy is not known.
std::vector<ExpectedVolume> expected_volumes(const Edition& edition,
                                             const std::filesystem::path& labels,
                                             const std::filesystem::path& recon);

/// Whether the labels are as many, and named, as those of the public leaderboard; false when the
/// edition does not know them.
bool is_official_set(const Edition& edition, const std::vector<ExpectedVolume>& expected);

/// Files in the folders of reconstructions that no label demands.
std::vector<std::filesystem::path> extra_files(const Edition& edition,
                                               const std::vector<ExpectedVolume>& expected,
                                               const std::filesystem::path& recon);

/// A rectangle that an expert marked, in pixels of the label (2026: attribute `annotations`).
struct Box {
  int64_t x = 0, y = 0, width = 0, height = 0;
};

struct LabelVolume {
  std::vector<float> pixels;  // (slices, height, width)
  int64_t slices = 0, height = 0, width = 0;
  double max = 0;                       // attribute `max`; 0 where the metric needs none
  std::vector<std::vector<Box>> boxes;  // of each slice; empty where the metric needs none

  ImageView slice(int64_t index) const;
};

/// Labels come from the organiser: kCorrupt, with file and place, for whatever is wrong with them.
LabelVolume read_label(const Edition& edition, const std::filesystem::path& path);

/// The float data set of a reconstruction, read a few slices at a time: (slices, height, width).
class ReconVolume {
 public:
  /// kCorrupt, kNotFound where it is unreadable, no float, or does not fit the label.
  ReconVolume(const Edition& edition, const std::filesystem::path& path, const std::string& dataset,
              const LabelVolume& label);
  /// "float16" where it is not float32, else "".
  std::string other_type() const;
  /// Calls `use(index, image)` for every slice in turn.
  void for_each_slice(const std::function<void(int64_t, const ImageView&)>& use);

 private:
  std::string dataset_;
  std::unique_ptr<formats::Hdf5Reader> reader_;
  formats::Shape shape_;
};

}  // namespace reconproof::challenge
