// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// One run of a command, as a project's history keeps it (docs/formats/runs.md).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "challenge/training_log.h"

namespace reconproof::submission {

enum class Outcome {
  kRunning,
  kSucceeded,  // exit code 0
  kFailed,     // another one, or the command could not be started
  kKilled,     // ended by a signal, or it went with us: nobody was left to see it end
  kAbandoned,  // given up, as a person says
};

/// "running", "succeeded", "failed", "killed", "abandoned"
const char* outcome_text(Outcome outcome);
std::optional<Outcome> outcome_from_text(std::string_view text);

/// What one line of a training's log tells, or one row of an imported record.
struct CurvePoint {
  bool epoch_end = false;  // else of one step
  int64_t epoch = 0, epochs = 0;
  int64_t iteration = 0, iterations = 0;  // of a step
  std::optional<double> loss;             // of the step, or the epoch's training loss
  std::optional<double> val_loss;
  std::optional<double> time_s, val_time_s;  // as the log says
  bool not_finite = false;                   // a loss is NaN or infinite
  double at_s = 0;                           // since the run began, when we saw it

  bool operator==(const CurvePoint&) const = default;
};

CurvePoint curve_point(const challenge::TrainingLogLine& line, double at_s);

struct ScoreItem {
  std::string name, printed;
  std::optional<double> value;
  bool operator==(const ScoreItem&) const = default;
};

struct FoundSeed {
  std::string place, value;  // "train.py:23 seed_fix", "430"
  bool operator==(const FoundSeed&) const = default;
};

/// Something a person said of a run. It has an id of its own, so that what two teammates say is
/// kept, whoever merges.
struct RunNote {
  std::string id;    // 32 hexadecimal digits
  std::string kind;  // "note", "lesson", "tag"
  std::string text, author;
  int64_t written_us = 0;
  bool operator==(const RunNote&) const = default;
};

/// What people name a run by: the first digits of its id.
inline std::string short_id(const std::string& id) { return id.substr(0, 8); }

/// Texts are UTF-8; what strangers wrote in another encoding has become U+FFFD. Times are UTC, in
/// microseconds since 1970.
struct Run {
  std::string id;    // 32 hexadecimal digits, random
  std::string kind;  // "run", "train", "reconstruct", "score", "check", "pack", ..., "import"
  std::vector<std::string> command;
  std::string directory;  // where it ran, relative to the project
  int64_t begun_us = 0;
  std::optional<int64_t> ended_us;
  Outcome outcome = Outcome::kRunning;
  std::optional<int64_t> exit_code, signal;
  std::string message;  // why it failed, where we know
  std::optional<double> wall_s;
  std::optional<int64_t> peak_memory_bytes, peak_gpu_memory_bytes;
  std::string person, host;

  std::string revision;       // git's; empty: none
  std::optional<bool> dirty;  // files differ from it, or are not in it
  std::string code_state;     // more of that, in words: what is untracked, why there is no diff
  int64_t diff_bytes = 0;
  std::string diff_zlib;  // `git diff`, compressed; empty: no difference, or not kept
  nlohmann::json environment = nlohmann::json::object();
  std::string data_manifest_sha256;
  std::vector<FoundSeed> seeds;
  std::optional<int64_t> deadline_us;

  std::vector<ScoreItem> score;
  std::vector<std::string> warnings;  // given while it ran
  std::optional<double> best_val_loss;
  int64_t epochs_done = 0, epochs = 0;  // of its training; 0: none is known
  int64_t log_bytes = 0;                // printed; what is kept of it is told in the log
  std::string imported_from;            // name of a file; empty: it was recorded
  int64_t updated_us = 0;               // when anything above was last written

  std::vector<CurvePoint> points;  // in the order of the log
  std::vector<RunNote> notes;      // by time, then id
};

/// Of one run that are kept: the rest of an endless log tells nothing more.
inline constexpr size_t kMaxPoints = 60000;
/// And a time since its beginning that is believed: whatever a stranger says.
inline constexpr double kMaxRunSeconds = 1e9;

/// Brings best_val_loss, epochs_done and epochs up to date with a point.
void take_point(Run& run, const CurvePoint& point);

/// 32 hexadecimal digits from the system's source of randomness.
std::string random_id();
bool is_random_id(std::string_view text);

/// `text` with U+FFFD for what is no UTF-8, cut to `most` bytes.
std::string utf8_text(std::string_view text, size_t most = 64 << 10);

/// zlib's format. Decompressed is no more than `bytes`: kCorrupt, with `name`, where it is another
/// size.
std::string deflate_text(std::string_view text);
std::string inflate_text(std::string_view compressed, int64_t bytes, const std::string& name);

}  // namespace reconproof::submission
