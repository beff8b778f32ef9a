// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/volume_pictures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "challenge/dataset/folder.h"
#include "challenge/score/foreground.h"
#include "challenge/score/metrics.h"
#include "challenge/score/official_ssim.h"
#include "reports/layers.h"
#include "reports/png.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

using challenge::ImageView;
using challenge::LabelVolume;
using challenge::MaskView;
using challenge::Metric;

constexpr int64_t kMargin = 6;          // pixels kept around the foreground
constexpr double kWindowShare = 0.998;  // this share of the foreground is not clipped to white
constexpr int64_t kSampled = 7;         // every seventh pixel is enough for the window
// Brighter pixels than this many windows are clipped in the layers too: one of them may not take
// the steps of all others.
constexpr double kMostWindows = 4;

/// A copy of the square that is scored: the middle one, where the image is higher than wide.
std::vector<float> scored_pixels(const ImageView& image, int64_t size) {
  const ImageView square = challenge::middle_square(image, size);
  std::vector<float> pixels;
  pixels.reserve(static_cast<size_t>(size * size));
  for (int64_t y = 0; y < size; ++y)
    pixels.insert(pixels.end(), square.row(y), square.row(y) + size);
  return pixels;
}

double value_at_share(std::vector<float>& values, double share) {
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

double mean_inside(const std::vector<float>& values, const std::vector<uint8_t>& mask) {
  double sum = 0;
  int64_t count = 0;
  for (size_t i = 0; i < values.size(); ++i)
    if (mask[i]) sum += values[i], ++count;
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

std::optional<double> if_finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// 0 where the map is 1, 255 at kDarkestSsim and below.
std::string ssim_levels(std::vector<float> map) {
  for (float& value : map) value = 1 - value;
  return to_levels(map, 1 - kDarkestSsim);
}

}  // namespace

struct VolumePictures::Slice {
  std::vector<float> label, recon, input, other;  // [size_, size_]; empty where there is none
  std::vector<uint8_t> mask;
  std::vector<float> error, ssim;  // of `recon`
};

VolumePictures::VolumePictures(const challenge::Edition& edition, const std::string& volume,
                               const VolumeFiles& files)
    : edition_(edition),
      labels_(edition, files.label),
      recons_(challenge::open_reconstruction(edition, files.recon, challenge::kReconstructionSet,
                                             labels_)),
      size_(labels_.width()) {
  if (const challenge::Anatomy* anatomy = edition.anatomy_of(volume))
    mask_threshold_ = anatomy->mask_threshold;
  if (labels_.file().info().datasets.contains(challenge::kInputSet)) {
    inputs_.emplace(
        challenge::open_reconstruction(edition, files.label, challenge::kInputSet, labels_));
  }
  if (files.other) {
    others_.emplace(challenge::open_reconstruction(edition, *files.other,
                                                   challenge::kReconstructionSet, labels_));
  }
  data_range_ = edition.score.metric == Metric::kVolume ? labels_.largest_value() : labels_.max();
  frame_ = find_frame();
}

std::vector<uint8_t> VolumePictures::foreground(const std::vector<float>& label) const {
  return challenge::foreground_mask(label, size_, size_, mask_threshold_);
}

/// The foreground of all slices with a margin, or the whole picture when there is none; and what is
/// white: a few bright vessels may not darken the rest.
VolumePictures::Frame VolumePictures::find_frame() {
  int64_t top = size_, bottom = -1, left = size_, right = -1;
  float brightest = 0;
  std::vector<float> inside, all;
  for (int64_t index = 0; index < slices(); ++index) {
    const std::vector<float> label = scored_pixels(labels_.slice(index), size_);
    const std::vector<uint8_t> mask = foreground(label);
    brightest = std::max(brightest, *std::ranges::max_element(label));
    for (int64_t i = 0; i < size_ * size_; ++i) {
      const auto at = static_cast<size_t>(i);
      if (i % kSampled == 0) (mask[at] ? inside : all).push_back(label[at]);
      if (!mask[at]) continue;
      top = std::min(top, i / size_), bottom = std::max(bottom, i / size_);
      left = std::min(left, i % size_), right = std::max(right, i % size_);
    }
  }
  Frame frame;
  frame.crop = {0, 0, size_, size_};
  if (bottom >= 0) {
    top = std::max<int64_t>(0, top - kMargin), left = std::max<int64_t>(0, left - kMargin);
    bottom = std::min(size_ - 1, bottom + kMargin), right = std::min(size_ - 1, right + kMargin);
    frame.crop = {top, left, bottom - top + 1, right - left + 1};
  }
  const double white = value_at_share(inside.empty() ? all : inside, kWindowShare);
  if (white > 0) frame.window = white;
  frame.full_scale = std::clamp<double>(brightest, frame.window, kMostWindows * frame.window);
  return frame;
}

template <typename T>
std::vector<T> VolumePictures::cropped(const std::vector<T>& pixels) const {
  const Crop& crop = frame_.crop;
  std::vector<T> part;
  if (pixels.empty()) return part;
  part.reserve(static_cast<size_t>(crop.height * crop.width));
  for (int64_t y = crop.top; y < crop.top + crop.height; ++y) {
    const auto row = pixels.begin() + y * size_ + crop.left;
    part.insert(part.end(), row, row + crop.width);
  }
  return part;
}

/// What the edition's metric takes the mean of. NYU's is computed in other steps, which differ by
/// less than a picture shows.
std::vector<float> VolumePictures::ssim_map(const Slice& slice,
                                            const std::vector<float>& image) const {
  const bool masked = edition_.score.metric != Metric::kVolume;
  std::vector<float> map = challenge::official_ssim_map(
      {image.data(), size_, size_, size_}, {slice.label.data(), size_, size_, size_}, data_range_,
      masked ? MaskView{slice.mask.data(), size_, size_, size_} : MaskView{});
  if (edition_.score.metric == Metric::kMaskAndBoxes) {
    for (size_t i = 0; i < map.size(); ++i)
      if (!slice.mask[i]) map[i] = std::numeric_limits<float>::quiet_NaN();
  }
  return map;
}

std::vector<ShownBox> VolumePictures::boxes(int64_t index, const Slice& slice) const {
  const Crop& crop = frame_.crop;
  std::vector<ShownBox> shown;
  for (const challenge::Box& box : labels_.boxes(index)) {
    const int64_t left = std::max<int64_t>(0, box.x - crop.left),
                  top = std::max<int64_t>(0, box.y - crop.top);
    const int64_t right = std::min(crop.width, box.x + box.width - crop.left),
                  bottom = std::min(crop.height, box.y + box.height - crop.top);
    if (right <= left || bottom <= top) continue;
    const std::optional<double> ssim =
        challenge::box_ssim({slice.recon.data(), size_, size_, size_},
                            {slice.label.data(), size_, size_, size_}, box, data_range_);
    shown.push_back({left, top, right - left, bottom - top, box.label, if_finite(ssim)});
  }
  return shown;
}

SlicePictures VolumePictures::pictures(const Slice& slice) const {
  const auto grey = [&](const std::vector<float>& pixels) {
    if (pixels.empty()) return std::string();
    return png_grey(to_levels(cropped(pixels), frame_.window), frame_.crop.height,
                    frame_.crop.width);
  };
  const auto map = [&](const std::string& levels) {
    return png_error_map(levels, frame_.crop.height, frame_.crop.width);
  };
  return {grey(slice.label), grey(slice.recon), grey(slice.input),
          map(to_levels(cropped(slice.error), frame_.window / kErrorGain)),
          map(ssim_levels(cropped(slice.ssim)))};
}

std::string VolumePictures::layers(const Slice& slice) const {
  std::vector<Layer> layers;
  const auto add_bytes = [&](const auto& bytes) {
    Layer& layer = layers.emplace_back();
    for (const auto byte : bytes) layer.push_back(static_cast<uint8_t>(byte));
  };
  for (const auto* pixels : {&slice.label, &slice.recon, &slice.input, &slice.other})
    if (!pixels->empty()) layers.push_back(image_layer(cropped(*pixels), frame_.full_scale));
  add_bytes(cropped(slice.mask));
  add_bytes(ssim_levels(cropped(slice.ssim)));
  if (!slice.other.empty()) add_bytes(ssim_levels(cropped(ssim_map(slice, slice.other))));
  return pack_layers(layers, frame_.crop.width);
}

SliceImages VolumePictures::read(int64_t index, bool with_pictures) {
  if (index >= slices()) {
    system::fail(system::Code::kCorrupt,
                 "{}: has {} slices, and slice {} was scored; run `reconproof check` again",
                 labels_.file().path().string(), slices(), index);
  }
  Slice slice;
  slice.label = scored_pixels(labels_.slice(index), size_);
  slice.recon = scored_pixels(recons_.slice(index), size_);
  if (inputs_) slice.input = scored_pixels(inputs_->slice(index), size_);
  if (others_) slice.other = scored_pixels(others_->slice(index), size_);
  slice.mask = foreground(slice.label);
  slice.error.resize(slice.label.size());
  for (size_t i = 0; i < slice.error.size(); ++i)
    if (slice.mask[i]) slice.error[i] = std::fabs(slice.recon[i] - slice.label[i]);
  slice.ssim = ssim_map(slice, slice.recon);

  SliceImages images;
  images.slice = index;
  images.volume_slices = slices();
  images.height = frame_.crop.height;
  images.width = frame_.crop.width;
  images.window = frame_.window;
  images.full_scale = frame_.full_scale;
  images.mean_error_percent = 100 * mean_inside(slice.error, slice.mask) / frame_.window;
  images.has_input = inputs_.has_value();
  images.has_other = others_.has_value();
  if (others_) {
    images.other_ssim = if_finite(
        challenge::slice_ssim(edition_.score.metric, {slice.other.data(), size_, size_, size_},
                              {slice.label.data(), size_, size_, size_}, data_range_,
                              {slice.mask.data(), size_, size_, size_}));
  }
  images.boxes = boxes(index, slice);
  if (with_pictures) images.pictures = pictures(slice);
  images.layers = layers(slice);
  return images;
}

}  // namespace reconproof::reports
