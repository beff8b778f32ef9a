// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/overlap.h"

#include <algorithm>

#include "checks/families.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Finding;
using challenge::Rule;
using challenge::Status;

namespace {

/// Columns about the centre that every mask of the challenge samples.
constexpr int64_t kCentreColumns = 4;

template <typename T>
std::string content_hash(const char* kind, const formats::Shape& shape,
                         const std::vector<T>& values) {
  // Empty slices (background) are equal everywhere and prove nothing.
  if (std::all_of(values.begin(), values.end(), [](const T& v) { return v == T{}; })) return "";
  system::Sha256 hash;
  hash.update(kind + formats::shape_text(shape));
  hash.update(values.data(), values.size() * sizeof(T));
  return hash.hex();
}

std::string hash_of(const VisitedSlice& slice) {
  if (slice.kspace.empty()) {
    return content_hash("label", slice.shape,
                        std::vector<float>(slice.image.begin(), slice.image.end()));
  }
  const int64_t width = slice.shape[2], lines = slice.shape[0] * slice.shape[1];
  if (width < kCentreColumns) {
    system::fail(system::Code::kCorrupt, "{}: k-space has shape {}, expected at least {} columns",
                 slice.place, formats::shape_text(slice.shape), kCentreColumns);
  }
  const int64_t first = width / 2 - kCentreColumns / 2;
  std::vector<std::complex<float>> centre(static_cast<size_t>(lines * kCentreColumns));
  for (int64_t line = 0; line < lines; ++line) {
    std::copy_n(&slice.kspace[static_cast<size_t>(line * width + first)], kCentreColumns,
                &centre[static_cast<size_t>(line * kCentreColumns)]);
  }
  return content_hash("kspace", slice.shape, centre);
}

}  // namespace

void OverlapFinder::add_leaderboard(const VisitedSlice& slice) {
  ++result_.leaderboard_slices;
  const std::string hash = hash_of(slice);
  if (!hash.empty()) known_.emplace(hash, slice.place);
}

void OverlapFinder::add_training(const VisitedSlice& slice) {
  ++result_.training_slices;
  const auto found = known_.find(hash_of(slice));
  if (found != known_.end()) result_.matches.push_back(slice.place + " = " + found->second);
}

OverlapResult find_overlap(const challenge::Edition& edition, const fs::path& leaderboard,
                           const std::vector<fs::path>& training) {
  std::vector<DataFolder> folders;
  for (const fs::path& folder : training) folders.push_back({folder, folder.filename().string()});
  OverlapFinder finder;
  visit_slices(
      leaderboard_folders(edition, leaderboard), folders,
      [&](const VisitedSlice& slice) { finder.add_leaderboard(slice); },
      [&](const VisitedSlice& slice) { finder.add_training(slice); });
  return finder.result();
}

Finding check_overlap(const Facts& facts, const Rule& rule) {
  if (!facts.overlap) {
    return challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                   facts.overlap_absent_reason);
  }
  const OverlapResult& overlap = *facts.overlap;
  if (overlap.matches.empty() && overlap.training_slices == 0) {
    return challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                   "there is no training slice to compare");
  }
  if (overlap.matches.empty() && !facts.overlap_absent_reason.empty()) {
    return challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                   facts.overlap_absent_reason);
  }
  if (overlap.leaderboard_slices == 0) {
    return challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                   "there is no leaderboard slice to compare with");
  }
  const bool pass = overlap.matches.empty();
  Finding finding = challenge::make_finding(
      facts.edition, rule, pass ? Status::kPass : Status::kFail,
      pass ? fmt::format("none of {} training slices is among {} leaderboard slices",
                         overlap.training_slices, overlap.leaderboard_slices)
           : "training data holds leaderboard slices");
  finding.measured = overlap.matches.size();
  finding.unit = "slices";
  finding.evidence = overlap.matches;
  return finding;
}

}  // namespace reconproof::checks
