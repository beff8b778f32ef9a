// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/office_package.h"

#include <archive_entry.h>

#include <memory>

#include "formats/libarchive.h"
#include "formats/zip.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

using system::Code;
using system::fail;

constexpr const char* kContentTypes = "[Content_Types].xml";
constexpr int64_t kMostBytes = int64_t{1} << 30;
constexpr size_t kMostParts = 20000;

/// The bytes of the entry that was read last; `total` of all entries so far.
std::string part_bytes(archive* reader, const std::string& where, int64_t& total) {
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const la_ssize_t size = ::archive_read_data(reader, block, sizeof block);
    if (size == 0) return bytes;
    if (size < 0) fail(Code::kCorrupt, "{}: {}", where, archive_message(reader));
    total += size;
    if (total > kMostBytes) fail(Code::kUnsupported, "{}: its parts are beyond 1 GiB", where);
    bytes.append(block, static_cast<size_t>(size));
  }
}

}  // namespace

PackageParts read_package(const std::filesystem::path& path) {
  const std::string name = path.string();
  const system::Descriptor file = system::open_for_reading(path);
  const std::unique_ptr<archive, ReadCloser> reader(::archive_read_new());
  if (!reader || ::archive_read_support_format_zip_seekable(reader.get()) != ARCHIVE_OK)
    fail(Code::kInternal, "libarchive reads no zip archives");
  const Utf8Locale utf8;
  if (::archive_read_open_fd(reader.get(), file.get(), 1 << 16) != ARCHIVE_OK)
    fail(Code::kCorrupt, "{}: {}", name, archive_message(reader.get()));
  PackageParts parts;
  int64_t total = 0;
  archive_entry* entry = nullptr;
  for (;;) {
    const int result = ::archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) break;
    if (result != ARCHIVE_OK) fail(Code::kCorrupt, "{}: {}", name, archive_message(reader.get()));
    if (::archive_entry_filetype(entry) == AE_IFDIR) continue;
    const char* part = ::archive_entry_pathname(entry);
    if (!part) fail(Code::kCorrupt, "{}: has a part without a name", name);
    if (!parts.try_emplace(part).second)
      fail(Code::kCorrupt, "{}: has the part {} twice", name, system::printable(part));
    if (parts.size() > kMostParts) fail(Code::kUnsupported, "{}: has beyond 20,000 parts", name);
    parts[part] = part_bytes(reader.get(), name, total);
  }
  if (!parts.contains(kContentTypes))
    fail(Code::kCorrupt, "{}: has no {}, so it is no file of an office program", name,
         kContentTypes);
  return parts;
}

void write_package(const std::filesystem::path& path, const PackageParts& parts) {
  ZipWriter zip(path, 1);
  zip.add(kContentTypes, parts.at(kContentTypes));
  for (const auto& [name, bytes] : parts) {
    if (name != kContentTypes) zip.add(name, bytes);
  }
  zip.commit();
}

}  // namespace reconproof::formats
