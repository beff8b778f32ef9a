// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The history of a project: PROJECT/.reconproof/runs.sqlite, and a folder for each run beside it
// (docs/formats/runs.md).
//
// A run is there, whole, from before its command starts. While it runs, its program holds the lock
// of the run's folder; where the lock is free and no end was written, whoever looks next writes
// that it was killed, with what the log got. So nothing is lost to kill -9, and a pid that was used
// again deceives nobody.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "submission/runs/run.h"
#include "system/files.h"
#include "system/sqlite.h"

namespace reconproof::submission {

/// The project that `start` lies in: the nearest folder at or above it that has a reconproof.toml;
/// nothing where there is none.
std::optional<std::filesystem::path> project_above(const std::filesystem::path& start);
/// The same, for commands that are recorded on their own: nothing where RECONPROOF_HISTORY is
/// "none".
std::optional<std::filesystem::path> recorded_project(const std::filesystem::path& start);
/// Where the history of a command without project lies: that project, else the git repository's
/// root, else `start` itself.
std::filesystem::path history_root(const std::filesystem::path& start);

struct RunFilter {
  std::vector<std::string> kinds, outcomes;  // empty: all
  std::optional<int64_t> since_us;
  int64_t limit = 0;  // newest; 0: all
};

class History {
 public:
  enum class Mode { kRead, kWrite, kCreate };

  /// kNotFound where there is none (with kRead, kWrite); kCorrupt where the file is damaged, or
  /// none of ours; kUnsupported where a newer version wrote it; kIo where it cannot be opened so.
  History(const std::filesystem::path& root, Mode mode);

  static std::filesystem::path file_below(const std::filesystem::path& root);
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path run_folder(const std::string& id) const;
  std::filesystem::path log_file(const std::string& id) const { return run_folder(id) / "log"; }

  /// Writes a run that begins now, with a folder and a lock that the caller holds as long as it
  /// runs.
  system::Descriptor begin(const Run& run);
  /// Writes all but points and notes anew. A run that someone took for killed meanwhile is ours
  /// again.
  void update(const Run& run);
  /// Points from number `first` on, those that were there from it on give way.
  void write_points(const std::string& id, int64_t first, std::span<const CurvePoint> points);
  void add_note(const std::string& id, const RunNote& note);
  /// Adds what `other` knows more than we do: a run that we have not, notes, and the run itself
  /// where it was written later than ours. True where anything is new.
  bool merge(const Run& other);
  /// The same of many: all or none. How many were new.
  int64_t merge(std::span<const Run> others);

  /// Without points, diff, environment, newest first.
  std::vector<Run> list(const RunFilter& filter);
  int64_t count(const RunFilter& filter);
  /// Of a beginning of its id, at least 4 digits, or "last". kNotFound, or kUsage where it is
  /// ambiguous.
  std::string find(const std::string& beginning);
  /// All of it.
  Run load(const std::string& id);
  /// Ids of all runs, by (begun, id).
  std::vector<std::string> ids();

  /// Runs of this folder that say they run and whose program has gone become killed ones. Called by
  /// whoever shows runs. Nothing where the history is only read.
  void settle();
  /// Whether a run's program lives; nothing where that cannot be told (another machine's run).
  std::optional<bool> lives(const std::string& id) const;

 private:
  void make();
  void check();
  int64_t key_of(const std::string& id);
  void insert(const Run& run, bool local);
  void write_row(const Run& run, int64_t key);
  void settle(const std::string& id);

  std::filesystem::path root_;
  bool writable_ = false;
  std::unique_ptr<system::Database> database_;
};

}  // namespace reconproof::submission
