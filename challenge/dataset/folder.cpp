// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/folder.h"

#include <algorithm>

#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace fs = std::filesystem;

namespace {

/// Whether the folder is this cell's own, or stands in by name.
bool names_folder(const Cell& cell, const std::string& name) {
  return cell.folder == name || std::ranges::find(cell.also, name) != cell.also.end();
}

}  // namespace

fs::path cell_folder(const Edition& edition, const Cell& cell, const fs::path& leaderboard) {
  const fs::path own = leaderboard / cell.folder;
  if (cell.folder.empty() || system::is_folder(own)) return own;
  for (const std::string& other : cell.also)
    if (other != "*" && system::is_folder(leaderboard / other)) return leaderboard / other;
  if (std::ranges::find(cell.also, "*") == cell.also.end() || !system::is_folder(leaderboard))
    return own;
  for (const fs::path& entry : system::sorted_entries(leaderboard)) {
    const std::string name = entry.filename().string();
    const bool taken = std::ranges::any_of(
        edition.cells, [&](const Cell& candidate) { return names_folder(candidate, name); });
    if (!taken && name[0] != '.' && system::is_folder(entry)) return entry;
  }
  return own;
}

fs::path label_folder(const Edition& edition, const Cell& cell, const fs::path& leaderboard) {
  const fs::path folder = cell_folder(edition, cell, leaderboard);
  if (cell.folder.empty() && !system::is_folder(folder / kImageFolder)) return folder;
  return folder / kImageFolder;
}

bool is_leaderboard(const Edition& edition, const fs::path& folder) {
  return std::ranges::all_of(edition.cells, [&](const Cell& cell) {
    const fs::path own = cell_folder(edition, cell, folder);
    // Of a cell without a name only what is in it tells a leaderboard from the folder around it.
    return cell.folder.empty()
               ? system::is_folder(own / kImageFolder) || system::is_folder(own / kKspaceFolder)
               : system::is_folder(own);
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
