// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Archives written so that the same inputs give the same bytes (docs/formats/bundle.md). They
// stream: memory does not grow with the size of the files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reconproof::formats {

/// SOURCE_DATE_EPOCH of the environment (reproducible-builds.org), or 0. kUsage when it is no
/// number of seconds.
int64_t source_date_epoch();
/// Its day, "2026-08-31"; nothing where it is not set: no clock enters by itself.
std::optional<std::string> source_date();

/// What an ArchiveWriter writes: tar, or for those who know nothing else a zip file, its files
/// stored and not compressed.
enum class ArchiveKind { kTar, kZip };

/// Tar is ustar, with a pax record only where a name or size does not fit ustar or is not ASCII.
/// Every entry has the same time, owner 0 without a name, and mode 0644 or 0755. Names must come in
/// byte order.
class ArchiveWriter {
 public:
  using Sink = std::function<void(const void* data, size_t size)>;
  explicit ArchiveWriter(Sink sink, int64_t mtime = source_date_epoch(),
                         ArchiveKind kind = ArchiveKind::kTar);
  ~ArchiveWriter();

  void add_folder(const std::string& name);
  /// Followed by `write` calls of `size` bytes in total.
  void begin_file(const std::string& name, int64_t size, bool executable = false);
  void write(const void* data, size_t size);
  void add_file(const std::string& name, std::string_view contents);
  /// Writes the end marker. Without it the archive is not complete.
  void finish();

 private:
  struct State;
  void begin(const std::string& name, bool folder, int64_t size, int mode);
  void expect_file_complete() const;
  std::unique_ptr<State> state_;
};

}  // namespace reconproof::formats
