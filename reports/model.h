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
#include "reports/history_record.h"
#include "reports/images.h"
#include "reports/network_record.h"
#include "reports/reproduction_record.h"
#include "reports/training.h"
#include "submission/bundle/verify.h"
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

/// What git knows of the code.
struct CodeRecord {
  std::string commit;  // empty: none is known
  int64_t changed = 0, untracked = 0;
};

/// Where a report was made from a bundle.
struct BundleRecord {
  std::string id;
  int64_t files = 0, bytes = 0;
  bool checked_by_team = false;  // packed with the findings of a check
  bool keys_given = false;       // so that signatures were checked, and hold
  std::vector<submission::Signer> signers;
};

struct Report {
  std::string project;
  submission::Project declared;  // what reconproof.toml says; its root is no part of the report
  std::string requirements;      // "requirements.txt", where the team has one
  challenge::Edition edition;
  CheckRecord check;
  std::vector<ScoreRow> scores;
  std::vector<VolumeRow> volumes;
  std::vector<SliceImages> images;
  std::vector<Note> image_notes;
  Training training;
  std::optional<NetworkRecord> network;  // absent: no weights are declared
  HistoryRecord history;
  CodeRecord code;
  std::optional<ReproductionRecord> reproduction;
  std::optional<RehearsalRecord> rehearsal;
  std::optional<BundleRecord> bundle;    // absent: made from the team's own folder
  std::optional<std::string> generated;  // when it was made, where that is stated
  std::vector<FileHash> reconstructions;
  std::filesystem::path recon_folder;
  bool recon_from_check = false;  // made by the harness's own run, not found in the result folder
};

struct ReportOptions {
  /// The leaderboard, or a folder that holds leaderboard/; by default what the project declares.
  std::optional<std::filesystem::path> data = {};
  /// What `reproduce --json` wrote, or the folder of its --keep; by default what the project's last
  /// one left.
  std::optional<std::filesystem::path> reproduction = {};
  /// Stated in the report as it is: no clock enters by itself, so that the same gives the same.
  std::optional<std::string> generated = {};
  submission::Trust trust = {};  // of a bundle: who must have signed it
  /// Another run's reconstructions, laid out as this one's: the pictures show both.
  std::optional<std::filesystem::path> compare = {};
};

/// Gathers a report. What is absent is left out and noted; kNotFound only when the project was
/// never checked; kCorrupt when something is malformed.
Report load_report(const submission::Project& project, const ReportOptions& options = {});

/// The same of a bundle, which is verified first: kCorrupt or kIntegrity where it is malformed or
/// damaged, or a key of `options.trust` has not signed it; kNotFound where it is not there.
Report load_bundle_report(const std::filesystem::path& bundle, const ReportOptions& options = {});

/// Where `reconproof reproduce` leaves its result in a team's own project.
std::filesystem::path reproduction_file(const submission::Project& project);

}  // namespace reconproof::reports
