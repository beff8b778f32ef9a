// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/folder.h"

#include <algorithm>

#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace fs = std::filesystem;

bool is_leaderboard(const Edition& edition, const fs::path& folder) {
  std::error_code ignored;
  return std::all_of(edition.cells.begin(), edition.cells.end(), [&](const Cell& cell) {
    return fs::is_directory(folder / cell.folder, ignored);
  });
}

fs::path leaderboard_in(const Edition& edition, const fs::path& data) {
  return is_leaderboard(edition, data) ? data : data / "leaderboard";
}

std::vector<fs::path> volumes_in(const fs::path& folder) {
  std::vector<fs::path> volumes;
  for (const fs::path& entry : system::sorted_entries(folder)) {
    if (entry.extension() == ".h5" && entry.filename().string()[0] != '.') volumes.push_back(entry);
  }
  return volumes;
}

std::vector<VolumeRef> paired_volumes(const fs::path& folder) {
  std::vector<VolumeRef> volumes;
  const std::vector<fs::path> images = volumes_in(folder / kImageFolder);
  const std::vector<fs::path> kspaces = volumes_in(folder / kKspaceFolder);
  const auto missing = [&](const char* where, const fs::path& partner) {
    system::fail(system::Code::kCorrupt, "{}: has no partner in {}; every volume needs both files",
                 partner.string(), (folder / where).string());
  };
  for (size_t i = 0; i < std::max(images.size(), kspaces.size()); ++i) {
    const bool image_first =
        i < images.size() && (i >= kspaces.size() || images[i].filename() < kspaces[i].filename());
    const bool kspace_first =
        i < kspaces.size() && (i >= images.size() || kspaces[i].filename() < images[i].filename());
    if (image_first) missing(kKspaceFolder, images[i]);
    if (kspace_first) missing(kImageFolder, kspaces[i]);
    volumes.push_back({kspaces[i], images[i]});
  }
  if (volumes.empty()) {
    system::fail(system::Code::kNotFound, "{}: no volumes (*.h5) in kspace/ and image/",
                 folder.string());
  }
  return volumes;
}

}  // namespace reconproof::challenge
