// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Examines one volume in one pass over each of its files.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "challenge/dataset/volume_stream.h"
#include "checks/data/data_fault.h"
#include "checks/data/data_tree.h"

namespace reconproof::checks {

/// Whether an image is what the k-space of its slice gives.
enum class Agreement { kUnknown, kAgrees, kDiffers };

struct ExaminedSlice {
  std::string kspace, label;  // SliceContent; empty: zero, or not there
  std::string fingerprint;    // of the label, as text; empty: none
  double scale = 0;           // of the label against the RSS of its k-space; 0: not compared
  double residual = 0;        // of the label, after scaling, relative
  Agreement input = Agreement::kUnknown;  // of image_input with the masked k-space
};

/// A volume's own faults, and what is compared with other volumes.
struct ExaminedVolume {
  std::vector<DataFault> faults;
  std::vector<ExaminedSlice> slices;
  std::vector<std::string> image_sets;  // data sets of the image file
  std::vector<std::string> maximum_of;  // data sets whose maximum the attribute `max` is
  int64_t bytes = 0;                    // of both files
};

nlohmann::json to_json(const ExaminedVolume& volume);
/// Of what to_json wrote.
ExaminedVolume volume_from_json(const nlohmann::json& json);

using ContentBySet = std::map<std::string, std::vector<std::string>>;

struct ExamineOptions {
  std::filesystem::path folder;
  int64_t image_size = 384;
  /// When it is given, files are hashed as a whole, and held against the manifest by it.
  std::function<void(const std::string& file, const challenge::FileDigest& digest,
                     const ContentBySet& content, std::vector<DataFault>& faults)>
      hashed;
};

/// Never throws for what is wrong with the volume.
ExaminedVolume examine_volume(const VolumePair& pair, const ExamineOptions& options);

}  // namespace reconproof::checks
