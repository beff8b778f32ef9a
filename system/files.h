// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Files that are either whole or absent: everything we write goes to a temporary name, is synced,
// then renamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "system/page_buffer.h"

namespace reconproof::system {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = other.release();
    }
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

/// Opens a regular file, close-on-exec. Throws kNotFound with the reason ("Permission denied", "is
/// a folder").
Descriptor open_for_reading(const std::filesystem::path& path);

/// Up to `size` of the next bytes; 0 at the end. kIo ("<name>: ...").
size_t read_some(const Descriptor& file, void* out, size_t size, const std::string& name);

/// Exactly `size` bytes from `offset` on; kCorrupt ("<name>: ...") where the file ends before.
void read_at(const Descriptor& file, void* out, size_t size, int64_t offset,
             const std::string& name);

/// Locks the file or folder against other programs that ask, until the descriptor is closed. False
/// where another one holds it; file systems that know no locks count as free.
bool try_lock(const Descriptor& file);

/// From here on a file is read and written past the page cache: bytes that are used once cost more
/// processor time there than hashing them, and throw out what others need.
inline constexpr int64_t kLargeFile = int64_t{256} << 20;
/// Of offsets, sizes and memory, past the page cache: what every disk takes.
inline constexpr int64_t kDirectAlignment = 4096;
/// The same open file past the page cache, for reading or writing (O_RDONLY, O_WRONLY); none where
/// its file system knows no such way.
Descriptor open_directly(const Descriptor& file, int mode);

/// Whole file as bytes; kCorrupt when it is larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path, int64_t max_bytes = int64_t{64} << 20);

/// All bytes or an exception (kIo).
void write_all(int fd, const void* data, size_t size, const std::string& name);

/// Entries of a folder in byte order of their names, hidden ones included. kNotFound when it is no
/// folder.
std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder);

/// All regular files below a folder, as paths relative to it, in byte order. Symbolic links are not
/// followed and are returned in `links` when it is given.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder,
                                               std::vector<std::filesystem::path>* links = nullptr);

/// A file under construction. Without `commit()` nothing is left behind. It is locked meanwhile, so
/// that no other program takes it for abandoned.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// For a library that opens files by their names. It may lock this one; our lock is given up.
  const std::filesystem::path& temporary_path();
  /// Gathered to writes of 1 MiB, of a large file (kLargeFile) of 4 MiB.
  void write(const void* data, size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// fsync, rename over the target, fsync of the folder.
  void commit();

 private:
  void flush();
  size_t write_directly();

  std::filesystem::path target_, temporary_;
  Descriptor file_;
  Descriptor direct_;  // past the page cache, once the file is large
  PageBuffer gathered_;
  size_t filled_ = 0;               // of it
  int64_t written_ = 0, sent_ = 0;  // bytes in the file; those that are on their way to the disk
};

void write_file(const std::filesystem::path& path, std::string_view contents);

/// Whether an AtomicFile or StagedFolder of ours, living or abandoned, has such a name.
bool is_half_written(const std::filesystem::path& path);

/// Removes from a folder what killed programs left there of AtomicFile and StagedFolder. What
/// others hold locked stays. What cannot be removed, or a folder that is not there, is no error.
void remove_abandoned(const std::filesystem::path& folder);
/// The same of this one file or folder: for folders that are not ours.
void remove_abandoned_of(const std::filesystem::path& target);

/// A folder under construction beside its target; `commit()` exchanges it with whatever stands
/// there and removes the old one. Without `commit()` nothing is left behind and the old one stays.
/// Locked as an AtomicFile is. `commit()` brings all that is in it to the disk first.
class StagedFolder {
 public:
  explicit StagedFolder(std::filesystem::path target);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  void commit();

 private:
  void replace_target();

  std::filesystem::path target_, temporary_;
  Descriptor lock_;
};

/// A private folder under TMPDIR, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Descriptor lock_;  // says that we live
};

/// Removes from a folder what TemporaryFolders of killed programs left there; each program does so
/// under TMPDIR before its first. Folders of other users and of living programs are left alone.
void remove_abandoned_temporaries(const std::filesystem::path& parent);

/// A folder, or a link to one. False also where it cannot be looked at.
bool is_folder(const std::filesystem::path& path);

/// `path` is `folder` or lies in it, by their names alone.
bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);

/// Creates the folder and its parents; kIo with the reason.
void make_folders(const std::filesystem::path& folder);

/// Path of the running program.
std::filesystem::path self_executable();

}  // namespace reconproof::system
