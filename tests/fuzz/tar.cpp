// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tar.h"

#include <cstring>
#include <map>
#include <optional>

#include "formats/archive_name.h"
#include "formats/archive_writer.h"
#include "tests/formats/raw_tar.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

struct Member {
  bool folder = false, executable = false;
  std::string contents;
  bool operator==(const Member&) const = default;
};
using Members = std::map<std::string, Member>;

std::string contents_of(formats::TarReader& reader, const formats::TarEntry& entry) {
  std::string contents;
  char buffer[1000];
  while (const size_t got = reader.read(buffer, sizeof buffer)) contents.append(buffer, got);
  RP_ASSERT(std::ssize(contents) == entry.size);
  return contents;
}

/// Nothing where the reader finds a fault.
std::optional<Members> read(std::string_view archive) {
  static MemoryFile file;
  file.set(archive);
  Members members;
  int64_t total = 0, problems = 0;
  const bool whole = accepted([&] {
    formats::TarReader reader(file.path());
    formats::TarEntry entry;
    while (reader.next(entry)) {
      RP_ASSERT(entry.size >= 0);
      if (entry.problem != formats::TarProblem::kNone) {
        RP_ASSERT(!entry.message.empty());
        ++problems;
        continue;
      }
      RP_ASSERT(formats::unsafe_name_reason(entry.name).empty());
      Member member{entry.folder, entry.executable, contents_of(reader, entry)};
      total += std::ssize(member.contents);
      RP_ASSERT(total <= std::ssize(archive));
      RP_ASSERT(!entry.folder || member.contents.empty());
      RP_ASSERT(members.emplace(entry.name, std::move(member)).second);
    }
  });
  if (!whole || problems > 0) return std::nullopt;
  return members;
}

std::string written(const Members& members) {
  std::string archive;
  formats::ArchiveWriter writer(
      [&](const void* data, size_t size) { archive.append(static_cast<const char*>(data), size); },
      0);
  for (const auto& [name, member] : members) {
    if (member.folder) {
      writer.add_folder(name);
    } else {
      writer.begin_file(name, std::ssize(member.contents), member.executable);
      writer.write(member.contents.data(), member.contents.size());
    }
  }
  writer.finish();
  return archive;
}

/// What is read is written, and read again as the same.
void check(std::string_view archive) {
  std::optional<Members> members = read(archive);
  if (!members) return;
  for (auto& [name, member] : *members) member.executable |= member.folder;  // 0755
  RP_ASSERT(read(written(*members)) == members);
}

/// The same bytes with right checksums in all headers, which mutations do not find.
std::string with_checksums(std::string archive) {
  constexpr size_t kBlock = 512, kMagic = 257;
  for (size_t at = 0; at + kBlock <= archive.size(); at += kBlock) {
    if (archive.compare(at + kMagic, 5, "ustar") != 0) continue;
    archive.replace(at, kBlock, fakes::RawTar::with_checksum(archive.substr(at, kBlock)));
  }
  return archive;
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof::fuzz;
  const std::string_view archive = text_of(data, size);
  check(archive);
  const std::string mended = with_checksums(std::string(archive));
  if (mended != archive) check(mended);
  return 0;
}
