// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "system/error.h"

namespace reconproof::system {
namespace fs = std::filesystem;

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Descriptor open_for_reading(const fs::path& path) {
  // O_NONBLOCK: a FIFO planted under an expected name must not hang us.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) fail_errno(Code::kNotFound, path.string());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_errno(Code::kIo, path.string());
  if (S_ISDIR(status.st_mode))
    fail(Code::kNotFound, "{}: is a folder, expected a file", path.string());
  if (!S_ISREG(status.st_mode)) {
    fail(Code::kNotFound, "{}: is not a regular file (device, pipe or socket)", path.string());
  }
  return file;
}

size_t read_some(const Descriptor& file, void* out, size_t size, const std::string& name) {
  while (true) {
    const ssize_t got = ::read(file.get(), out, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) fail_errno(Code::kIo, name);
  }
}

void read_at(const Descriptor& file, void* out, size_t size, int64_t offset,
             const std::string& name) {
  char* bytes = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got = ::pread(file.get(), bytes, size, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(Code::kIo, name);
    if (got == 0) fail(Code::kCorrupt, "{}: ends {} bytes too early; copy it again", name, size);
    bytes += got;
    offset += got;
    size -= static_cast<size_t>(got);
  }
}

Descriptor open_directly(const Descriptor& file, int mode) {
  // Opened anew: the flag belongs to the open file, which others use through the cache.
  const std::string path = fmt::format("/proc/self/fd/{}", file.get());
  return Descriptor(::open(path.c_str(), mode | O_CLOEXEC | O_DIRECT));
}

bool try_lock(const Descriptor& file) {
  return ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

std::string read_file(const fs::path& path, int64_t max_bytes) {
  Descriptor file = open_for_reading(path);
  std::string contents;
  char buffer[1 << 16];
  while (true) {
    const size_t got = read_some(file, buffer, sizeof buffer, path.string());
    if (got == 0) return contents;
    contents.append(buffer, got);
    if (static_cast<int64_t>(contents.size()) > max_bytes) {
      fail(Code::kCorrupt, "{}: larger than {} bytes, the most that is read of such a file",
           path.string(), max_bytes);
    }
  }
}

void write_all(int fd, const void* data, size_t size, const std::string& name) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_errno(Code::kIo, "cannot write " + name);
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) fail(Code::kNotFound, "{}: {}", folder.string(), error.message());
  std::sort(entries.begin(), entries.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return entries;
}

std::vector<fs::path> files_below(const fs::path& folder, std::vector<fs::path>* links) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_symlink()) {
      if (links) links->push_back(it->path().lexically_relative(folder));
    } else if (it->is_regular_file()) {
      files.push_back(it->path().lexically_relative(folder));
    }
  }
  if (error) fail(Code::kNotFound, "{}: {}", folder.string(), error.message());
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return files;
}

namespace {

/// Absolute, and without a slash at the end.
fs::path plain(const fs::path& path) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

fs::path parent_of(const fs::path& path) { return plain(path).parent_path(); }

// Bytes that an AtomicFile writes at once. kLargeFile is a multiple of the first.
constexpr size_t kGathered = 1 << 20, kGatheredDirectly = 4 << 20;

constexpr std::string_view kTemporaryTail = ".partial-XXXXXX";

fs::path temporary_template(const fs::path& target) {
  const fs::path absolute = plain(target);
  return absolute.parent_path() /
         ("." + absolute.filename().string() + std::string(kTemporaryTail));
}

/// The name of the file that mkostemp or mkdtemp made this name for; "" where they did not.
std::string target_of(const std::string& name) {
  constexpr size_t kRandom = 6;  // the X's
  const size_t tail = kTemporaryTail.size();
  const bool temporary =
      name.size() > tail + 1 && name.front() == '.' &&
      name.compare(name.size() - tail, tail - kRandom, kTemporaryTail, 0, tail - kRandom) == 0 &&
      std::all_of(name.end() - kRandom, name.end(),
                  [](unsigned char c) { return std::isalnum(c) != 0; });
  return temporary ? name.substr(1, name.size() - tail - 1) : "";
}

/// A place that cannot be written to is the caller's choice; a disk that fails is not.
Code code_of(const std::error_code& error) {
  for (const std::errc chosen :
       {std::errc::not_a_directory, std::errc::is_a_directory, std::errc::permission_denied,
        std::errc::read_only_file_system, std::errc::no_such_file_or_directory,
        std::errc::file_exists, std::errc::filename_too_long, std::errc::operation_not_permitted}) {
    if (error == chosen) return Code::kInvalidArgument;
  }
  return Code::kIo;
}

std::error_code last_error() { return {errno, std::generic_category()}; }

void sync_file(int fd, const std::string& name) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) fail_errno(Code::kIo, "cannot write " + name);
  }
}

