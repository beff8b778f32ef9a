// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Uncompressed tar archives (docs/formats/bundle.md): written so that the same inputs give the same
// bytes, read as if written by an enemy. Both sides stream: memory does not grow with the size of
// the files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "system/files.h"

namespace reconproof::formats {

/// SOURCE_DATE_EPOCH of the environment (reproducible-builds.org), or 0. kUsage when it is no
/// number of seconds.
int64_t source_date_epoch();

/// Why a name may not stand in an archive of ours ("has a component '..'"), or "" when it may:
/// relative, plain UTF-8, no empty, '.' or '..' component, no backslash or control character, at
/// most 64 components of at most 255 bytes.
std::string unsafe_name_reason(std::string_view name);

/// Writes ustar, with a pax record only where a name or size does not fit ustar or is not ASCII.
/// Every entry has the same time, owner 0 without a name, and mode 0644 or 0755. Names must come in
/// byte order.
class TarWriter {
 public:
  using Sink = std::function<void(const void* data, size_t size)>;
  explicit TarWriter(Sink sink, int64_t mtime = source_date_epoch());
  ~TarWriter();

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

struct TarLimits {
  int64_t max_entries = 1'000'000;
  int64_t max_name_bytes = 1024;                 // of one name
  int64_t max_names_bytes = int64_t{256} << 20;  // of all names together
  int64_t max_total_bytes = int64_t{1} << 40;    // of all files together
};

enum class TarProblem {
  kNone,
  kType,       // a link, device, sparse file, ...: neither a regular file nor a folder
  kName,       // see unsafe_name_reason
  kDuplicate,  // the name stood in the archive before
};

struct TarEntry {
  std::string name;  // without the slash at the end of a folder; text of a stranger
  bool folder = false;
  bool executable = false;  // for its owner
  int64_t size = 0;
  int64_t offset = 0;  // of its contents in the archive
  int64_t begin = 0, end = 0;  // its bytes in the archive, headers and padding included
  TarProblem problem = TarProblem::kNone;
  std::string message;  // of the problem, one sentence
};

/// Accepts ustar, pax and GNU tar without compression. What concerns one entry comes back as its
/// `problem`, so that a caller can name them all; such an entry must not be used. A damaged,
/// truncated or oversized archive, and anything but zeros after its end, throws kCorrupt.
class TarReader {
 public:
  explicit TarReader(const std::filesystem::path& path, const TarLimits& limits = {});
  ~TarReader();

  /// False after the last entry. Whatever was not read of the entry before is skipped.
  bool next(TarEntry& entry);
  /// Bytes of the current entry; 0 at its end.
  size_t read(void* buffer, size_t size);
  /// The archive itself, for who reads contents from their offsets (pread).
  system::Descriptor duplicate() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reconproof::formats
