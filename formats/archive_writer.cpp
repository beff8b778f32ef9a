// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "formats/archive_name.h"
#include "formats/libarchive.h"
#include "system/date.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::formats {
using system::Code;
using system::fail;

namespace {

struct EntryCloser {
  void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};
struct WriteCloser {
  void operator()(archive* writer) const {
    // An abandoned writer would otherwise fill up its last file with zeros before it closes.
    ::archive_write_fail(writer);
    ::archive_write_free(writer);
  }
};

}  // namespace

int64_t source_date_epoch() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text || !*text) return 0;
  int64_t seconds = 0;
  const char* end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, seconds);
  // 253402300799 is the last second of the year 9999.
  if (error != std::errc() || stopped != end || seconds < 0 || seconds > 253402300799) {
    fail(Code::kUsage, "SOURCE_DATE_EPOCH is '{}', expected seconds since 1970, such as 1700000000",
         system::printable(text));
  }
  return seconds;
}

std::optional<std::string> source_date() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text || !*text) return std::nullopt;
  return system::date_of(source_date_epoch());
}

struct ArchiveWriter::State {
  Sink sink;
  std::exception_ptr fault;  // of the sink: exceptions must not cross libarchive's C frames
  std::unique_ptr<archive, WriteCloser> writer;
  std::unique_ptr<archive_entry, EntryCloser> entry;
  int64_t mtime = 0;
  std::string last_name;
  int64_t missing = 0;  // bytes of the current file that were not written yet
  bool finished = false;

  void check(la_ssize_t result, const std::string& what) {
    if (fault) std::rethrow_exception(fault);
    if (result < ARCHIVE_OK)
      fail(Code::kIo, "cannot archive {}: {}", what, archive_message(writer.get()));
  }

  static la_ssize_t forward(archive*, void* self, const void* data, size_t size) {
    State* state = static_cast<State*>(self);
    try {
      state->sink(data, size);
      return static_cast<la_ssize_t>(size);
    } catch (...) {
      state->fault = std::current_exception();
      return -1;
    }
  }
};

ArchiveWriter::ArchiveWriter(Sink sink, int64_t mtime, ArchiveKind kind)
    : state_(std::make_unique<State>()) {
  state_->sink = std::move(sink);
  state_->mtime = mtime;
  state_->writer.reset(::archive_write_new());
  state_->entry.reset(::archive_entry_new());
  archive* writer = state_->writer.get();
  if (!writer || !state_->entry) fail(Code::kInternal, "libarchive cannot write");
  if (kind == ArchiveKind::kTar) {
    state_->check(::archive_write_set_format_pax_restricted(writer), "as pax");
  } else {
    state_->check(::archive_write_set_format_zip(writer), "as zip");
    state_->check(::archive_write_set_options(writer, "zip:compression=store"), "uncompressed");
  }
  state_->check(::archive_write_set_bytes_per_block(writer, 1 << 16), "in blocks");
  state_->check(::archive_write_set_bytes_in_last_block(writer, 1), "in blocks");
  state_->check(::archive_write_open(writer, state_.get(), nullptr, State::forward, nullptr),
                "at all");
}

ArchiveWriter::~ArchiveWriter() = default;

void ArchiveWriter::expect_file_complete() const {
  if (state_->missing != 0) {
    fail(Code::kInternal, "{}: {} bytes were announced and not written",
         system::printable(state_->last_name), state_->missing);
  }
}

void ArchiveWriter::begin(const std::string& name, bool folder, int64_t size, int mode) {
  expect_file_complete();
  if (const std::string reason = unsafe_name_reason(name); !reason.empty()) {
    fail(Code::kInvalidArgument, "{}: cannot be archived, since the name {}; rename it",
         system::printable(name), reason);
  }
  if (name <= state_->last_name) {
    fail(Code::kInternal, "archive names out of order: '{}' after '{}'", system::printable(name),
         system::printable(state_->last_name));
  }
  state_->last_name = name;
  archive_entry* entry = ::archive_entry_clear(state_->entry.get());
  ::archive_entry_copy_pathname(entry, (folder ? name + "/" : name).c_str());
  ::archive_entry_set_filetype(entry, folder ? AE_IFDIR : AE_IFREG);
  ::archive_entry_set_perm(entry, static_cast<mode_t>(mode));
  ::archive_entry_set_size(entry, size);
  ::archive_entry_set_mtime(entry, state_->mtime, 0);
  const Utf8Locale utf8;
  state_->check(::archive_write_header(state_->writer.get(), entry), system::printable(name));
  state_->missing = size;
}

void ArchiveWriter::add_folder(const std::string& name) { begin(name, true, 0, 0755); }

void ArchiveWriter::begin_file(const std::string& name, int64_t size, bool executable) {
  begin(name, false, size, executable ? 0755 : 0644);
}

void ArchiveWriter::write(const void* data, size_t size) {
  if (static_cast<int64_t>(size) > state_->missing) {
    fail(Code::kInternal, "{}: more bytes than announced", system::printable(state_->last_name));
  }
  const la_ssize_t written = ::archive_write_data(state_->writer.get(), data, size);
  state_->check(written, system::printable(state_->last_name));
  state_->missing -= static_cast<int64_t>(size);
}

void ArchiveWriter::add_file(const std::string& name, std::string_view contents) {
  begin_file(name, static_cast<int64_t>(contents.size()));
  write(contents.data(), contents.size());
}

void ArchiveWriter::finish() {
  expect_file_complete();
  RP_ASSERT(!state_->finished);
  state_->check(::archive_write_close(state_->writer.get()), "its end");
  state_->finished = true;
}

}  // namespace reconproof::formats
