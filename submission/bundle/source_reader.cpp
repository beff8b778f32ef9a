// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/source_reader.h"

#include <sys/stat.h>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace {

[[noreturn]] void fail_changed(const SourceFile& source) {
  system::fail(system::Code::kIntegrity,
               "{}: changed while it was being packed; pack again when no program writes to it",
               system::printable(source.path.string()));
}

}  // namespace

SourceReader::SourceReader(const SourceFile& source)
    : source_(source), file_(system::open_for_reading(source.path)), bytes_(file_) {
  expect_unchanged();
}

size_t SourceReader::read(void* out, size_t size) {
  // All before was read in whole pages, or the file has ended.
  const size_t got = ended_ ? 0 : bytes_.read(out, size, done_, source_.path.string());
  done_ += static_cast<int64_t>(got);
  ended_ = got < size;
  if (done_ > source_.size) fail_changed(source_);
  if (got > 0) return got;
  if (done_ != source_.size) fail_changed(source_);
  expect_unchanged();
  return 0;
}

void SourceReader::expect_unchanged() const {
  struct stat now {};
  if (::fstat(file_.get(), &now) != 0) system::fail_errno(system::Code::kIo, source_.path.string());
  if (now.st_size != source_.size || now.st_dev != source_.device || now.st_ino != source_.inode ||
      now.st_mtim.tv_sec * 1'000'000'000 + now.st_mtim.tv_nsec != source_.mtime_ns) {
    fail_changed(source_);
  }
}

}  // namespace reconproof::submission
