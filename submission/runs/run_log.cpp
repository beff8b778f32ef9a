// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/runs/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "system/error.h"

namespace reconproof::submission {

namespace fs = std::filesystem;

namespace {

system::Descriptor open_log(const fs::path& file) {
  return system::Descriptor(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
}

/// The same line of the log: when it was seen does not matter.
bool same_line(CurvePoint a, const CurvePoint& b) {
  a.at_s = b.at_s;
  return a == b;
}

}  // namespace

RunLog::RunLog(fs::path file, LogLimits limits)
    : file_(std::move(file)), limits_(limits), out_(open_log(file_)) {
  if (!out_.valid()) system::fail_errno(system::Code::kIo, file_.string());
}

void RunLog::write(std::string_view bytes) {
  while (!bytes.empty() && failure_.empty()) {
    const int64_t room = (tails_.empty() ? limits_.head_bytes : limits_.tail_bytes) - in_file_;
    if (room <= 0) {
      next_tail();
      continue;
    }
    const std::string_view part = bytes.substr(0, static_cast<size_t>(room));
    if (!append(part)) break;
    bytes.remove_prefix(part.size());
  }
  bytes_ += std::ssize(bytes);  // that could not be written
}

bool RunLog::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(out_.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      failure_ = fmt::format("{}: {}", file_.string(), std::strerror(errno));
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(put));
    bytes_ += put;
    in_file_ += put;
  }
  return true;
}

void RunLog::next_tail() {
  const fs::path tail = fmt::format("{}.{}", file_.string(), bytes_);
  out_ = open_log(tail);
  if (!out_.valid()) failure_ = fmt::format("{}: {}", tail.string(), std::strerror(errno));
  tails_.push_back(tail);
  in_file_ = 0;
  std::error_code ignored;
  if (tails_.size() > 2) {
    fs::remove(tails_.front(), ignored);
    tails_.erase(tails_.begin());
  }
}

std::vector<LogPart> log_parts(const fs::path& file) {
  std::vector<LogPart> parts;
  std::error_code error;
  const std::string prefix = file.filename().string() + ".";
  for (fs::directory_iterator it(file.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    LogPart part{it->path(), 0, 0};
    if (name != file.filename()) {
      if (!name.starts_with(prefix)) continue;
      const char* last = name.data() + name.size();
      const auto [stop, bad] = std::from_chars(name.data() + prefix.size(), last, part.offset);
      if (bad != std::errc() || stop != last || part.offset <= 0) continue;
    }
    std::error_code gone;
    if (!fs::is_regular_file(fs::symlink_status(part.file, gone))) continue;
    part.bytes = static_cast<int64_t>(fs::file_size(part.file, gone));
    if (!gone) parts.push_back(std::move(part));
  }
  std::ranges::sort(parts, {}, &LogPart::offset);
  return parts;
}

void read_log(const fs::path& file, const std::function<void(std::string_view)>& out) {
  int64_t at = 0;
  std::string buffer(size_t{1} << 16, '\0');
  for (const LogPart& part : log_parts(file)) {
    if (part.offset > at) out(fmt::format("\n[... {} bytes left out ...]\n", part.offset - at));
    at = part.offset;
    const system::Descriptor in = system::open_for_reading(part.file);
    while (const size_t got =
               system::read_some(in, buffer.data(), buffer.size(), part.file.string())) {
      out(std::string_view(buffer).substr(0, got));
      at += static_cast<int64_t>(got);
    }
  }
}

LogRecovery recover_log(const fs::path& file, std::span<const CurvePoint> known) {
  LogRecovery recovery;
  std::vector<CurvePoint> found;
  challenge::TrainingLogReader reader(
      [&](const challenge::TrainingLogLine& line) { found.push_back(curve_point(line, 0)); });
  bool whole = true;
  for (const LogPart& part : log_parts(file)) {
    whole = whole && part.offset == recovery.bytes;
    recovery.bytes = part.offset + part.bytes;
  }
  read_log(file, [&](std::string_view bytes) { reader.add(bytes); });
  // The last line was cut off where it has no end, so it does not count.
  size_t first = known.size();
  if (!whole && !known.empty()) {
    const auto last = std::find_if(found.rbegin(), found.rend(), [&](const CurvePoint& point) {
      return same_line(point, known.back());
    });
    first = last == found.rend() ? found.size() : static_cast<size_t>(found.rend() - last);
  }
  double at_s = known.empty() ? 0 : known.back().at_s;
  for (size_t i = first; i < found.size(); ++i) {
    at_s += (found[i].epoch_end ? found[i].val_time_s : found[i].time_s).value_or(0);
    at_s = std::min(at_s, kMaxRunSeconds);
    found[i].at_s = at_s;
    recovery.points.push_back(found[i]);
  }
  return recovery;
}

}  // namespace reconproof::submission
