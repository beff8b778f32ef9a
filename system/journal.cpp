// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "system/error.h"

namespace reconproof::system {

using nlohmann::json;

namespace {

std::string line_of(const std::string& key, const std::string& value) {
  return json::array({key, value}).dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

/// Key and value of a line; nothing when it is torn or foreign.
std::optional<std::pair<std::string, std::string>> parse_line(const std::string& line) {
  const json entry = json::parse(line, nullptr, false);
  if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_string())
    return std::nullopt;
  return std::pair{entry[0].get<std::string>(), entry[1].get<std::string>()};
}

/// Lines of a file from an offset on; what has no end of line is none.
class LineReader {
 public:
  LineReader(int fd, int64_t offset) : fd_(fd), offset_(offset) {}

  bool next(std::string& line) {
    while (true) {
      const size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        searched_ = 0;
        return true;
      }
      searched_ = buffer_.size();
      std::array<char, 1 << 16> block;
      const ssize_t got = ::pread(fd_, block.data(), block.size(), offset_);
      if (got <= 0) return false;
      buffer_.append(block.data(), static_cast<size_t>(got));
      offset_ += got;
    }
  }

 private:
  int fd_;
  int64_t offset_;
  std::string buffer_;
  size_t searched_ = 0;
};

}  // namespace

Journal::Journal(std::filesystem::path file, const std::string& identity) : path_(std::move(file)) {
  if (path_.has_parent_path()) make_folders(path_.parent_path());
  file_ = Descriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_.valid()) fail_errno(Code::kIo, path_.string());
  if (!try_lock(file_)) {
    fail(Code::kInvalidArgument,
         "{}: the same work is going on in another process; wait for it, or stop it",
         path_.string());
  }
  if (!load(identity)) begin(identity);
}

void Journal::begin(const std::string& identity) {
  offsets_.clear();
  end_ = 0;
  if (::ftruncate(file_.get(), 0) != 0) fail_errno(Code::kIo, path_.string());
  append("identity", identity);
  offsets_.clear();
}

bool Journal::load(const std::string& identity) {
  LineReader lines(file_.get(), 0);
  std::string line;
  for (bool first = true; lines.next(line); first = false) {
    const auto entry = parse_line(line);
    if (!entry) break;
    if (first && *entry != std::pair<std::string, std::string>("identity", identity)) return false;
    if (!first) offsets_[entry->first] = end_;
    end_ += static_cast<int64_t>(line.size()) + 1;
  }
  // What a kill cut off must not become the beginning of the next line.
  if (::ftruncate(file_.get(), end_) != 0) fail_errno(Code::kIo, path_.string());
  return end_ > 0;
}

std::optional<std::string> Journal::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = offsets_.find(key);
  if (found == offsets_.end()) return std::nullopt;
  std::string line;
  if (!LineReader(file_.get(), found->second).next(line)) return std::nullopt;
  const auto entry = parse_line(line);
  if (!entry || entry->first != key) return std::nullopt;
  return entry->second;
}

void Journal::append(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  const std::string line = line_of(key, value);
  if (::lseek(file_.get(), end_, SEEK_SET) < 0) fail_errno(Code::kIo, path_.string());
  write_all(file_.get(), line.data(), line.size(), path_.string());
  offsets_[key] = end_;
  end_ += static_cast<int64_t>(line.size());
}

void Journal::remove() {
  const std::lock_guard lock(mutex_);
  ::unlink(path_.c_str());
}

std::string file_stamp(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) fail_errno(Code::kNotFound, path.string());
  return fmt::format("{} {} {}.{:09} {}:{}", path.string(), status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec, status.st_dev, status.st_ino);
}

}  // namespace reconproof::system
