// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A zip archive in memory; formats::ZipWriter writes files, and syncs them.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace reconproof::fuzz {

inline std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string archive, directory;
  for (const auto& [name, data] : entries) {
    const uint64_t crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
    // Version, flags, method, time, date, CRC-32, both sizes, length of the name, of the extra.
    const std::string shared = little_endian(20, 2) + std::string(8, '\0') + little_endian(crc, 4) +
                               little_endian(data.size(), 4) + little_endian(data.size(), 4) +
                               little_endian(name.size(), 2) + std::string(2, '\0');
    directory += "PK\x01\x02" + little_endian(20, 2) + shared + std::string(10, '\0') +
                 little_endian(archive.size(), 4) + name;
    archive += "PK\x03\x04" + shared + name + data;
  }
  const size_t begin = archive.size();
  return archive + directory + "PK\x05\x06" + std::string(4, '\0') +
         little_endian(entries.size(), 2) + little_endian(entries.size(), 2) +
         little_endian(directory.size(), 4) + little_endian(begin, 4) + std::string(2, '\0');
}

}  // namespace reconproof::fuzz
