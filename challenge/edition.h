// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the organisers of one year fixed, read from challenge/editions/<id>.toml (compiled into the
// binary). A new edition is a new file there; see docs/formats/edition.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::challenge {

enum class Severity { kError, kWarning, kNote };
const char* severity_text(Severity severity);
Severity severity_from_text(const std::string& text);

/// One rule of an edition. The check that judges it is found by `id` (checks/registry.h).
struct Rule {
  std::string id;    // "layout.names"
  std::string text;  // what the organisers demand, in one sentence
  Severity severity = Severity::kError;
  std::string remediation;  // what a team does about it
  std::string source;       // issue or README of the official repository, with its year
  std::string certainty;    // "stated", "derived" or "uncertain"
  std::optional<double> limit;
  std::string unit;
};

/// One folder of the leaderboard, scored by itself: an acceleration.
struct Cell {
  std::string name;    // folder in reconstructions and score item, "acc4"
  std::string folder;  // folder in the leaderboard data, "acc4"
};

/// What volumes of one anatomy are called, and where their foreground begins.
struct Anatomy {
  std::string prefix;            // "brain": a volume belongs here when its file name starts with it
  double mask_threshold = 0;     // image_label above it is foreground
  int64_t official_volumes = 0;  // in each cell of the public leaderboard
};

struct Edition {
  std::string id;  // "snu-2025"
  std::string title;
  int64_t version = 1;
  std::string sha256;  // of the TOML text
  std::vector<Cell> cells;
  std::vector<Anatomy> anatomies;
  int64_t image_size = 384;             // reconstructions are image_size x image_size
  std::string official_name;            // "{prefix}_test{number}.h5"
  int64_t decimals = 4;                 // printed digits of a score
  std::string total_label, cell_label;  // of the official print: "Leaderboard SSIM"
  bool crop_zero_pads = true;           // the official network's crop pads narrow images with zeros
  std::string official_gpu;             // "NVIDIA GeForce GTX 1080"
  std::vector<Rule> rules;

  std::string ruleset() const { return id + "@" + sha256.substr(0, 12); }
  const Rule& rule(std::string_view rule_id) const;  // kInternal when absent
  const Rule* find_rule(std::string_view rule_id) const;
  /// The anatomy whose prefix starts the file name, or null.
  const Anatomy* anatomy_of(std::string_view file_name) const;
  /// Volumes of one cell of the public leaderboard, in the official order: "brain_test1.h5", ...
  std::vector<std::string> official_volumes() const;
};

/// Reads a rule file; `name` is used in messages. Throws kCorrupt with line and key.
Edition parse_edition(std::string_view toml, const std::string& name);

/// An edition compiled into this binary; kUsage, with the list of those it knows, when there is
/// none.
const Edition& find_edition(const std::string& id);
std::vector<std::string> edition_ids();

/// SHA-256 over the ids and hashes of all rule files: one number for "the rules of this binary".
std::string rules_sha256();

}  // namespace reconproof::challenge
