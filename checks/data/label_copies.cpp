// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/label_copies.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "challenge/dataset/folder.h"
#include "checks/measure/team_tree.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Cell;
using challenge::Edition;

namespace {

/// Only files of a label's size are hashed, so that a project of many gigabytes costs nothing.
class LabelFiles {
 public:
  LabelFiles(const Edition& edition, const fs::path& leaderboard) {
    std::error_code ignored;
    for (const Cell& cell : edition.cells) {
      const fs::path folder = challenge::label_folder(edition, cell, leaderboard);
      if (!system::is_folder(folder)) continue;
      for (const fs::path& path : challenge::volumes_in(folder)) {
        by_size_[fs::file_size(path, ignored)].push_back(path);
      }
    }
  }

  /// The label that the file is, or an empty path.
  fs::path match(const fs::path& file) {
    std::error_code error;
    const auto same_size = by_size_.find(fs::file_size(file, error));
    if (error || same_size == by_size_.end()) return {};
    const std::string hash = system::sha256_file(file);
    for (const fs::path& label : same_size->second) {
      std::string& known = hashes_[label];
      if (known.empty()) known = system::sha256_file(label);
      if (known == hash) return label;
    }
    return {};
  }

 private:
  std::map<uintmax_t, std::vector<fs::path>> by_size_;
  std::map<fs::path, std::string> hashes_;
};

/// Label slices that `recon` holds unchanged, as "slice N".
std::vector<int64_t> equal_slices(const fs::path& label, const fs::path& recon) {
  std::vector<int64_t> equal;
  const auto truth = formats::open_confined(label), other = formats::open_confined(recon);
  const formats::Shape shape = truth->dataset(challenge::kLabelSet).shape;
  const formats::DatasetInfo& set = other->dataset(challenge::kReconstructionSet);
  if (set.shape != shape || set.kind != formats::ElementKind::kFloat || shape.size() != 3)
    return equal;
  const std::vector<float> a = truth->read_floats(challenge::kLabelSet);
  const std::vector<float> b = other->read_floats(challenge::kReconstructionSet);
  const size_t pixels = static_cast<size_t>(shape[1] * shape[2]);
  for (int64_t slice = 0; slice < shape[0]; ++slice) {
    const float* x = &a[static_cast<size_t>(slice) * pixels];
    const float* y = &b[static_cast<size_t>(slice) * pixels];
    const bool empty = std::all_of(x, x + pixels, [](float v) { return v == 0; });
    if (!empty && std::memcmp(x, y, pixels * sizeof(float)) == 0) equal.push_back(slice);
  }
  return equal;
}

}  // namespace

std::vector<std::string> find_label_files(const submission::Project& project,
                                          const Edition& edition, const fs::path& leaderboard) {
  LabelFiles labels(edition, leaderboard);
  std::vector<std::string> copies;
  const auto look_at = [&](const fs::path& file, const std::string& name) {
    const fs::path label = labels.match(file);
    if (!label.empty())
      copies.push_back(name + " = " + label.lexically_relative(leaderboard).string());
  };
  // Data folders inside the project are no part of what the command sees.
  std::vector<fs::path> data = {leaderboard, project.state_folder()};
  for (const std::string& declared : {project.train, project.val, project.leaderboard}) {
    if (!declared.empty()) data.push_back(project.host(declared));
  }
  for (const fs::path& file : system::files_below(project.root)) {
    const fs::path path = project.root / file;
    if (std::none_of(data.begin(), data.end(),
                     [&](const auto& folder) { return system::is_below(path, folder); })) {
      look_at(path, file.string());
    }
  }
  look_at(project.host(project.reconstruct_step->weights), project.reconstruct_step->weights);
  return copies;
}

std::vector<std::string> find_label_slices(const Edition& edition, const fs::path& leaderboard,
                                           const fs::path& recon) {
  std::vector<std::string> copies;
  for (const Cell& cell : edition.cells) {
    for (const fs::path& label :
         challenge::volumes_in(challenge::label_folder(edition, cell, leaderboard))) {
      const std::string name = label.filename().string();
      try {
        for (int64_t slice : equal_slices(label, recon / cell.name / name)) {
          copies.push_back(
              fmt::format("{}/{} slice {} is the label itself", cell.name, name, slice));
        }
      } catch (const system::Error&) {
        // missing or unreadable: layout.volumes and layout.shape say so
      }
    }
  }
  return copies;
}

}  // namespace reconproof::checks
