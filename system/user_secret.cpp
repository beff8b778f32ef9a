// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/user_secret.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/user_folders.h"

namespace reconproof::system {

namespace fs = std::filesystem;

namespace {

constexpr size_t kDigits = 64;

std::string random_digits() {
  unsigned char bytes[32];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) fail_errno(Code::kIo, "getrandom");
  return sha256_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

/// Under its name the file is whole, or not there; of two programs the first one's stays.
void make_secret(const fs::path& file) {
  make_folders(file.parent_path());
  const fs::path fresh = file.string() + "." + std::to_string(::getpid());
  Descriptor handle(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!handle.valid()) fail_errno(Code::kIo, fresh.string());
  const std::string digits = random_digits();
  write_all(handle.get(), digits.data(), digits.size(), fresh.string());
  const bool linked = ::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST;
  const int error = errno;
  ::unlink(fresh.c_str());
  errno = error;
  if (!linked) fail_errno(Code::kIo, file.string());
}

}  // namespace

std::string user_secret() {
  const fs::path file = user_state_folder() / "secret";
  if (::access(file.c_str(), F_OK) != 0) make_secret(file);
  const Descriptor handle = open_for_reading(file);
  struct stat status {};
  if (::fstat(handle.get(), &status) != 0) fail_errno(Code::kIo, file.string());
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0) {
    fail(Code::kIntegrity, "{}: others than you may read or write it; remove it", file.string());
  }
  std::string digits(kDigits, '\0');
  read_at(handle, digits.data(), digits.size(), 0, file.string());
  return digits;
}

}  // namespace reconproof::system
