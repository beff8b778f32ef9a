// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Everything a report says, before it is said in HTML or another format. Nothing here is escaped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "reports/check_record.h"
#include "reports/images.h"
#include "reports/training.h"
#include "submission/project.h"

namespace reconproof::reports {

struct ScoreRow {
  std::string name;  // "total", "acc4"
  std::optional<challenge::ScoreItem> zero_filled, reconstruction;
  std::optional<double> gain() const;
};

struct SliceScore {
  int64_t slice = 0;
  double value = 0;
};

/// One volume of one cell. The median is the lower one where two are in the middle: a slice that
/// exists.
struct VolumeRow {
  std::string cell, volume;
  int64_t slices = 0;
  double mean = 0;
  std::optional<double> zero_filled_mean;
  SliceScore best, median, worst;
};

struct FileHash {
  std::string path;  // relative to the folder of reconstructions
  double bytes = 0;
  std::string sha256;  // empty for a symbolic link, which is not followed
};

struct Report {
  std::string project;
  challenge::Edition edition;
  CheckRecord check;
  std::vector<ScoreRow> scores;
  std::vector<VolumeRow> volumes;
  std::vector<SliceImages> images;
  std::vector<Note> image_notes;
  Training training;
  std::vector<FileHash> reconstructions;
  std::filesystem::path recon_folder;
  bool recon_from_check = false;  // made by the harness's own run, not found in the result folder
};

struct ReportOptions {
  /// The leaderboard, or a folder that holds leaderboard/; by default what the project declares.
  std::optional<std::filesystem::path> data;
  /// Another run's reconstructions, laid out as this one's: the pictures show both.
  std::optional<std::filesystem::path> compare;
};

/// Gathers a report. What is absent is left out and noted; kNotFound only when the project was
/// never checked; kCorrupt when something is malformed.
Report load_report(const submission::Project& project, const ReportOptions& options = {});

}  // namespace reconproof::reports
