// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a person sees on stderr. Results never come here: they go to stdout.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace reconproof::system {

/// Makes text from a stranger safe to print: control characters, escape sequences and invalid UTF-8
/// become visible (\x1b, \n), so that a file name cannot move the cursor or recolour a verdict.
std::string printable(std::string_view untrusted);

/// The same of at most the first `most` bytes, and how many follow: a name of a megabyte must not
/// push the rest of a message out of sight.
std::string excerpt(std::string_view untrusted, size_t most = 200);

/// A progress bar that appears only on a terminal.
class Progress {
 public:
  /// `done` of `total` were done before.
  Progress(std::string label, int64_t total, int64_t done = 0);
  ~Progress();
  void advance(int64_t steps = 1);

 private:
  void draw();
  std::string label_;
  int64_t total_, first_, done_;
  double started_, drawn_ = 0;
  bool visible_;
};

/// Printable text cut to so many columns, "..." at its end where it was cut. Every character beyond
/// ASCII counts as two columns: some are that wide.
std::string fit_columns(const std::string& text, size_t columns);

/// A line on a terminal that tells what is going on, drawn anew every second as long as this lives;
/// nothing where stderr is no terminal. `text` is called on another thread, and may hold text from
/// strangers.
class StatusLine {
 public:
  explicit StatusLine(std::function<std::string()> text);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

 private:
  void work();

  std::function<std::string()> text_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Takes a bar off the terminal's line before another text is printed there.
void clear_progress_line();

/// "0:42", "2:00:00".
std::string clock_text(double seconds);

/// "1.5 s", "2 min 03 s", "1 h 02 min".
std::string duration_text(double seconds);

}  // namespace reconproof::system