void sync_folder(const fs::path& folder) {
  Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.valid()) ::fsync(handle.get());  // some file systems refuse: the rename still stands
}

/// All files below, then the folders that name them. What cannot be opened was not written by us.
void sync_tree(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> folders = {folder};
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const fs::file_status status = it->symlink_status(error);
    if (fs::is_directory(status)) folders.push_back(it->path());
    if (!fs::is_regular_file(status)) continue;
    const Descriptor file(::open(it->path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.valid()) sync_file(file.get(), it->path().string());
  }
  std::for_each(folders.rbegin(), folders.rend(), sync_folder);
}

void set_umask_mode(const fs::path& path, mode_t base) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::chmod(path.c_str(), base & ~mask);
}

/// A new name beside the target, and its lock. `make` creates what the template stands for and
/// returns a descriptor of it.
std::pair<fs::path, Descriptor> make_locked(const fs::path& target,
                                            const std::function<int(char*)>& make) {
  make_folders(parent_of(target));
  while (true) {
    std::string name = temporary_template(target).string();
    Descriptor made(make(name.data()));
    if (!made.valid())
      fail_errno(code_of(last_error()), "cannot write in " + parent_of(target).string());
    // Another program may have seen it unlocked, and taken it for abandoned.
    if (try_lock(made) && fs::exists(name)) return {name, std::move(made)};
  }
}

/// `wanted`: whether what stands for this target goes.
void remove_unlocked(const fs::path& folder,
                     const std::function<bool(const std::string&)>& wanted) {
  std::error_code ignored;
  std::vector<fs::path> candidates;
  for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    const std::string target = target_of(it->path().filename().string());
    if (!target.empty() && wanted(target)) candidates.push_back(it->path());
  }
  for (const fs::path& path : candidates) {
    const Descriptor found(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (found.valid() && try_lock(found)) fs::remove_all(path, ignored);
  }
}

}  // namespace

bool is_half_written(const fs::path& path) { return !target_of(path.filename().string()).empty(); }

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  std::error_code error;
  const fs::file_type type = fs::status(target_, error).type();
  if (type != fs::file_type::not_found && type != fs::file_type::none &&
      type != fs::file_type::regular) {
    fail(Code::kInvalidArgument, "{}: is a folder or device, not a file that can be replaced",
         target_.string());
  }
  std::tie(temporary_, file_) =
      make_locked(target_, [](char* name) { return ::mkostemp(name, O_CLOEXEC); });
  set_umask_mode(temporary_, 0666);
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

const fs::path& AtomicFile::temporary_path() {
  ::flock(file_.get(), LOCK_UN);
  return temporary_;
}

void AtomicFile::write(const void* data, size_t size) {
  if (gathered_.size() == 0) gathered_ = PageBuffer(kGathered);
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const size_t some = std::min(size, gathered_.size() - filled_);
    std::memcpy(gathered_.data() + filled_, bytes, some);
    filled_ += some;
    bytes += some;
    size -= some;
    if (filled_ == gathered_.size()) flush();
  }
}

void AtomicFile::flush() {
  const size_t done = direct_.valid() ? write_directly() : 0;
  write_all(file_.get(), gathered_.data() + done, filled_ - done, target_.string());
  written_ += static_cast<int64_t>(std::exchange(filled_, 0));
  if (direct_.valid()) return;
  // The disk begins at once, so that little is left for the fsync at the end.
  constexpr int64_t kAtOnce = int64_t{8} << 20;
  if (written_ - sent_ >= kAtOnce) {
    ::sync_file_range(file_.get(), sent_, written_ - sent_, SYNC_FILE_RANGE_WRITE);
    sent_ = written_;
  }
  if (written_ == kLargeFile) {
    direct_ = open_directly(file_, O_WRONLY);
    if (direct_.valid()) gathered_ = PageBuffer(kGatheredDirectly);
  }
}

