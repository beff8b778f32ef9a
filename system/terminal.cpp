// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "system/clock.h"

namespace reconproof::system {
namespace {

/// Length of the valid UTF-8 sequence at `text`, 0 when there is none.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  size_t length = lead < 0x80                   ? 1
                  : lead >= 0xC2 && lead < 0xE0 ? 2
                  : lead >= 0xE0 && lead < 0xF0 ? 3
                  : lead >= 0xF0 && lead < 0xF5 ? 4
                                                : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

size_t terminal_columns() {
  constexpr size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

}  // namespace

std::string printable(std::string_view untrusted) {
  std::string safe;
  for (size_t i = 0; i < untrusted.size();) {
    const unsigned char c = static_cast<unsigned char>(untrusted[i]);
    const size_t length = utf8_length(untrusted.substr(i));
    // C1 controls (U+0080 to U+009F) and the bidirectional overrides act on a terminal like ESC
    // does.
    const std::string_view sequence = untrusted.substr(i, length);
    const bool c1 = length == 2 && c == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
    const bool bidi =
        length == 3 && (sequence == "\u202A" || sequence == "\u202B" || sequence == "\u202C" ||
                        sequence == "\u202D" || sequence == "\u202E" || sequence == "\u2066" ||
                        sequence == "\u2067" || sequence == "\u2068" || sequence == "\u2069");
    if (c == '\n') {
      safe += "\\n";
      ++i;
    } else if (length == 0 || c < 0x20 || c == 0x7F) {
      safe += fmt::format("\\x{:02x}", c);
      ++i;
    } else if (c1 || bidi) {
      for (char part : sequence) safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(part));
      i += length;
    } else {
      safe += sequence;
      i += length;
    }
  }
  return safe;
}

std::string excerpt(std::string_view untrusted, size_t most) {
  if (untrusted.size() <= most) return printable(untrusted);
  // Not in the middle of a character.
  const size_t least = most - std::min<size_t>(most, 3);
  size_t end = most;
  while (end > least && (static_cast<unsigned char>(untrusted[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{} (and {} bytes more)", printable(untrusted.substr(0, end)),
                     untrusted.size() - end);
}

Progress::Progress(std::string label, int64_t total, int64_t done)
    : label_(std::move(label)),
      total_(total),
      first_(done),
      done_(done),
      started_(monotonic_seconds()),
      visible_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (visible_ && drawn_ > 0) std::fprintf(stderr, "\r\033[K");
}

void Progress::advance(int64_t steps) {
  done_ += steps;
  const double now = monotonic_seconds();
  if (visible_ && now - drawn_ > 0.1) {
    drawn_ = now;
    draw();
  }
}

void Progress::draw() {
  const double elapsed = drawn_ - started_;
  const double left = done_ > first_ ? elapsed / (done_ - first_) * (total_ - done_) : 0;
  const int width = 24;
  const int filled = total_ > 0 ? static_cast<int>(width * done_ / total_) : 0;
  fmt::print(stderr, "\r{} [{:=<{}}{: <{}}] {}/{}, {} left\033[K", label_, "", filled, "",
             width - filled, done_, total_, duration_text(left));
}

std::string fit_columns(const std::string& text, size_t columns) {
  const auto width = [&](size_t from) {
    return static_cast<unsigned char>(text[from]) < 0x80 ? 1u : 2u;
  };
  constexpr size_t kDots = 3;
  size_t used = 0, kept = 0;  // `kept`: where it may end with dots behind it
  for (size_t i = 0; i < text.size();) {
    if (used + kDots <= columns) kept = i;
    used += width(i);
    if (used > columns) return text.substr(0, kept) + std::string(std::min(columns, kDots), '.');
    i += std::max<size_t>(1, utf8_length(std::string_view(text).substr(i)));
  }
  return text;
}

StatusLine::StatusLine(std::function<std::string()> text) : text_(std::move(text)) {
  if (::isatty(STDERR_FILENO) == 1) thread_ = std::thread([this] { work(); });
}

StatusLine::~StatusLine() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  clear_progress_line();
}

void StatusLine::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    // One column stays free: a terminal would begin a new line behind the last one.
    fmt::print(stderr, "\r{}\033[K", fit_columns(printable(text_()), terminal_columns() - 1));
    wake_.wait_for(lock, std::chrono::seconds(1));
  }
}

void clear_progress_line() {
  if (::isatty(STDERR_FILENO) == 1) std::fputs("\r\033[K", stderr);
}

std::string clock_text(double seconds) {
  const int64_t whole = static_cast<int64_t>(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
}

std::string duration_text(double seconds) {
  const int64_t whole = static_cast<int64_t>(seconds + 0.5);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace reconproof::system
