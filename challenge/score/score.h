// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The official score of an edition, with everything that stands in its way named in one run.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "challenge/finding.h"

namespace reconproof::challenge {

struct ScoreItem {
  std::string name;  // "total", "acc4", "acc8"
  double value = 0;
  std::string printed;  // with the edition's digits
};

struct VolumeScore {
  std::string cell, volume;
  std::vector<double> slices;  // masked SSIM of each slice
};

struct ScoreResult {
  std::string edition, ruleset;
  bool official_set = true;  // the labels are as many, and named, as the public leaderboard
  bool complete = false;     // every expected volume counted: only then are there items
  std::vector<ScoreItem> items;
  std::vector<VolumeScore> volumes;
  std::vector<Finding> findings;  // layout.volumes, layout.shape, layout.float32, values.finite
  bool malformed = false;         // a file was unreadable or mis-shaped: exit 3

  const ScoreItem* item(const std::string& name) const;
  system::ExitCode exit_code() const;
};

struct ScoreOptions {
  std::string dataset = "reconstruction";
  int threads = 0;  // 0: one a core
};

/// `labels`: the leaderboard folder (<cell>/image/*.h5); `recon`: <cell>/*.h5. Throws only when
/// `labels` itself is unusable; whatever is wrong with the reconstructions becomes findings.
ScoreResult score(const Edition& edition, const std::filesystem::path& labels,
                  const std::filesystem::path& recon, const ScoreOptions& options = {});

/// Scores the zero-filled `image_input` that lies beside the labels: what no network at all would
/// get.
ScoreResult score_zero_filled(const Edition& edition, const std::filesystem::path& labels);

/// What the official leaderboard_eval.py prints, byte for byte.
std::string official_print(const Edition& edition, const ScoreResult& result);

/// docs/formats/score.md
nlohmann::json to_json(const ScoreResult& result);

}  // namespace reconproof::challenge
