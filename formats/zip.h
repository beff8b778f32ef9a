// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Zip archives whose entries are stored, not compressed, as torch.save writes them (the container
// of docs/formats/torch-checkpoint.md). Strict where libarchive is tolerant: the directory, the
// local headers and the file's size must tell one story, so that no two readers see different
// archives; and an entry's bytes are read from their place, in any order. Deflate is not even
// linked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "system/files.h"

namespace reconproof::formats {

struct ZipEntry {
  int64_t header = 0;            // where its local header begins
  int64_t offset = 0, size = 0;  // of its data, within the file
  uint32_t crc32 = 0;
};

/// Reads and checks the directory at construction. kNotFound; kUnsupported for compressed,
/// encrypted or foreign entries; kCorrupt for anything that does not fit together: a cut file, two
/// entries of one name (torch looks them up without regard to case), unsafe names, entries that
/// overlap, bytes that belong to none.
class ZipReader {
 public:
  explicit ZipReader(const std::filesystem::path& path);

  int64_t file_size() const { return file_size_; }
  const std::map<std::string, ZipEntry>& entries() const { return entries_; }

  /// A whole entry; `out` has exactly its size. kCorrupt when its CRC-32 does not hold.
  void read(const std::string& name, std::span<std::byte> out) const;
  std::string read(const std::string& name) const;

  /// Bytes of an entry from `begin` on. The CRC-32 of the whole entry is checked at the first call.
  void read_part(const std::string& name, int64_t begin, std::span<std::byte> out) const;

 private:
  struct Directory {
    int64_t begin = 0, size = 0, count = 0;
  };
  void read_at(int64_t offset, void* out, size_t size) const;
  std::string bytes_at(int64_t offset, int64_t size) const;
  void check_crc32(const std::string& name, uint32_t found) const;
  Directory find_directory() const;
  void parse_directory(const Directory& directory);
  ZipEntry locate(const std::string& name, std::string_view central) const;
  /// Where the entry's data begin.
  int64_t check_local_header(const std::string& name, uint16_t flags, const ZipEntry& entry) const;
  void check_tiling(int64_t data_bytes) const;
  std::string of_entry(const std::string& name) const;  // for messages

  std::filesystem::path path_;
  system::Descriptor file_;
  int64_t file_size_ = 0;
  std::map<std::string, ZipEntry> entries_;
  mutable std::set<std::string> checked_;  // entries whose CRC-32 was found to hold
};

inline constexpr int64_t kTorchAlignment = 64;

/// Writes a stored archive: same entries in the same order, same bytes. Data begin at multiples of
/// `alignment`, 64 bytes as torch aligns them for mapping; 1: headers without any padding.
/// kUnsupported beyond 4 GiB or 65,534 entries.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path, int64_t alignment = kTorchAlignment);

  void add(const std::string& name, std::span<const std::byte> data);
  void add(const std::string& name, std::string_view data);
  /// Writes the directory and puts the file in its place; without it nothing is left behind.
  void commit();

 private:
  void write(std::string_view bytes);
  std::string padding_behind(int64_t bytes) const;

  std::string path_;
  system::AtomicFile file_;
  int64_t alignment_ = kTorchAlignment, written_ = 0, count_ = 0;
  std::string directory_;
};

}  // namespace reconproof::formats
