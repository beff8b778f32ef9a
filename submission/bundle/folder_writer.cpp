// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/folder_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::Descriptor;

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

FolderWriter::FolderWriter(const fs::path& folder)
    : folder_(folder), root_(::open(folder.c_str(), kFolderFlags)) {
  if (!root_.valid()) system::fail_errno(Code::kIo, folder.string());
}

std::string FolderWriter::shown(const std::string& path) const {
  return "cannot write " + system::printable((folder_ / path).string());
}

void FolderWriter::expect_room(int64_t bytes, int64_t files) const {
  struct statvfs disk {};
  if (::fstatvfs(root_.get(), &disk) != 0) system::fail_errno(Code::kIo, folder_.string());
  const auto block = static_cast<int64_t>(disk.f_frsize);
  const int64_t free = static_cast<int64_t>(disk.f_bavail) * block;
  const int64_t needed = bytes + files * block;  // the last block of each is half empty or worse
  if (needed > free) {
    system::fail(Code::kIo,
                 "{}: the disk has {} bytes free, {} are needed; make room or write elsewhere",
                 folder_.parent_path().string(), free, needed);
  }
}

Descriptor FolderWriter::parent_of(const std::string& path) const {
  Descriptor folder(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
  for (size_t begin = 0, end; folder.valid() && (end = path.find('/', begin)) != std::string::npos;
       begin = end + 1) {
    folder =
        Descriptor(::openat(folder.get(), path.substr(begin, end - begin).c_str(), kFolderFlags));
  }
  if (!folder.valid()) system::fail_errno(Code::kIo, shown(path));
  return folder;
}

void FolderWriter::make_folder(const std::string& path) const {
  for (size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string prefix = path.substr(0, end);
    const Descriptor parent = parent_of(prefix);
    if (::mkdirat(parent.get(), last_component(prefix).c_str(), 0755) != 0 && errno != EEXIST)
      system::fail_errno(Code::kIo, shown(prefix));
  }
}

void FolderWriter::make_file(const std::string& path, int64_t size, bool executable) const {
  const Descriptor parent = parent_of(path);
  const Descriptor file(::openat(parent.get(), last_component(path).c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 executable ? 0755 : 0644));
  if (!file.valid() || ::ftruncate(file.get(), size) != 0)
    system::fail_errno(Code::kIo, shown(path));
}

Descriptor FolderWriter::open_file(const std::string& path) const {
  const Descriptor parent = parent_of(path);
  Descriptor file(
      ::openat(parent.get(), last_component(path).c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) system::fail_errno(Code::kIo, shown(path));
  return file;
}

void FolderWriter::write(const Descriptor& file, const std::string& path, int64_t offset,
                         const char* data, size_t size) const {
  while (size > 0) {
    const ssize_t written = ::pwrite(file.get(), data, size, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) system::fail_errno(Code::kIo, shown(path));
    data += written;
    offset += written;
    size -= static_cast<size_t>(written);
  }
}

}  // namespace reconproof::submission
