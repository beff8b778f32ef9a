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

/// Files in the folders of reconstructions that no label demands. Hidden ones, such as a .DS_Store,
/// the official script does not see either.
std::vector<std::filesystem::path> extra_files(const Edition& edition,
                                               const std::vector<ExpectedVolume>& expected,
                                               const std::filesystem::path& recon);

/// A rectangle that an expert marked, in pixels of the label (2026: attribute `annotations`).
struct Box {
  int64_t x = 0, y = 0, width = 0, height = 0;
  std::string label;  // what the expert saw, as written; empty where nothing is said
};

/// The middle `size` x `size` pixels: of labels of no fixed size, fastMRI's evaluate.py scores the
/// square of their width.
ImageView middle_square(const ImageView& image, int64_t size);

/// A data set (slices, height, width) that is read slice by slice: no volume is ever held as a
/// whole.
class SliceReader {
 public:
  SliceReader(std::unique_ptr<formats::Hdf5Reader> reader, std::string dataset);

  const formats::Hdf5Reader& file() const { return *reader_; }
  const formats::DatasetInfo& info() const { return info_; }
  int64_t slices() const { return info_.shape[0]; }
  int64_t height() const { return info_.shape[1]; }
  int64_t width() const { return info_.shape[2]; }
  /// Valid until the next call.
  ImageView slice(int64_t index);

 private:
  std::unique_ptr<formats::Hdf5Reader> reader_;
  std::string dataset_;
  formats::DatasetInfo info_;
  std::vector<float> pixels_;
};

/// Labels come from the organiser: kCorrupt, with file and place, for whatever is wrong with them.
class LabelVolume {
 public:
  LabelVolume(const Edition& edition, const std::filesystem::path& path);

  int64_t slices() const { return images_.slices(); }
  int64_t height() const { return images_.height(); }
  int64_t width() const { return images_.width(); }
  double max() const { return max_; }  // attribute `max`; 0 where the metric needs none
  /// The largest value of all that is scored: what a validation takes for the range. Reads every
  /// slice.
  double largest_value();
  /// None where the metric needs none.
  const std::vector<Box>& boxes(int64_t slice) const { return boxes_[static_cast<size_t>(slice)]; }
  const formats::Hdf5Reader& file() const { return images_.file(); }
  /// Valid until the next call.
  ImageView slice(int64_t index);

 private:
  SliceReader images_;
  double max_ = 0;
  std::vector<std::vector<Box>> boxes_;
};

/// The float data set of a reconstruction. kCorrupt, kNotFound where it is unreadable, no float, or
/// does not fit the label.
SliceReader open_reconstruction(const Edition& edition, const std::filesystem::path& path,
                                const std::string& dataset, const LabelVolume& label);

}  // namespace reconproof::challenge
