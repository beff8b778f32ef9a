// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a run printed, in its folder of the history: the beginning in `log`, and where there is too
// much of it the end in `log.<offset>`, so that a command that prints for weeks fills no disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "submission/runs/run.h"
#include "system/files.h"

namespace reconproof::submission {

struct LogLimits {
  int64_t head_bytes = int64_t{32} << 20;
  int64_t tail_bytes = int64_t{16} << 20;  // at least; up to twice as much is kept
};

/// Writes a log. Never throws after its making: a full disk must not stop the command that is
/// recorded.
class RunLog {
 public:
  /// kIo where the file cannot be made.
  explicit RunLog(std::filesystem::path file, LogLimits limits = {});
  void write(std::string_view bytes);
  int64_t bytes() const { return bytes_; }  // that came
  /// Why it is not whole; empty: it is, but for what the limits leave out.
  const std::string& failure() const { return failure_; }

 private:
  bool append(std::string_view bytes);
  void next_tail();

  std::filesystem::path file_;
  LogLimits limits_;
  system::Descriptor out_;
  std::vector<std::filesystem::path> tails_;
  int64_t bytes_ = 0, in_file_ = 0;
  std::string failure_;
};

/// A part of what was printed, from `offset` on.
struct LogPart {
  std::filesystem::path file;
  int64_t offset = 0, bytes = 0;
};

/// The parts that are kept, in order; where one does not begin at the end of the one before, the
/// rest was left out.
std::vector<LogPart> log_parts(const std::filesystem::path& file);

/// Hands the parts to `out` piece by piece, with "[... N bytes left out ...]" on a line between
/// them.
void read_log(const std::filesystem::path& file, const std::function<void(std::string_view)>& out);

struct LogRecovery {
  std::vector<CurvePoint> points;  // that follow the known ones
  int64_t bytes = 0;               // printed
};

/// What the log of a run that went without a word tells beyond the points that were written. When a
/// line came is known from what it says itself.
LogRecovery recover_log(const std::filesystem::path& file, std::span<const CurvePoint> known);

}  // namespace reconproof::submission
