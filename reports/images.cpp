// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/images.h"

#include <algorithm>
#include <memory>

#include "challenge/dataset/folder.h"
#include "reports/slice_choice.h"
#include "reports/volume_pictures.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using challenge::Edition;
using challenge::ScoreResult;
using challenge::VolumeScore;

std::optional<double> slice_score(const ScoreResult* score, const SliceImages& images) {
  const VolumeScore* volume = score ? score->find_volume(images.cell, images.volume) : nullptr;
  if (!volume || images.slice >= std::ssize(volume->slices)) return std::nullopt;
  return volume->slices[static_cast<size_t>(images.slice)];
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

int64_t bytes_of(const SliceImages& images) {
  int64_t bytes = std::ssize(images.layers);
  const SlicePictures& all = images.pictures;
  for (const auto* picture : {&all.label, &all.reconstruction, &all.input, &all.error, &all.ssim})
    bytes += std::ssize(*picture);
  return bytes;
}

/// The slices of one cell; the volume of the worst one stays open for its neighbours.
class CellImages {
 public:
  CellImages(const Edition& edition, const challenge::Cell& cell, const ImageSources& sources,
             const ScoreResult& score, const ScoreResult* zero_filled, std::vector<Note>& notes)
      : edition_(edition),
        cell_(cell),
        sources_(sources),
        score_(score),
        zero_filled_(zero_filled),
        notes_(notes) {}

  void add_named() {
    const std::vector<SliceChoice> choices = choose_slices(score_, cell_.name);
    if (choices.empty()) notes_.push_back({"images_no_score", {{"cell", shown(cell_.name)}}});
    for (const SliceChoice& choice : choices) {
      const std::string& name = choice.volume->volume;
      const bool again = worst_ && name == images_.front().volume;
      const std::shared_ptr<VolumePictures> volume = again ? worst_ : open(name);
      if (!volume) continue;
      add(*volume, name, choice.slice, choice.role);
      if (choice.role == SliceRole::kWorst) worst_ = volume;
    }
  }

  /// As many as `bytes` allows; the worst slice says what one takes.
  void add_neighbours(int64_t bytes) {
    if (!worst_) return;
    const std::string name = images_.front().volume;
    std::vector<int64_t> others;
    for (int64_t slice = 0; slice < worst_->slices(); ++slice) {
      const bool is_named = std::ranges::any_of(images_, [&](const SliceImages& images) {
        return images.volume == name && images.slice == slice;
      });
      if (!is_named) others.push_back(slice);
    }
    const int64_t fit = std::max<int64_t>(0, bytes) / std::ssize(images_.front().layers);
    for (int64_t slice : evenly_chosen(others, fit))
      add(*worst_, name, slice, SliceRole::kNeighbour);
    worst_.reset();
  }

  int64_t bytes() const {
    int64_t sum = 0;
    for (const SliceImages& images : images_) sum += bytes_of(images);
    return sum;
  }
  std::vector<SliceImages> take() { return std::move(images_); }

 private:
  /// Null, with a note, where a file is missing.
  std::shared_ptr<VolumePictures> open(const std::string& name) {
    VolumeFiles files{challenge::label_folder(edition_, cell_, sources_.labels) / name,
                      sources_.recon / cell_.name / name, std::nullopt};
    const Values values = {{"cell", shown(cell_.name)}, {"file", shown(name)}};
    const bool has_label = is_there(files.label);
    if (!has_label || !is_there(files.recon)) {
      note(has_label ? "images_no_recon" : "images_no_label", values);
      return nullptr;
    }
    if (sources_.other) {
      const fs::path other = *sources_.other / cell_.name / name;
      if (is_there(other))
        files.other = other;
      else
        note("images_no_other", values);
    }
    return std::make_shared<VolumePictures>(edition_, name, files);
  }

  /// Once for all slices of a volume.
  void note(const char* key, const Values& values) {
    const auto equal = [&](const Note& note) { return note.key == key && note.values == values; };
    if (std::ranges::none_of(notes_, equal)) notes_.push_back({key, values});
  }

  void add(VolumePictures& volume, const std::string& name, int64_t slice, SliceRole role) {
    SliceImages images = volume.read(slice, role != SliceRole::kNeighbour);
    images.cell = cell_.name;
    images.volume = name;
    images.role = role;
    images.ssim = slice_score(&score_, images);
    images.zero_filled_ssim = slice_score(zero_filled_, images);
    images_.push_back(std::move(images));
  }

  const Edition& edition_;
  const challenge::Cell& cell_;
  const ImageSources& sources_;
  const ScoreResult& score_;
  const ScoreResult* zero_filled_;
  std::vector<Note>& notes_;
  std::vector<SliceImages> images_;
  std::shared_ptr<VolumePictures> worst_;
};

}  // namespace

std::vector<SliceImages> load_images(const Edition& edition, const ImageSources& sources,
                                     const ScoreResult& score, const ScoreResult* zero_filled,
                                     std::vector<Note>& notes, int64_t most_bytes) {
  if (sources.other && !system::is_folder(*sources.other)) {
    system::fail(system::Code::kNotFound,
                 "{}: no folder of another run's reconstructions, CELL/*.h5, to compare with",
                 sources.other->string());
  }
  std::vector<CellImages> cells;
  cells.reserve(edition.cells.size());
  int64_t left = most_bytes;
  for (const challenge::Cell& cell : edition.cells) {
    cells.emplace_back(edition, cell, sources, score, zero_filled, notes);
    cells.back().add_named();
    left -= cells.back().bytes();
  }
  std::vector<SliceImages> all;
  for (size_t i = 0; i < cells.size(); ++i) {
    const int64_t named = cells[i].bytes();
    cells[i].add_neighbours(left / static_cast<int64_t>(cells.size() - i));
    left -= cells[i].bytes() - named;
    std::ranges::move(cells[i].take(), std::back_inserter(all));
  }
  return all;
}

}  // namespace reconproof::reports
