// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/set_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>

#include "challenge/dataset/folder.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Edition;

namespace {

constexpr double kScaleTolerance = 1e-3;
// A label that is off a hundred times more than those around it was touched, even where the
// difference is less than anybody would see.
constexpr double kOutlier = 100, kLeastOutlier = 5e-5;

/// Folder with kspace/ and image/.
std::string set_of(const VolumePair& pair) {
  return fs::path(pair.name()).parent_path().parent_path().generic_string();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

// ---- copies ----

struct Place {
  size_t volume;
  int64_t slice;
};

class Copies {
 public:
  Copies(const std::vector<SetVolume>& volumes, std::vector<DataFault>& faults)
      : volumes_(volumes), faults_(faults) {}

  void run() {
    for (size_t i = 0; i < volumes_.size(); ++i) {
      const std::vector<ExaminedSlice>& slices = volumes_[i].examined.slices;
      for (size_t s = 0; s < slices.size(); ++s) {
        const Place here{i, static_cast<int64_t>(s)};
        const bool copied =
            compare(kspace_, slices[s].kspace, here, "k-space", volumes_[i].pair.kspace);
        if (!copied) compare(labels_, slices[s].label, here, "label", volumes_[i].pair.image);
      }
    }
  }

 private:
  using Known = std::unordered_map<std::string, Place>;

  bool compare(Known& known, const std::string& hash, Place here, const char* what,
               const std::string& file) {
    if (hash.empty()) return false;
    const auto [entry, is_new] = known.emplace(hash, here);
    if (is_new) return false;
    const Place there = entry->second;
    const VolumePair& a = volumes_[here.volume].pair;
    const VolumePair& b = volumes_[there.volume].pair;
    // Leaderboards may show the same subjects at each acceleration.
    if (a.leaderboard && b.leaderboard && set_of(a) != set_of(b)) return true;
    const bool same_file = here.volume == there.volume;
    add_fault(
        faults_,
        {"duplicate",
         false,
         file,
         {here.slice},
         same_file
             ? fmt::format("the same {} as slice {} of this file", what, there.slice)
             : fmt::format(
                   "the same {} as in {}{}", what, file == a.image ? b.image : b.name(),
                   a.leaderboard != b.leaderboard ? ": leaderboard and training data overlap" : ""),
         same_file ? "Copy the file again from the organiser's data."
                   : "Keep one of the two volumes, and never one of the leaderboard in "
                     "training."});
    return true;
  }

  const std::vector<SetVolume>& volumes_;
  std::vector<DataFault>& faults_;
  Known kspace_, labels_;
};

// ---- conventions ----

using Volumes = std::vector<const SetVolume*>;

/// Factor and closeness of the labels that are RSS images.
void check_scales(const std::string& set, const Volumes& volumes, std::vector<DataFault>& faults) {
  std::vector<double> scales, residuals;
  for (const SetVolume* volume : volumes) {
    for (const ExaminedSlice& slice : volume->examined.slices) {
      if (slice.scale == 0) continue;
      scales.push_back(slice.scale);
      residuals.push_back(slice.residual);
    }
  }
  if (scales.empty()) return;
  const double usual = median(scales), usual_residual = median(residuals);
  if (std::abs(usual - 1) > kScaleTolerance) {
    faults.push_back({"label-scale",
                      true,
                      set.empty() ? "." : set,
                      {},
                      fmt::format("the labels are {:.6g} times the root sum of squares of their "
                                  "k-space, expected 1",
                                  usual),
                      "Ask the organisers: a network learns this factor."});
  }
  for (const SetVolume* volume : volumes) {
    const std::vector<ExaminedSlice>& slices = volume->examined.slices;
    for (size_t s = 0; s < slices.size(); ++s) {
      if (slices[s].scale == 0) continue;
      const auto report = [&](const char* kind, std::string reason) {
        add_fault(faults, {kind,
                           false,
                           volume->pair.image,
                           {static_cast<int64_t>(s)},
                           std::move(reason),
                           "Copy both files of the volume again from the organiser's data."});
      };
      if (std::abs(slices[s].scale / usual - 1) > kScaleTolerance) {
        report("label-scale",
               fmt::format("'image_label' is {:.4g} times the root sum of squares of its k-space, "
                           "{:.4g} times in the rest of the set",
                           slices[s].scale, usual));
      } else if (slices[s].residual > std::max(kLeastOutlier, kOutlier * usual_residual)) {
        report("label-mismatch",
               fmt::format("'image_label' is {:.2g} % off the root sum of squares of its k-space, "
                           "{:.2g} % in the rest of the set",
                           100 * slices[s].residual, 100 * usual_residual));
      }
    }
  }
}

/// Where most image_input are the RSS of masked k-space, all are.
void check_inputs(const Volumes& volumes, std::vector<DataFault>& faults) {
  int64_t agree = 0, differ = 0;
  for (const SetVolume* volume : volumes) {
    for (const ExaminedSlice& slice : volume->examined.slices) {
      agree += slice.input == Agreement::kAgrees;
      differ += slice.input == Agreement::kDiffers;
    }
  }
  if (differ == 0 || agree <= differ) return;
  for (const SetVolume* volume : volumes) {
    const std::vector<ExaminedSlice>& slices = volume->examined.slices;
    for (size_t s = 0; s < slices.size(); ++s) {
      if (slices[s].input != Agreement::kDiffers) continue;
      add_fault(faults,
                {"input-mismatch",
                 false,
                 volume->pair.image,
                 {static_cast<int64_t>(s)},
                 "'image_input' is not the root sum of squares of the masked k-space, as in "
                 "the rest of the set",
                 "Copy both files of the volume again from the organiser's data."});
    }
  }
}

/// The data set whose maximum `max` is: the edition's, else that of most volumes.
void check_maxima(const Volumes& volumes, const Edition* edition, std::vector<DataFault>& faults) {
  std::map<std::string, int64_t> votes;
  for (const SetVolume* volume : volumes)
    for (const std::string& set : volume->examined.maximum_of) ++votes[set];
  if (votes.empty()) return;
  std::string expected =
      std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first;
  // 2022 is the one edition of which it is known (#122, #130).
  if (edition && edition->id == "snu-2022")
    expected = volumes[0]->pair.leaderboard ? challenge::kLabelSet : challenge::kInputSet;
  for (const SetVolume* volume : volumes) {
    const std::vector<std::string>& of = volume->examined.maximum_of;
    if (of.empty() || std::ranges::find(of, expected) != of.end()) continue;
    faults.push_back({"maximum",
                      false,
                      volume->pair.image,
                      {},
                      fmt::format("the attribute 'max' is the largest value of {}, not of {} as in "
                                  "the rest of the set",
                                  of[0], expected),
                      "Copy the file again from the organiser's data."});
  }
}

/// GRAPPA is in all image files of a set, or in none.
void check_grappa(const Volumes& volumes, std::vector<DataFault>& faults) {
  const auto has = [](const SetVolume* volume) {
    return std::ranges::find(volume->examined.image_sets, challenge::kGrappaSet) !=
           volume->examined.image_sets.end();
  };
  if (2 * std::ranges::count_if(volumes, has) <= std::ssize(volumes)) return;
  for (const SetVolume* volume : volumes) {
    if (volume->pair.image.empty() || volume->examined.image_sets.empty() || has(volume)) continue;
    faults.push_back(
        {"missing-dataset",
         false,
         volume->pair.image,
         {},
         fmt::format("has no data set '{}', as most of its set have", challenge::kGrappaSet),
         "Copy the file again from the organiser's data."});
  }
}

}  // namespace

std::vector<DataFault> check_sets(const std::vector<SetVolume>& volumes, const Edition* edition) {
  std::vector<DataFault> faults;
  Copies(volumes, faults).run();
  std::map<std::string, Volumes> sets;
  for (const SetVolume& volume : volumes) sets[set_of(volume.pair)].push_back(&volume);
  for (const auto& [set, members] : sets) {
    check_scales(set, members, faults);
    check_inputs(members, faults);
    check_maxima(members, edition, faults);
    check_grappa(members, faults);
  }
  return faults;
}

}  // namespace reconproof::checks
