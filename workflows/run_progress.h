// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a person sees on stderr while a check runs a command again and again: on a terminal a line
// that lives; elsewhere nothing, or with `verbose` a line for each run.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "system/terminal.h"

namespace reconproof::workflows {

/// The last line that a command printed, from pieces as they come. Both \n and \r end a line: a
/// progress bar writes the second.
class LastLine {
 public:
  void add(std::string_view piece);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string line_, last_;
};

class RunProgress {
 public:
  explicit RunProgress(bool verbose) : verbose_(verbose) {}

  /// So many runs more are to come (or fewer).
  void expect(int64_t runs) { expected_ += runs; }

  /// A run begins: "run 2 of 4: the same command again".
  void begin(const std::string& what, double timeout_s);
  void output(std::string_view piece) { last_line_->add(piece); }
  void end();

  /// A run needs not be made: it stands in the records of a check that was cut off at `ended`.
  void taken(const std::string& what, const std::string& ended);

 private:
  std::string heading(const std::string& what);

  bool verbose_;
  int64_t expected_ = 0, begun_ = 0;
  std::shared_ptr<LastLine> last_line_ = std::make_shared<LastLine>();
  std::unique_ptr<system::StatusLine> line_;
};

}  // namespace reconproof::workflows
