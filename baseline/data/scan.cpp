// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/data/scan.h"

#include <fmt/core.h>

#include "challenge/dataset/data_list.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr size_t kShown = 20;

using challenge::VolumeRef;

std::vector<fs::path> files_of(const std::vector<VolumeRef>& volumes) {
  std::vector<fs::path> files;
  for (const VolumeRef& volume : volumes) {
    if (!volume.kspace.empty()) files.push_back(volume.kspace);
    files.push_back(volume.image);
  }
  return files;
}

/// Throws at the first thing that would stop a training at this volume.
void check_volume(const VolumeRef& volume, const ImageGeometry& geometry, Scan scan) {
  const bool full = scan == Scan::kFull;
  const OpenVolume opened = open_volume(volume, geometry);
  const ImageVolume& image = *opened.image;
  image.maximum();
  const auto check_images = [&](const char* set) {
    for (int64_t i = 0; i < (full ? image.slices() : 1); ++i) image.slice(set, i);
  };
  check_images(challenge::kLabelSet);
  if (!opened.kspace) return check_images(challenge::kInputSet);
  for (int64_t i = 0; full && i < opened.kspace->slices(); ++i) opened.kspace->unmasked_slice(i);
}

std::string digest_of(const std::string& list, const fs::path& name) {
  return challenge::data_sha256(challenge::parse_data_list(list, name.string()));
}

/// What must be unchanged for a list of hashes to hold still.
std::string stamp(const std::vector<fs::path>& files) {
  std::string text;
  for (const fs::path& file : files) {
    text += fmt::format("{} {} {}\n", fs::file_size(file),
                        fs::last_write_time(file).time_since_epoch().count(),
                        fs::absolute(file).string());
  }
  return text;
}

}  // namespace

std::string scan_data(const std::vector<fs::path>& folders, const ImageGeometry& geometry,
                      Domain domain, Scan scan, const fs::path& list) {
  std::vector<VolumeRef> volumes;
  for (const fs::path& folder : folders)
    for (VolumeRef& volume : volumes_of(folder, domain)) volumes.push_back(std::move(volume));
  const std::vector<fs::path> files = files_of(volumes);
  const fs::path stamp_file = list.string() + ".stamp";
  const std::string stamp_text = stamp(files);
  if (scan == Scan::kFull && fs::exists(list) && fs::exists(stamp_file) &&
      system::read_file(stamp_file) == stamp_text) {
    return digest_of(system::read_file(list), list);
  }
  size_t faults = 0;
  std::string hashes;
  system::Progress progress("checking the data", std::ssize(volumes));
  for (const VolumeRef& volume : volumes) {
    try {
      check_volume(volume, geometry, scan);
    } catch (const system::Error& error) {
      if (++faults > kShown) continue;
      system::clear_progress_line();
      fmt::print(stderr, "{}\n", system::printable(error.what()));
      continue;
    }
    for (const fs::path& file : {volume.kspace, volume.image}) {
      if (file.empty()) continue;
      hashes +=
          scan == Scan::kFull ? system::sha256_file(file) : std::to_string(fs::file_size(file));
      hashes += "  " + file.string() + "\n";
    }
    progress.advance();
  }
  if (faults > 0) {
    fail(Code::kCorrupt,
         "{} of {} volumes cannot be used (named above); nothing was trained. Copy or make them "
         "again, or move both files of each elsewhere",
         faults, volumes.size());
  }
  if (scan == Scan::kFull) {
    system::write_file(list, hashes);
    system::write_file(stamp_file, stamp_text);
  }
  return digest_of(hashes, list);
}

}  // namespace reconproof::baseline