/// How much of what is gathered the disk has taken: not the end of the file, which is no whole
/// page, nor what it refused, for which the other way has the error.
size_t AtomicFile::write_directly() {
  const size_t whole = filled_ - filled_ % kDirectAlignment;
  size_t done = 0;
  while (done < whole) {
    const ssize_t some = ::pwrite(direct_.get(), gathered_.data() + done, whole - done,
                                  written_ + static_cast<off_t>(done));
    if (some < 0 && errno == EINTR) continue;
    if (some > 0) done += static_cast<size_t>(some);
    if (some <= 0 || some % kDirectAlignment != 0) {
      direct_.reset();
      break;
    }
  }
  if (::lseek(file_.get(), written_ + static_cast<off_t>(done), SEEK_SET) < 0)
    fail_errno(Code::kIo, "cannot write " + target_.string());
  return done;
}

void AtomicFile::commit() {
  flush();
  sync_file(file_.get(), target_.string());
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    fail_errno(Code::kIo, "cannot write " + target_.string());
  }
  temporary_.clear();
  sync_folder(parent_of(target_));
}

void write_file(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

void remove_abandoned(const fs::path& folder) {
  remove_unlocked(folder, [](const std::string&) { return true; });
}

void remove_abandoned_of(const fs::path& target) {
  const std::string name = plain(target).filename().string();
  remove_unlocked(parent_of(target), [&](const std::string& other) { return other == name; });
}

StagedFolder::StagedFolder(fs::path target) : target_(std::move(target)) {
  std::tie(temporary_, lock_) = make_locked(target_, [](char* name) {
    return ::mkdtemp(name) ? ::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  });
  set_umask_mode(temporary_, 0777);
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void StagedFolder::commit() {
  sync_tree(temporary_);
  // RENAME_EXCHANGE keeps the old folder until the new one stands in its place.
  const long exchanged = ::syscall(SYS_renameat2, AT_FDCWD, temporary_.c_str(), AT_FDCWD,
                                   target_.c_str(), RENAME_EXCHANGE);
  if (exchanged != 0) {
    if (errno != ENOENT && errno != EINVAL && errno != ENOSYS)
      fail_errno(Code::kIo, "cannot write " + target_.string());
    replace_target();
  }
  sync_folder(parent_of(target_));
}

/// Where nothing stands yet, or the file system cannot exchange: the old one waits under another
/// temporary name until the new one is there.
void StagedFolder::replace_target() {
  std::optional<StagedFolder> old;
  if (fs::exists(target_)) {
    old.emplace(target_);
    if (::rename(target_.c_str(), old->temporary_.c_str()) != 0)
      fail_errno(Code::kIo, "cannot write " + target_.string());
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    const int error = errno;
    if (old && ::rename(old->temporary_.c_str(), target_.c_str()) == 0) old->temporary_.clear();
    errno = error;
    fail_errno(Code::kIo, "cannot write " + target_.string());
  }
  temporary_.clear();
}

namespace {

constexpr std::string_view kTemporaryPrefix = "reconproof-tmp.";

Descriptor open_folder(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace

void remove_abandoned_temporaries(const fs::path& parent) {
  std::error_code ignored;
  std::vector<fs::path> candidates;
  for (fs::directory_iterator it(parent, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    if (it->path().filename().string().starts_with(kTemporaryPrefix))
      candidates.push_back(it->path());
  }
  for (const fs::path& path : candidates) {
    const Descriptor folder = open_folder(path);
    struct stat status {};
    if (folder.valid() && ::fstat(folder.get(), &status) == 0 && status.st_uid == ::geteuid() &&
        try_lock(folder)) {
      fs::remove_all(path, ignored);
    }
  }
}

TemporaryFolder::TemporaryFolder() {
  const fs::path parent = fs::temp_directory_path();
  static std::once_flag swept;
  std::call_once(swept, [&] { remove_abandoned_temporaries(parent); });
  while (true) {
    std::string name = (parent / kTemporaryPrefix).string() + "XXXXXX";
    if (!::mkdtemp(name.data())) fail_errno(Code::kIo, "cannot create a temporary folder");
    path_ = name;
    lock_ = open_folder(path_);
    // Another program may have seen it unlocked.
    if (try_lock(lock_) && fs::exists(path_)) return;
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    fail(code_of(error), "cannot create the folder {}: {}", folder.string(), error.message());
  }
}

fs::path self_executable() { return fs::read_symlink("/proc/self/exe"); }

}  // namespace reconproof::system
