// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/metrics.h"

#include <algorithm>
#include <cmath>

#include "challenge/score/foreground.h"
#include "challenge/score/official_ssim.h"
#include "challenge/score/ssim.h"
#include "system/error.h"

namespace reconproof::challenge {
namespace {

/// A mean as the official scripts take it: a sum in the order of the volumes, divided. NumPy 1 adds
/// up in float64; under NumPy 2 the sum stays what its summands are, float32.
class Mean {
 public:
  void add(double value) {
    sum_ += value;
    narrow_sum_ += static_cast<float>(value);
    ++count_;
  }
  int64_t count() const { return count_; }
  /// The official script gives 0 where nothing counted.
  double value() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  float narrow_value() const { return count_ == 0 ? 0 : narrow_sum_ / static_cast<float>(count_); }

 private:
  double sum_ = 0;
  float narrow_sum_ = 0;
  int64_t count_ = 0;
};

/// Means of one kind of number, cell by cell.
using CellMeans = std::vector<Mean>;

template <typename Add>
CellMeans cell_means(const Edition& edition, const std::vector<VolumeScore>& volumes, Add&& add) {
  CellMeans means(edition.cells.size());
  for (size_t i = 0; i < means.size(); ++i) {
    for (const VolumeScore& volume : volumes)
      if (volume.cell == edition.cells[i].name) add(volume, means[i]);
  }
  return means;
}

double mean_of(const CellMeans& means) {
  double sum = 0;
  for (const Mean& mean : means) sum += mean.value();
  return sum / static_cast<double>(means.size());
}

float narrow_mean_of(const CellMeans& means) {
  float sum = 0;
  for (const Mean& mean : means) sum += mean.narrow_value();
  return sum / static_cast<float>(means.size());
}

ScoreItem make_item(const Edition& edition, const std::string& name, double value) {
  return {name, value, edition.score.printed(value), "", std::nullopt};
}

/// The mean of the cells under `name`, then each cell under `prefix` and its own name.
void add_items(const Edition& edition, const std::string& name, const std::string& prefix,
               const CellMeans& means, std::vector<ScoreItem>& items) {
  items.push_back(make_item(edition, name, mean_of(means)));
  for (size_t i = 0; i < means.size(); ++i) {
    const std::string& cell = edition.cells[i].name;
    if (!cell.empty()) items.push_back(make_item(edition, prefix + cell, means[i].value()));
  }
}

void add_slices(const VolumeScore& volume, Mean& mean) {
  for (const std::optional<double>& slice : volume.slices)
    if (slice) mean.add(*slice);
}

/// 2021 to 2025. The script adds up NumPy float32 scalars: only here does NumPy's version count.
void add_masked_items(const Edition& edition, const std::vector<VolumeScore>& volumes,
                      std::vector<ScoreItem>& items) {
  const CellMeans means = cell_means(edition, volumes, add_slices);
  add_items(edition, "total", "", means, items);
  items.front().printed_numpy2 = edition.score.printed(narrow_mean_of(means));
  for (size_t i = 1; i < items.size(); ++i)
    items[i].printed_numpy2 = edition.score.printed(means[i - 1].narrow_value());
}

double speed_bonus(const SpeedTerm& speed, double ms) {
  return speed.bonus * std::clamp((speed.none_ms - ms) / (speed.none_ms - speed.full_ms), 0.0, 1.0);
}

/// 2026. The script adds up Python floats.
void add_mask_and_box_items(const Edition& edition, const std::vector<VolumeScore>& volumes,
                            const std::map<std::string, double>& ms_per_slice,
                            std::vector<ScoreItem>& items) {
  const CellMeans full = cell_means(edition, volumes, add_slices);
  const CellMeans boxes = cell_means(edition, volumes, [](const VolumeScore& volume, Mean& mean) {
    for (const BoxScore& box : volume.boxes)
      if (box.value) mean.add(*box.value);
  });
  add_items(edition, "ssim_full", "ssim_full_", full, items);
  add_items(edition, "ssim_bbox", "ssim_bbox_", boxes, items);
  if (!edition.score.speed || ms_per_slice.empty()) return;
  const double ms = mean_ms_per_slice(volumes, ms_per_slice);
  items.push_back(make_item(
      edition, "score",
      0.5 * mean_of(full) + 0.5 * mean_of(boxes) + speed_bonus(*edition.score.speed, ms)));
}

/// fastMRI's evaluate.py: every volume weighs the same; the spread is twice the standard deviation.
void add_volume_items(const Edition& edition, const std::vector<VolumeScore>& volumes,
                      std::vector<ScoreItem>& items) {
  for (const char* name : {"mse", "nmse", "psnr", "ssim"}) {
    Mean all;
    for (const VolumeScore& volume : volumes) all.add(volume.values.at(name));
    double squares = 0;
    for (const VolumeScore& volume : volumes)
      squares += std::pow(volume.values.at(name) - all.value(), 2);
    items.push_back(make_item(edition, name, all.value()));
    if (all.count() > 1)
      items.back().spread = 2 * std::sqrt(squares / static_cast<double>(all.count() - 1));
    for (const Cell& cell : edition.cells) {
      if (cell.name.empty()) continue;
      Mean mean;
      for (const VolumeScore& volume : volumes)
        if (volume.cell == cell.name) mean.add(volume.values.at(name));
      items.push_back(make_item(edition, name + ("_" + cell.name), mean.value()));
    }
  }
}

}  // namespace

std::optional<double> slice_ssim(Metric metric, const ImageView& recon, const ImageView& label,
                                 double data_range, const MaskView& mask) {
  switch (metric) {
    case Metric::kMaskedMap:
      return official_ssim(recon, label, data_range, mask);
    case Metric::kMaskAndBoxes:
      return official_ssim_inside(recon, label, data_range, mask);
    case Metric::kVolume:
      break;
  }
  return mean_ssim(recon, label, data_range);
}

std::optional<double> box_ssim(const ImageView& recon, const ImageView& label, const Box& box,
                               double data_range) {
  const int64_t left = std::max<int64_t>(0, box.x), top = std::max<int64_t>(0, box.y);
  const int64_t width = std::min(label.width, box.x + box.width) - left;
  const int64_t height = std::min(label.height, box.y + box.height) - top;
  if (width < kSsimWindow || height < kSsimWindow) return std::nullopt;
  return official_ssim(recon.crop(top, left, height, width), label.crop(top, left, height, width),
                       data_range);
}

VolumeMeter::VolumeMeter(const Edition& edition, const ExpectedVolume& volume, LabelVolume& label)
    : edition_(edition), volume_(volume), label_(label) {
  score_.cell = volume.cell;
  score_.volume = volume.name;
  if (edition.score.metric != Metric::kVolume) {
    mask_.resize(static_cast<size_t>(label.height() * label.width()));
    return;
  }
  range_ = label.largest_value();
}

void VolumeMeter::add(int64_t slice, const ImageView& recon, const ImageView& label) {
  RP_ASSERT(slice == std::ssize(score_.slices));
  if (edition_.score.metric == Metric::kVolume) {
    add_unmasked(middle_square(recon, label.width), middle_square(label, label.width));
    return;
  }
  add_masked(recon, label);
  if (edition_.score.metric == Metric::kMaskAndBoxes) add_boxes(slice, recon, label);
}

void VolumeMeter::add_masked(const ImageView& recon, const ImageView& label) {
  foreground_mask({label.pixels, mask_.size()}, label.height, label.width,
                  volume_.anatomy->mask_threshold, mask_);
  const MaskView mask{mask_.data(), label.height, label.width, label.width};
  score_.slices.push_back(slice_ssim(edition_.score.metric, recon, label, label_.max(), mask));
}

void VolumeMeter::add_boxes(int64_t slice, const ImageView& recon, const ImageView& label) {
  for (int64_t i = 0; const Box& box : label_.boxes(slice))
    score_.boxes.push_back({slice, i++, box_ssim(recon, label, box, label_.max())});
}

void VolumeMeter::add_unmasked(const ImageView& recon, const ImageView& label) {
  for (int64_t y = 0; y < label.height; ++y) {
    const float *a = label.row(y), *b = recon.row(y);
    for (int64_t x = 0; x < label.width; ++x) {
      // NumPy subtracts and squares in float32; the sums it takes are more exact.
      const float difference = a[x] - b[x];
      squared_error_ += difference * difference;
      squared_label_ += static_cast<double>(a[x]) * a[x];
    }
  }
  pixels_ += label.height * label.width;
  score_.slices.push_back(slice_ssim(Metric::kVolume, recon, label, range_, {}));
}

VolumeScore VolumeMeter::finish() {
  if (edition_.score.metric == Metric::kVolume) {
    Mean ssim;
    add_slices(score_, ssim);
    const double mse = squared_error_ / static_cast<double>(pixels_);
    score_.values = {{"mse", mse},
                     {"nmse", squared_error_ / squared_label_},
                     {"psnr", 10 * std::log10(range_ * range_ / mse)},
                     {"ssim", ssim.value()}};
  }
  return std::move(score_);
}

std::vector<ScoreItem> score_items(const Edition& edition, const std::vector<VolumeScore>& volumes,
                                   const std::map<std::string, double>& ms_per_slice) {
  std::vector<ScoreItem> items;
  switch (edition.score.metric) {
    case Metric::kMaskedMap:
      add_masked_items(edition, volumes, items);
      break;
    case Metric::kMaskAndBoxes:
      add_mask_and_box_items(edition, volumes, ms_per_slice, items);
      break;
    case Metric::kVolume:
      add_volume_items(edition, volumes, items);
      break;
  }
  return items;
}

double mean_ms_per_slice(const std::vector<VolumeScore>& volumes,
                         const std::map<std::string, double>& ms_per_slice) {
  double ms = 0, slices = 0;
  for (const VolumeScore& volume : volumes) {
    ms += ms_per_slice.at(volume.cell) * static_cast<double>(volume.slices.size());
    slices += static_cast<double>(volume.slices.size());
  }
  return ms / slices;
}

}  // namespace reconproof::challenge
