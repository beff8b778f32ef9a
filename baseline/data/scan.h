// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Before the first step: is every volume whole? A corrupt one is found now, not on the third night;
// and the hashes of all files say later what a training was trained on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "baseline/data/volume.h"

namespace reconproof::baseline {

enum class Scan {
  kFull,     // reads and hashes every byte, checks every value
  kHeaders,  // opens every file, checks shapes
};

/// Checks all volumes of some folders (PairedDataset); those that are not fit are named on stderr
/// (at most 20), then kCorrupt. Returns one SHA-256 for the data: over the lines "<sha256>
/// kspace/<name>\n" of all files in the order in which they train (kHeaders: the size in place of
/// the hash).
///
/// kFull writes `list`, "<sha256>  <path>\n" a file, which `sha256sum --check` understands; where
/// `list` is there already and no file has changed in size or time since (a resumed training),
/// nothing is read again.
std::string scan_data(const std::vector<std::filesystem::path>& folders,
                      const ImageGeometry& geometry, Domain domain, Scan scan,
                      const std::filesystem::path& list);

}  // namespace reconproof::baseline
