// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/run_progress.h"

#include <fmt/core.h>

#include <algorithm>

#include "system/clock.h"

namespace reconproof::workflows {

namespace {
constexpr size_t kLongestLine = 400;  // bytes: more than a terminal is wide
}

void LastLine::add(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  for (char c : piece) {
    if (c == '\n' || c == '\r') {
      if (line_.find_first_not_of(" \t") != std::string::npos) last_ = line_;
      line_.clear();
    } else if (line_.size() < kLongestLine) {
      line_ += c;
    }
  }
}

std::string LastLine::text() const {
  const std::lock_guard lock(mutex_);
  return line_.find_first_not_of(" \t") == std::string::npos ? last_ : line_;
}

std::string RunProgress::heading(const std::string& what) {
  ++begun_;
  expected_ = std::max(expected_, begun_);
  return fmt::format("run {} of {}: {}", begun_, expected_, what);
}

void RunProgress::begin(const std::string& what, double timeout_s) {
  const std::string text = heading(what);
  if (verbose_) fmt::print(stderr, "{}\n", text);
  last_line_ = std::make_shared<LastLine>();
  const double started = system::monotonic_seconds();
  line_ = std::make_unique<system::StatusLine>([text, timeout_s, started, last = last_line_] {
    std::string line =
        fmt::format("{}, {}", text, system::clock_text(system::monotonic_seconds() - started));
    if (timeout_s > 0) line += " of at most " + system::clock_text(timeout_s);
    const std::string printed = last->text();
    return printed.empty() ? line : line + ": " + printed;
  });
}

void RunProgress::end() { line_.reset(); }

void RunProgress::taken(const std::string& what, const std::string& ended) {
  fmt::print(stderr, "{}: taken from the check that was cut off (this run ended at {})\n",
             heading(what), ended);
}

}  // namespace reconproof::workflows
