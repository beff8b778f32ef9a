// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/images.h"

#include <algorithm>
#include <cmath>

#include "challenge/dataset/folder.h"
#include "challenge/score/foreground.h"
#include "challenge/score/volumes.h"
#include "formats/hdf5.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using challenge::Edition;
using challenge::ScoreResult;
using challenge::VolumeScore;
using system::Code;
using system::fail;

constexpr int64_t kMargin = 6;          // pixels kept around the foreground
constexpr double kWindowShare = 0.998;  // this share of the foreground is not clipped to white

struct Choice {
  const VolumeScore* volume = nullptr;
  int64_t slice = 0;
  double ssim = 0;
  SliceRole role = SliceRole::kWorst;
};

/// The worst and the (lower) median slice of a cell.
std::vector<Choice> choose_slices(const ScoreResult& score, const std::string& cell) {
  std::vector<Choice> all;
  for (const VolumeScore& volume : score.volumes) {
    if (volume.cell != cell) continue;
    for (size_t i = 0; i < volume.slices.size(); ++i) {
      if (!volume.slices[i]) continue;
      all.push_back({&volume, static_cast<int64_t>(i), *volume.slices[i], SliceRole::kOnly});
    }
  }
  if (all.size() < 2) return all;
  std::stable_sort(all.begin(), all.end(),
                   [](const Choice& a, const Choice& b) { return a.ssim < b.ssim; });
  Choice worst = all.front(), median = all[(all.size() - 1) / 2];
  worst.role = SliceRole::kWorst;
  median.role = SliceRole::kMedian;
  if (all.size() == 2)
    median = all.back(), median.role = SliceRole::kMedian;  // else it were the worst again
  return {worst, median};
}

/// A copy of the square that is scored: the middle one, where the image is higher than wide.
std::vector<float> scored_pixels(const challenge::ImageView& image, int64_t size) {
  const challenge::ImageView square = challenge::middle_square(image, size);
  std::vector<float> pixels;
  pixels.reserve(static_cast<size_t>(size * size));
  for (int64_t y = 0; y < size; ++y)
    pixels.insert(pixels.end(), square.row(y), square.row(y) + size);
  return pixels;
}

