// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Uncompressed tar archives (docs/formats/bundle.md), read as if written by an enemy, as a stream:
// memory does not grow with the size of the files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "system/files.h"

namespace reconproof::formats {

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
