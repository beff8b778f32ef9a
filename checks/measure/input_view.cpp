// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/input_view.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "challenge/dataset/folder.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Cell;
using challenge::Edition;

namespace {

constexpr int64_t kNameStream = 0x6E616D65;  // names these random numbers ("name")

}  // namespace

std::string random_file_name(challenge::Random& random) {
  constexpr int kLetters = 12;
  std::string name;
  for (int i = 0; i < kLetters; ++i) name += static_cast<char>('a' + random.bits() % 26);
  return name + ".h5";
}

std::vector<ShownVolume> view_inputs(const Edition& edition, const fs::path& data,
                                     const InputChange& change, uint64_t seed) {
  RP_ASSERT(!change.cells || edition.cells.size() > 1);
  std::vector<ShownVolume> view;
  challenge::Random random(seed, {kNameStream});
  std::set<std::string> taken;
  for (size_t i = 0; i < edition.cells.size(); ++i) {
    const Cell& cell = edition.cells[i];
    const Cell& shown = edition.cells[change.cells ? (i + 1) % edition.cells.size() : i];
    const fs::path folder = challenge::cell_folder(edition, cell, data) / challenge::kKspaceFolder;
    for (const fs::path& host : challenge::volumes_in(folder)) {
      const std::string name = host.filename().string();
      std::string shown_name = name;
      while (change.names && !taken.insert(shown_name = random_file_name(random)).second) {
      }
      view.push_back({host, cell.name, name, shown.name, shown_name});
    }
  }
  return view;
}

void restore_names(const std::vector<ShownVolume>& view, const fs::path& recon) {
  // Through a folder beside it: names of two cells may change places.
  system::StagedFolder restored(recon);
  for (const ShownVolume& volume : view) {
    const fs::path from = recon / volume.shown_cell / volume.shown_name;
    std::error_code error;
    if (!fs::is_regular_file(from, error)) continue;  // missing: the comparison says so
    system::make_folders(restored.path() / volume.cell);
    fs::rename(from, restored.path() / volume.cell / volume.name);
  }
  for (const fs::path& rest : system::files_below(recon)) {
    const fs::path to =
        restored.path() / rest.parent_path() / ("shown-" + rest.filename().string());
    system::make_folders(to.parent_path());
    fs::rename(recon / rest, to);
  }
  restored.commit();
}

}  // namespace reconproof::checks