struct Box {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

/// The foreground with a margin; the whole picture when there is none.
Box crop_box(const std::vector<uint8_t>& mask, int64_t size) {
  int64_t top = size, bottom = -1, left = size, right = -1;
  for (int64_t y = 0; y < size; ++y) {
    for (int64_t x = 0; x < size; ++x) {
      if (!mask[static_cast<size_t>(y * size + x)]) continue;
      top = std::min(top, y), bottom = std::max(bottom, y);
      left = std::min(left, x), right = std::max(right, x);
    }
  }
  if (bottom < 0) return {0, 0, size, size};
  top = std::max<int64_t>(0, top - kMargin), left = std::max<int64_t>(0, left - kMargin);
  bottom = std::min(size - 1, bottom + kMargin), right = std::min(size - 1, right + kMargin);
  return {top, left, bottom - top + 1, right - left + 1};
}

std::vector<float> crop(const std::vector<float>& pixels, const Box& box, int64_t size) {
  std::vector<float> part;
  part.reserve(static_cast<size_t>(box.height * box.width));
  for (int64_t y = box.top; y < box.top + box.height; ++y) {
    const auto row = pixels.begin() + y * size + box.left;
    part.insert(part.end(), row, row + box.width);
  }
  return part;
}

/// One window for all pictures of a slice, from its label: a few bright vessels may not darken the
/// rest.
double grey_window(const std::vector<float>& label, const std::vector<uint8_t>& mask) {
  std::vector<float> inside;
  for (size_t i = 0; i < label.size(); ++i) {
    if (mask[i] && std::isfinite(label[i])) inside.push_back(label[i]);
  }
  if (inside.empty()) {
    std::copy_if(label.begin(), label.end(), std::back_inserter(inside),
                 [](float v) { return std::isfinite(v); });
  }
  if (inside.empty()) return 1;
  const auto place = inside.begin() + static_cast<std::ptrdiff_t>(
                                          kWindowShare * static_cast<double>(inside.size() - 1));
  std::nth_element(inside.begin(), place, inside.end());
  return *place > 0 ? *place : 1;
}

std::optional<double> slice_score(const ScoreResult* score, const Choice& choice) {
  if (!score) return std::nullopt;
  for (const VolumeScore& volume : score->volumes) {
    if (volume.cell != choice.volume->cell || volume.volume != choice.volume->volume) continue;
    if (choice.slice < static_cast<int64_t>(volume.slices.size())) {
      return volume.slices[static_cast<size_t>(choice.slice)];
    }
  }
  return std::nullopt;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

SliceImages load_slice(const Edition& edition, const Choice& choice, const fs::path& label_file,
                       const fs::path& recon_file) {
  challenge::LabelVolume labels(edition, label_file);
  challenge::SliceReader recons =
      challenge::open_reconstruction(edition, recon_file, challenge::kReconstructionSet, labels);
  if (choice.slice >= labels.slices()) {
    fail(Code::kCorrupt, "{}: has {} slices, and slice {} was scored; run `reconproof check` again",
         label_file.string(), labels.slices(), choice.slice);
  }
  const int64_t size = labels.width();
  const std::vector<float> label = scored_pixels(labels.slice(choice.slice), size);
  const std::vector<float> recon = scored_pixels(recons.slice(choice.slice), size);
  const challenge::Anatomy* anatomy = edition.anatomy_of(choice.volume->volume);
  const std::vector<uint8_t> mask =
      challenge::foreground_mask(label, size, size, anatomy ? anatomy->mask_threshold : 0);
  std::vector<float> error(label.size(), 0.0F);
  for (size_t i = 0; i < error.size(); ++i) {
    if (mask[i]) error[i] = std::fabs(recon[i] - label[i]);
  }
  const Box box = crop_box(mask, size);
  SliceImages images;
  images.height = box.height;
  images.width = box.width;
  images.window = grey_window(label, mask);
  images.label = crop(label, box, size);
  images.reconstruction = crop(recon, box, size);
  images.error = crop(error, box, size);
  if (labels.file().info().datasets.contains(challenge::kInputSet)) {
    challenge::SliceReader inputs =
        challenge::open_reconstruction(edition, label_file, challenge::kInputSet, labels);
    images.input = crop(scored_pixels(inputs.slice(choice.slice), size), box, size);
  }
  return images;
}

}  // namespace

std::vector<SliceImages> load_images(const Edition& edition, const fs::path& labels,
                                     const fs::path& recon, const ScoreResult& score,
                                     const ScoreResult* zero_filled, std::vector<Note>& notes) {
  std::vector<SliceImages> all;
  for (const challenge::Cell& cell : edition.cells) {
    const std::vector<Choice> choices = choose_slices(score, cell.name);
    if (choices.empty()) notes.push_back({"images_no_score", {{"cell", cell.name}}});
    for (const Choice& choice : choices) {
      const std::string& name = choice.volume->volume;
      const fs::path label_file = challenge::label_folder(edition, cell, labels) / name;
      const fs::path recon_file = recon / cell.name / name;
      const fs::path& missing = is_there(label_file) ? recon_file : label_file;
      if (!is_there(missing)) {
        notes.push_back({&missing == &recon_file ? "images_no_recon" : "images_no_label",
                         {{"cell", cell.name}, {"file", shown(name)}}});
        continue;
      }
      SliceImages images = load_slice(edition, choice, label_file, recon_file);
      images.cell = cell.name;
      images.volume = name;
      images.slice = choice.slice;
      images.role = choice.role;
      images.ssim = choice.ssim;
      images.zero_filled_ssim = slice_score(zero_filled, choice);
      all.push_back(std::move(images));
    }
  }
  return all;
}

}  // namespace reconproof::reports
