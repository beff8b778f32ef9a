// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Runs in a project's history: those of a team's commands, and those of our own.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "submission/runs/history.h"
#include "system/exit_code.h"

namespace reconproof::workflows {

/// A run that stands in the history from its making on, and is ended at the latest when this goes.
/// A history that cannot be written costs a warning on stderr, never the command.
class RunRecord {
 public:
  /// `kind` and `command` say what runs; `root`: where the history lies; nothing: nothing is
  /// recorded.
  RunRecord(const std::optional<std::filesystem::path>& root, submission::Run run);
  ~RunRecord();
  RunRecord(const RunRecord&) = delete;
  RunRecord& operator=(const RunRecord&) = delete;

  /// What is to be written at the end.
  submission::Run& run() { return run_; }
  /// Whether it is recorded.
  bool recorded() const { return history_ != nullptr; }
  /// Empty where nothing is recorded.
  std::filesystem::path log_file() const;
  /// The points since the last time; still there.
  void keep_points();
  void finish(submission::Outcome outcome, std::optional<int64_t> exit_code,
              std::optional<int64_t> signal = std::nullopt, const std::string& message = "");
  void add_note(const std::string& kind, const std::string& text);

 private:
  void give_up(const char* reason);
  void touch();

  submission::Run run_;
  std::unique_ptr<submission::History> history_;
  system::Descriptor lock_;
  double began_s_ = 0;
  size_t kept_points_ = 0;
  bool finished_ = false;
};

struct RecordedRunOptions {
  std::string kind = "run";
  std::vector<std::string> command;
  std::vector<std::string> shown_as;          // in the history, where that is another one
  std::optional<std::filesystem::path> root;  // of the history; nothing: nothing is recorded
  std::string note, data_manifest_sha256;
  std::optional<int64_t> deadline_us;
};

struct RecordedRunResult {
  int exit_code =
      0;  // the command's; 128 + n where signal n ended it; 127: it could not be started
  std::string start_error;
  std::string id;                // empty: not recorded
  bool asks_for_lesson = false;  // it failed or was killed
};

/// Runs a command between our own streams and records it (docs/records.md).
RecordedRunResult recorded_run(const RecordedRunOptions& options);

/// Runs one of our own commands and records it where `place` lies in a project: what the body
/// returns or throws becomes the outcome. `body` may add to the run.
system::ExitCode recorded_command(const std::string& kind, int argc, char** argv,
                                  const std::filesystem::path& place,
                                  const std::function<system::ExitCode(submission::Run&)>& body);

}  // namespace reconproof::workflows
