// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The official score of an edition, with everything that stands in its way named in one run.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "challenge/finding.h"

namespace reconproof::challenge {

struct ScoreItem {
  std::string name;  // Edition::item_names()
  double value = 0;
  std::string printed;  // with the edition's digits
  /// What the script prints under NumPy 2, which adds up in float32; empty where it makes no
  /// difference by definition.
  std::string printed_numpy2;
  std::optional<double> spread;  // twice the standard deviation of the volumes (fastMRI's "+/-")
};

struct BoxScore {
  int64_t slice = 0, box = 0;   // box: which of the slice's
  std::optional<double> value;  // nothing: smaller than the window, does not count
};

struct VolumeScore {
  std::string cell, volume;
  std::vector<std::optional<double>> slices;  // SSIM; nothing: does not count (2026: empty mask)
  std::vector<BoxScore> boxes;                // 2026
  std::map<std::string, double> values;       // of the whole volume: mse, nmse, psnr, ssim
};

struct ScoreResult {
  std::string edition, ruleset;
  Metric metric = Metric::kMaskedMap;
  bool final_set = false;
  bool official_set = true;  // the labels are as many, and named, as the public leaderboard
  /// Every expected volume counted, and there is no other: only then are there items.
  bool complete = false;
  int64_t expected_volumes = 0;
  std::vector<ScoreItem> items;
  std::vector<ScoreItem> partial_items;        // of the volumes that did count, where asked for
  std::map<std::string, double> ms_per_slice;  // by cell, as given
  std::vector<VolumeScore> volumes;            // those that counted
  std::vector<Finding> findings;  // layout.volumes, layout.shape, layout.float32, values.finite
  bool malformed = false;         // a file was unreadable or mis-shaped: exit 3

  const ScoreItem* item(const std::string& name) const;
  const VolumeScore* find_volume(const std::string& cell, const std::string& volume) const;
  int64_t slices() const;  // of the volumes that counted
  system::ExitCode exit_code() const;
};

struct ScoreOptions {
  std::string dataset = "reconstruction";
  int threads = 0;  // 0: one a core
  /// Any labels, whatever their names and number: those of the public leaderboard are not expected.
  bool final_set = false;
  bool partial = false;                             // fill partial_items
  std::optional<Metric> metric = std::nullopt;      // another than the edition's
  std::map<std::string, double> ms_per_slice = {};  // by cell: for the speed term of 2026
};

/// `labels`: the leaderboard folder (<cell>/image/*.h5); `recon`: <cell>/*.h5. Throws only when
/// `labels` itself is unusable; whatever is wrong with the reconstructions becomes findings.
ScoreResult score(const Edition& edition, const std::filesystem::path& labels,
                  const std::filesystem::path& recon, const ScoreOptions& options = {});

/// Scores the zero-filled `image_input` that lies beside the labels: what no network at all would
/// get.
ScoreResult score_zero_filled(const Edition& edition, const std::filesystem::path& labels);

}  // namespace reconproof::challenge
