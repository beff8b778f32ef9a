// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/volume_check.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "challenge/dataset/cropped_rss.h"
#include "challenge/dataset/fingerprint.h"
#include "challenge/dataset/folder.h"
#include "challenge/dataset/slice_content.h"
#include "checks/data/image_agreement.h"
#include "checks/data/kspace_scan.h"
#include "checks/data/sampling_check.h"
#include "checks/data/volume_layout.h"
#include "system/error.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Plane;
using challenge::VolumeStream;
using nlohmann::json;

namespace {

constexpr const char* kCopyBoth = "Copy both files of the volume again from the organiser's data.";
constexpr double kMaximumTolerance = 1e-5;  // relative: float32, through whatever text

/// Of an error that begins with its file's path, the rest.
std::string reason_of(const system::Error& error, const fs::path& path) {
  const std::string text = error.what(), prefix = path.string() + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// A label that is not what its k-space gives.
struct Mismatch {
  int64_t slice;
  ImageAgreement agreement;
  int64_t other = -1;  // slice of the volume whose label it would be
};

class Examiner {
 public:
  Examiner(const VolumePair& pair, const ExamineOptions& options)
      : pair_(pair),
        options_(options),
        size_(options.image_size),
        expected_(static_cast<size_t>(size_ * size_)),
        image_(expected_.size()) {}

  ExaminedVolume run() {
    image_file_ = open(pair_.image);
    kspace_file_ = open(pair_.kspace);
    if (image_file_) look_at_image_file();
    if (kspace_file_) look_at_kspace_file();
    compare_slice_counts();
    if (image_file_) guarded(pair_.image, [&] { stream_images(); });
    if (kspace_file_) guarded(pair_.kspace, [&] { stream_kspace(); });
    report_mismatches();
    return std::move(result_);
  }

 private:
  void fault(const char* kind, const std::string& file, std::vector<int64_t> slices,
             std::string reason, const char* advice = kCopyAgain, bool warning = false) {
    add_fault(result_.faults, {kind, warning, file, std::move(slices), std::move(reason), advice});
  }

  template <typename Action>
  void guarded(const std::string& file, Action&& action) {
    try {
      action();
    } catch (const system::Error& error) {
      if (error.code() == system::Code::kInternal) throw;
      fault("unreadable", file, {}, reason_of(error, options_.folder / file));
    }
  }

  std::unique_ptr<VolumeStream> open(const std::string& file) {
    std::unique_ptr<VolumeStream> stream;
    if (file.empty()) return stream;
    guarded(file, [&] {
      stream = std::make_unique<VolumeStream>(options_.folder / file);
      result_.bytes += static_cast<int64_t>(fs::file_size(options_.folder / file));
    });
    return stream;
  }

  // ---- layout ----

  void look_at_image_file() {
    formats::Hdf5Reader& reader = image_file_->file();
    for (const auto& [name, _] : reader.info().datasets) result_.image_sets.push_back(name);
    readable_ = look_at_images(reader, pair_.image, size_, result_.faults);
    for (const std::string& set : readable_) image_slices_[set] = reader.dataset(set).shape[0];
    if (!image_slices_.empty())
      look_at_annotations(reader, pair_.image, image_slices_.begin()->second, size_,
                          result_.faults);
  }

  void look_at_kspace_file() {
    formats::Hdf5Reader& reader = kspace_file_->file();
    layout_ = look_at_kspace(reader, pair_.kspace, result_.faults);
    if (!layout_) return;
    guarded(pair_.kspace,
            [&] { mask_ = read_mask(reader, pair_.kspace, layout_->width, result_.faults); });
    scan_.emplace(layout_->width);
    rss_.emplace(layout_->height, layout_->width, size_);
  }

  bool has(const char* set) const { return image_slices_.contains(set); }

  void compare_slice_counts() {
    if (image_slices_.empty()) return;
    const int64_t expected =
        layout_ ? layout_->slices
                : (has(challenge::kLabelSet) ? image_slices_.at(challenge::kLabelSet)
                                             : image_slices_.begin()->second);
    for (const auto& [set, slices] : image_slices_) {
      if (slices == expected) continue;
      fault("slice-count", pair_.image, {},
            fmt::format("'{}' has {} slices, {} {}", set, slices,
                        layout_ ? "its k-space has" : "other images have", expected),
            kCopyBoth);
    }
  }

  ExaminedSlice& slice(int64_t index) {
    if (std::ssize(result_.slices) <= index) result_.slices.resize(static_cast<size_t>(index) + 1);
    return result_.slices[static_cast<size_t>(index)];
  }

  // ---- image file ----

  void stream(VolumeStream& file, const std::string& name, const std::vector<std::string>& sets,
              const VolumeStream::Visit& visit) {
    if (!options_.hashed) return file.visit(sets, visit);
    const challenge::FileDigest digest = file.visit_and_hash(sets, visit);
    options_.hashed(name, digest, content_, result_.faults);
  }

  void stream_images() {
    content_.clear();
    challenge::SliceContent content(challenge::kLabelSet, {1, size_, size_});
    std::map<std::string, float> maxima;
    stream(*image_file_, pair_.image, readable_, [&](const Plane& plane) {
      const bool label = plane.set == challenge::kLabelSet;
      if (label) {
        content.add(plane);
        slice(plane.slice).label = content.finish();
        content_[plane.set].push_back(slice(plane.slice).label);
      }
      if (!all_finite(plane.real)) {
        maxima[plane.set] = std::nanf("");
        return fault("not-finite", pair_.image, {plane.slice},
                     fmt::format("'{}' holds NaN or infinity", plane.set));
      }
      const float largest = *std::ranges::max_element(plane.real);
      if (const auto [known, first] = maxima.emplace(plane.set, largest); !first)
        known->second =
            std::isnan(known->second) ? known->second : std::max(known->second, largest);
      if (std::ranges::all_of(plane.real, [](float v) { return v == 0; }))
        return fault("empty-slice", pair_.image, {plane.slice},
                     fmt::format("'{}' is zero everywhere", plane.set));
      if (label)
        slice(plane.slice).fingerprint =
            to_text(challenge::fingerprint_image(plane.real, size_, size_));
    });
    check_maximum(maxima);
  }

  void check_maximum(const std::map<std::string, float>& maxima) {
    const auto& attributes = image_file_->file().info().attributes;
    const auto found = attributes.find(challenge::kMaxAttribute);
    if (found == attributes.end() || !found->second.number ||
        !std::isfinite(*found->second.number)) {
      return fault("maximum", pair_.image, {}, "has no number in the attribute 'max'");
    }
    const double stated = *found->second.number;
    std::string values;
    for (const auto& [set, largest] : maxima) {
      values += fmt::format("{}{} {:.6g}", values.empty() ? "" : ", ", set, largest);
      // Whether a value that is no number hides the largest one cannot be told.
      if (std::isnan(largest) || std::abs(stated - largest) <= kMaximumTolerance * largest)
        result_.maximum_of.push_back(set);
    }
    if (result_.maximum_of.empty() && !maxima.empty()) {
      fault("maximum", pair_.image, {},
            fmt::format("the attribute 'max' is {:.6g}, but the largest values are: {}", stated,
                        values));
    }
  }

  // ---- k-space file ----

  void stream_kspace() {
    content_.clear();
    if (!layout_) {
      if (options_.hashed) stream(*kspace_file_, pair_.kspace, {}, [](const Plane&) {});
      return;
    }
    challenge::SliceContent content(
        challenge::kKspaceSet, {layout_->slices, layout_->coils, layout_->height, layout_->width});
    stream(*kspace_file_, pair_.kspace, {challenge::kKspaceSet}, [&](const Plane& plane) {
      if (plane.coil == 0) {
        rss_->begin();
        scan_->begin();
      }
      content.add(plane);
      scan_->add(plane.complex);
      rss_->add_coil(plane.complex, compares_input(plane.slice) ? std::span<const float>(*mask_)
                                                                : std::span<const float>());
      if (!plane.last) return;
      slice(plane.slice).kspace = content.finish();
      content_[plane.set].push_back(slice(plane.slice).kspace);
      finish_slice(plane.slice);
    });
    if (!mask_) return;
    if (const auto found = find_mask_fault(*mask_, band_, stated_acceleration(pair_.kspace)))
      fault(found->kind, pair_.kspace, {}, found->reason);
  }

  bool compares(const char* set, int64_t index) const {
    const auto found = image_slices_.find(set);
    return found != image_slices_.end() && index < found->second;
  }
  bool compares_input(int64_t index) const {
    return mask_ && compares(challenge::kInputSet, index);
  }

  void finish_slice(int64_t index) {
    if (!scan_->finite())
      return fault("not-finite", pair_.kspace, {index}, "'kspace' holds NaN or infinity");
    const Band band = scan_->band();
    if (band.end == 0)
      return fault("empty-slice", pair_.kspace, {index}, "'kspace' is zero everywhere");
    band_ = band_.end == 0 ? band
                           : Band{std::min(band_.first, band.first), std::max(band_.end, band.end)};
    if (compares_input(index)) compare_input(index);
    if (is_complete(index, band)) compare_label(index);
  }

  /// Whether every column inside the band holds something. In a leaderboard none needs to.
  bool is_complete(int64_t index, Band band) {
    const std::vector<int64_t> zero = scan_->zero_columns();
    if (zero.empty()) return true;
    if (pair_.leaderboard) return false;
    int64_t left_out = 0, masked = 0;
    for (int64_t x = band.first; mask_ && x < band.end; ++x)
      left_out += (*mask_)[static_cast<size_t>(x)] == 0;
    for (int64_t x : zero) masked += mask_ && (*mask_)[static_cast<size_t>(x)] == 0;
    if (left_out > 0 && masked == left_out) {
      fault("masked-kspace", pair_.kspace, {index},
            "k-space is already masked: every column that the mask leaves out is zero; training "
            "k-space is complete");
    } else {
      fault("zero-columns", pair_.kspace, {index},
            fmt::format("column{} {} of k-space {} zero in all rows and coils",
                        zero.size() > 1 ? "s" : "", ranges_text(zero),
                        zero.size() > 1 ? "are" : "is"));
    }
    return false;
  }

  /// False where it cannot be read, or is no image: said already.
  bool read_image(const char* set, int64_t index) {
    image_file_->file().read(set, index, 1, image_);
    return all_finite(image_);
  }

  void compare_input(int64_t index) {
    if (!read_image(challenge::kInputSet, index)) return;
    rss_->masked_image(expected_);
    const ImageAgreement found = compare_images(image_, expected_);
    if (found.scale == 0) return;
    slice(index).input = found.agrees() ? Agreement::kAgrees : Agreement::kDiffers;
  }

  void compare_label(int64_t index) {
    if (!compares(challenge::kLabelSet, index) || !read_image(challenge::kLabelSet, index)) return;
    rss_->image(expected_);
    const ImageAgreement found = compare_images(image_, expected_);
    if (found.scale == 0) return;  // an empty label: said already
    if (found.agrees()) {
      slice(index).scale = found.scale;
      slice(index).residual = found.residual;
      return;
    }
    Mismatch mismatch{index, found, -1};
    for (int64_t other = 0; other < image_slices_.at(challenge::kLabelSet); ++other) {
      if (other == index || !read_image(challenge::kLabelSet, other)) continue;
      if (compare_images(image_, expected_).agrees()) mismatch.other = other;
    }
    mismatches_.push_back(mismatch);
  }

  /// One fault where no label of the volume fits, else one a slice.
  void report_mismatches() {
    const auto alien = [](const Mismatch& m) {
      return m.other < 0 && m.agreement.correlation < 0.98;
    };
    const bool all = layout_ && std::ssize(mismatches_) == layout_->slices &&
                     mismatches_.size() > 1 && std::ranges::all_of(mismatches_, alien);
    for (const Mismatch& mismatch : mismatches_) {
      std::string reason;
      if (all) {
        reason =
            "no label of the volume is the root sum of squares of its k-space: they are of "
            "another volume";
      } else if (mismatch.other >= 0) {
        reason = fmt::format("the label of this slice stands at slice {}", mismatch.other);
      } else {
        reason = fmt::format(
            "'image_label' is not the root sum of squares of its k-space: {:.2g} % off, most at "
            "row "
            "{}, column {}",
            100 * mismatch.agreement.residual, mismatch.agreement.at / size_,
            mismatch.agreement.at % size_);
      }
      fault("label-mismatch", pair_.image, {mismatch.slice}, reason, kCopyBoth);
    }
  }

  const VolumePair& pair_;
  const ExamineOptions& options_;
  const int64_t size_;
  ExaminedVolume result_;
  std::unique_ptr<VolumeStream> image_file_, kspace_file_;
  std::vector<std::string> readable_;            // sets of the image file
  std::map<std::string, int64_t> image_slices_;  // of the readable sets
  std::optional<KspaceLayout> layout_;
  std::optional<std::vector<float>> mask_;
  std::optional<KspaceScan> scan_;
  std::optional<challenge::CroppedRss> rss_;
  Band band_;                            // of all slices
  ContentBySet content_;                 // of the file that is read
  std::vector<float> expected_, image_;  // by the k-space, and in the file
  std::vector<Mismatch> mismatches_;
};

}  // namespace

ExaminedVolume examine_volume(const VolumePair& pair, const ExamineOptions& options) {
  return Examiner(pair, options).run();
}

json to_json(const ExaminedVolume& volume) {
  json faults = json::array(), slices = json::array();
  for (const DataFault& fault : volume.faults) faults.push_back(to_json(fault));
  for (const ExaminedSlice& slice : volume.slices) {
    slices.push_back({slice.kspace, slice.label, slice.fingerprint, slice.scale, slice.residual,
                      static_cast<int>(slice.input)});
  }
  return {{"faults", faults},
          {"slices", slices},
          {"image_sets", volume.image_sets},
          {"maximum_of", volume.maximum_of},
          {"bytes", volume.bytes}};
}

ExaminedVolume volume_from_json(const json& value) {
  ExaminedVolume volume;
  for (const json& fault : value.at("faults")) volume.faults.push_back(fault_from_json(fault));
  for (const json& slice : value.at("slices")) {
    volume.slices.push_back({slice.at(0), slice.at(1), slice.at(2), slice.at(3), slice.at(4),
                             static_cast<Agreement>(slice.at(5).get<int>())});
  }
  volume.image_sets = value.at("image_sets").get<std::vector<std::string>>();
  volume.maximum_of = value.at("maximum_of").get<std::vector<std::string>>();
  volume.bytes = value.at("bytes");
  return volume;
}

}  // namespace reconproof::checks
