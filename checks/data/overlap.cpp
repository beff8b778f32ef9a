// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/overlap.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "challenge/dataset/folder.h"
#include "checks/families.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Finding;
using challenge::Rule;
using challenge::Status;

namespace {

/// Columns about the centre that every mask of the challenge samples.
constexpr int64_t kCentreColumns = 4;

using Visit = std::function<void(const std::string& hash, const std::string& place)>;

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

void visit_kspace(const fs::path& path, const std::string& name, const Visit& visit) {
  const auto reader = formats::open_confined(path);
  const formats::Shape shape = reader->dataset(challenge::kKspaceSet).shape;
  if (shape.size() != 4 || shape[3] < kCentreColumns) {
    system::fail(system::Code::kCorrupt,
                 "{}: 'kspace' has shape {}, expected (slices, coils, H, W)", path.string(),
                 formats::shape_text(shape));
  }
  const int64_t lines = shape[1] * shape[2], width = shape[3];
  const int64_t first = width / 2 - kCentreColumns / 2;
  std::vector<std::complex<float>> slice(
      static_cast<size_t>(formats::element_count({lines, width}, path.string(), int64_t{1} << 31)));
  std::vector<std::complex<float>> centre(static_cast<size_t>(lines * kCentreColumns));
  for (int64_t index = 0; index < shape[0]; ++index) {
    reader->read(challenge::kKspaceSet, index, 1, slice);
    for (int64_t line = 0; line < lines; ++line) {
      std::copy_n(&slice[static_cast<size_t>(line * width + first)], kCentreColumns,
                  &centre[static_cast<size_t>(line * kCentreColumns)]);
    }
    visit(content_hash("kspace", {shape[1], shape[2], width}, centre),
          fmt::format("{} slice {}", name, index));
  }
}

void visit_labels(const fs::path& path, const std::string& name, const Visit& visit) {
  const auto reader = formats::open_confined(path);
  const formats::Shape shape = reader->dataset(challenge::kLabelSet).shape;
  if (shape.size() != 3) {
    system::fail(system::Code::kCorrupt, "{}: 'image_label' has shape {}, expected (slices, H, W)",
                 path.string(), formats::shape_text(shape));
  }
  std::vector<float> slice(static_cast<size_t>(
      formats::element_count({shape[1], shape[2]}, path.string(), int64_t{1} << 31)));
  for (int64_t index = 0; index < shape[0]; ++index) {
    reader->read(challenge::kLabelSet, index, 1, slice);
    visit(content_hash("label", {shape[1], shape[2]}, slice),
          fmt::format("{} slice {}", name, index));
  }
}

/// Visits the k-space and label slices of DIR; `name` begins the places that are reported.
void visit_folder(const fs::path& folder, const std::string& name, system::Progress& progress,
                  const Visit& visit) {
  std::error_code error;
  for (const char* kind : {challenge::kKspaceFolder, challenge::kImageFolder}) {
    if (!fs::is_directory(folder / kind, error)) continue;
    for (const fs::path& path : challenge::volumes_in(folder / kind)) {
      const std::string place = name + "/" + kind + "/" + path.filename().string();
      if (kind == std::string_view(challenge::kKspaceFolder))
        visit_kspace(path, place, visit);
      else
        visit_labels(path, place, visit);
      progress.advance();
    }
  }
}

int64_t count_files(const fs::path& folder) {
  int64_t count = 0;
  std::error_code error;
  for (const char* kind : {challenge::kKspaceFolder, challenge::kImageFolder}) {
    if (fs::is_directory(folder / kind, error))
      count += static_cast<int64_t>(challenge::volumes_in(folder / kind).size());
  }
  return count;
}

}  // namespace

OverlapResult find_overlap(const challenge::Edition& edition, const fs::path& leaderboard,
                           const std::vector<fs::path>& training) {
  int64_t files = 0;
  std::vector<fs::path> cells;
  for (const challenge::Cell& cell : edition.cells) {
    cells.push_back(challenge::cell_folder(edition, cell, leaderboard));
    files += count_files(cells.back());
  }
  for (const fs::path& folder : training) files += count_files(folder);
  system::Progress progress("comparing data", files);

  OverlapResult result;
  std::unordered_map<std::string, std::string> known;
  for (const fs::path& cell : cells) {
    const std::string name = cell.filename().string();  // empty: the leaderboard itself
    visit_folder(cell, name.empty() ? "leaderboard" : name, progress,
                 [&](const std::string& hash, const std::string& place) {
                   ++result.leaderboard_slices;
                   if (!hash.empty()) known.emplace(hash, place);
                 });
  }
  for (const fs::path& folder : training) {
    visit_folder(folder, folder.filename().string(), progress,
                 [&](const std::string& hash, const std::string& place) {
                   ++result.training_slices;
                   const auto found = known.find(hash);
                   if (found != known.end())
                     result.matches.push_back(place + " = " + found->second);
                 });
  }
  return result;
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
