// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the organisers of one year fixed, read from challenge/editions/<id>.toml (compiled into the
// binary). A new edition is a new file there; see docs/formats/edition.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "challenge/network.h"

namespace reconproof::challenge {

enum class Severity { kError, kWarning, kNote };
const char* severity_text(Severity severity);
Severity severity_from_text(const std::string& text);

/// One rule of an edition. The check that judges it is found by `id` (checks/registry.h).
struct Rule {
  std::string id;             // "layout.names"
  std::string text, text_ko;  // what the organisers demand, in one sentence
  Severity severity = Severity::kError;
  std::string remediation, remediation_ko;  // what a team does about it
  std::string source;     // issue or README of the official repository, with its date
  std::string certainty;  // "stated", "derived" or "uncertain"
  std::optional<double> limit;
  std::optional<double> limit_high;  // where sources contradict each other: surely broken above it
  std::string unit;

  double sure_limit() const { return limit_high.value_or(limit.value_or(0)); }
};

/// One folder of the leaderboard, scored by itself: an acceleration.
struct Cell {
  std::string
      name;  // folder in reconstructions and score item, "acc4"; empty: no folder of its own
  std::string folder;  // folder in the leaderboard data, "acc4"; empty: the leaderboard itself
  /// Other folders that stand for it ("acc4" for 2024's public one); "*": any that is no other
  /// cell's.
  std::vector<std::string> also;
};

/// What volumes of one anatomy are called, and where their foreground begins.
struct Anatomy {
  std::string prefix;            // "brain": a volume belongs here when its file name starts with it
  double mask_threshold = 0;     // image_label above it is foreground
  int64_t official_volumes = 0;  // in each cell of the public leaderboard; 0: not known
};

enum class Metric {
  kMaskedMap,     // 2021 to 2025: SSIM of the masked images, mean of the whole map, of all slices
  kMaskAndBoxes,  // 2026: SSIM inside the mask, and inside each annotated box
  kVolume         // fastMRI's evaluate.py: MSE, NMSE, PSNR, SSIM of a volume, mean of all volumes
};

/// Order in which an official script adds up volumes.
enum class VolumeOrder { kNumber, kName };

/// Their names in rule files, options and JSON.
const char* metric_text(Metric metric);
const char* order_text(VolumeOrder order);
Metric metric_from_text(const std::string& text);  // kUsage, with the names that exist

/// What a time per slice adds to the score (2026): `bonus` up to `full_ms`, 0 from `none_ms` on,
/// linear between.
struct SpeedTerm {
  double bonus = 0, full_ms = 0, none_ms = 0;
  std::string certainty, source;
};

/// How an edition is scored and printed.
struct ScoreRules {
  Metric metric = Metric::kMaskedMap;
  VolumeOrder order = VolumeOrder::kNumber;
  std::string label_set = "image_label";  // data set of the labels
  std::string format = ".4f";             // of a printed score: ".4f", ".4g"
  std::string print;                      // text of the official script, {item} in place of numbers
  std::string timed_print;                // the same of the script that also measures times, or ""
  /// Of the script that measures times: what it adds when volumes take longer than `slow_volume_s`.
  std::string slow_warning;
  double slow_volume_s = 0;
  std::optional<SpeedTerm> speed;

  /// A value as the official script prints it.
  std::string printed(double value) const;
  /// A number that somebody else wrote, in these digits; nothing when it is no plain number.
  std::optional<std::string> reprinted(const std::string& text) const;
  int64_t digits() const { return format[1] - '0'; }
};

/// What the official VarNet takes on the official GPU for the forward pass of one slice: the bridge
/// from times on other devices to that one.
struct Reference {
  double ms_per_slice = 0;
  VarnetSizes network;
  int64_t coils = 0, rows = 0, columns = 0;  // of the k-space
  std::string certainty, source;
};

struct Edition {
  std::string id;  // "snu-2025"
  std::string title;
  int64_t version = 1;
  std::string sha256;  // of the TOML text
  std::vector<Cell> cells;
  std::vector<Anatomy> anatomies;
  int64_t image_size = 384;   // reconstructions are image_size x image_size; 0: as the label
  std::string official_name;  // "{prefix}_test{number}.h5"; empty: names are not known
  ScoreRules score;
  bool crop_zero_pads = true;  // the official network's crop pads narrow images with zeros
  std::string official_gpu;    // "NVIDIA GeForce GTX 1080"
  std::string repository_folder = "code";  // of a team, beside which its results lie
  std::optional<Reference> reference;
  std::vector<Rule> rules;

  std::string ruleset() const { return id + "@" + sha256.substr(0, 12); }
  const Rule& rule(std::string_view rule_id) const;  // kInternal when absent
  const Rule* find_rule(std::string_view rule_id) const;
  /// The anatomy whose prefix starts the file name; else, since final sets have other names, the
  /// only one whose prefix is part of it in any case; else the only one there is; else null.
  const Anatomy* anatomy_of(std::string_view file_name) const;
  /// What a score consists of, in the order of its print: "total", "acc4", "acc8".
  std::vector<std::string> item_names() const;
  /// How many volumes a cell of the public leaderboard has; 0: not known.
  int64_t official_volume_count() const;
  /// Their names in the official order: "brain_test1.h5", ...; empty when they are not known.
  std::vector<std::string> official_volumes() const;
};

/// The text with every {name} replaced by what is given for it.
std::string fill_placeholders(const std::string& text,
                              const std::function<std::string(const std::string&)>& value_of);

/// Reads a rule file; `name` is used in messages. Throws kCorrupt with line and key.
Edition parse_edition(std::string_view toml, const std::string& name);

/// Reads a rule file from disk (`--rules my.toml`).
Edition read_edition(const std::filesystem::path& path);

/// An edition compiled into this binary; kUsage, with the list of those it knows, when there is
/// none.
const Edition& find_edition(const std::string& id);
std::vector<std::string> edition_ids();

/// SHA-256 over the ids and hashes of all rule files: one number for "the rules of this binary".
std::string rules_sha256();

}  // namespace reconproof::challenge
