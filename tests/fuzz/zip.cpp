// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The container of checkpoints, and whole checkpoints as they are.
#include "formats/zip.h"

#include "formats/archive_name.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/tensor_files.h"

namespace reconproof::fuzz {
namespace {

/// Entries whose CRC-32 holds; nothing where one does not.
std::map<std::string, std::string> contents_of(const formats::ZipReader& zip) {
  std::map<std::string, std::string> contents;
  for (const auto& [name, entry] : zip.entries()) {
    RP_ASSERT(formats::unsafe_name_reason(name).empty());
    RP_ASSERT(entry.header >= 0 && entry.offset > entry.header && entry.size >= 0);
    RP_ASSERT(entry.size <= zip.file_size() - entry.offset);
    contents[name] = zip.read(name);
    std::string half(contents[name].size() / 2, '\0');
    zip.read_part(name, 0, std::as_writable_bytes(std::span(half)));
    RP_ASSERT(contents[name].starts_with(half));
  }
  return contents;
}

void check_archive(const std::filesystem::path& path, const std::filesystem::path& copy) {
  accepted([&] {
    const std::map<std::string, std::string> contents = contents_of(formats::ZipReader(path));
    formats::ZipWriter writer(copy);
    for (const auto& [name, data] : contents) writer.add(name, data);
    writer.commit();
    RP_ASSERT(contents_of(formats::ZipReader(copy)) == contents);
  });
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  static fuzz::MemoryFile file;
  static const system::TemporaryFolder folder;
  file.set(fuzz::text_of(data, size));
  fuzz::check_archive(file.path(), folder.path() / "copy.zip");
  fuzz::check_checkpoint(file.path(), folder.path() / "copy.pt");
  return 0;
}
