// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/sign.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "formats/archive_writer.h"
#include "formats/strict_json.h"
#include "formats/tar.h"
#include "submission/bundle/hashing.h"
#include "submission/bundle/verify.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/page_buffer.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kTarBlock = 512;
/// The end of an archive that ArchiveWriter makes (docs/formats/bundle.md).
constexpr size_t kEndMarker = 1024;

/// Where new entries go into an archive, and up to where an old one gives way to them.
struct Cut {
  int64_t begin = -1, end = -1;
  std::string top;          // the bag's folder
  bool has_folder = false;  // attestations/ has an entry, or something in it
};

/// Before the first name that comes later in byte order. Archives that others packed may have
/// another order, or no folders; what they had they keep.
Cut find_cut(formats::TarReader& reader, const std::string& path) {
  Cut cut;
  int64_t begin = 0;
  for (formats::TarEntry entry; reader.next(entry);) {
    const int64_t end = entry.offset + (entry.size + kTarBlock - 1) / kTarBlock * kTarBlock;
    if (cut.top.empty()) cut.top = entry.name.substr(0, entry.name.find('/'));
    const std::string folder = cut.top + "/" + kAttestationFolder, file = cut.top + "/" + path;
    if (entry.name == folder || entry.name.starts_with(folder + "/")) cut.has_folder = true;
    if (entry.name == file) {
      cut.begin = begin;
      cut.end = end;
    } else if (cut.begin < 0 && entry.name > file) {
      cut.begin = cut.end = begin;
    }
    begin = end;
  }
  if (cut.begin < 0) cut.begin = cut.end = begin;
  return cut;
}

std::string new_entries(const Cut& cut, const std::string& path, const std::string& text) {
  std::string bytes;
  formats::ArchiveWriter writer(
      [&](const void* data, size_t size) { bytes.append(static_cast<const char*>(data), size); });
  if (!cut.has_folder) writer.add_folder(cut.top + "/" + kAttestationFolder);
  writer.add_file(cut.top + "/" + path, text);
  writer.finish();
  bytes.resize(bytes.size() - kEndMarker);
  return bytes;
}

/// What tells whether a file was written to.
struct stat status_of(const system::Descriptor& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) system::fail_errno(Code::kIo, path.string());
  return status;
}

void copy(const system::Descriptor& file, int64_t begin, int64_t end, const fs::path& path,
          system::AtomicFile& out) {
  const system::PageBuffer buffer(1 << 20);
  while (begin < end) {
    system::InterruptWatch::throw_if_interrupted();
    const size_t size = std::min(buffer.size(), static_cast<size_t>(end - begin));
    system::read_at(file, buffer.data(), size, begin, path.string());
    out.write(buffer.data(), size);
    begin += static_cast<int64_t>(size);
  }
}

}  // namespace

BundleName require_verified(const fs::path& bundle) {
  OpenBag bag = open_bag(bundle);
  hash_files(bag);
  const VerifyResult result = judge(bag.inventory);
  if (!result.ok()) {
    const BundleProblem& first = result.problems.front();
    fail(result.exit_code() == system::ExitCode::kMalformed ? Code::kCorrupt : Code::kIntegrity,
         "{}: does not verify: {}{}{} ({} problem{}; `reconproof verify` tells all); get it again",
         bundle.string(), system::printable(first.path), first.path.empty() ? "" : " ",
         system::printable(first.message), result.problems.size(),
         result.problems.size() == 1 ? "" : "s");
  }
  const std::string file = std::string(kMetaFolder) + "submission.json";
  const nlohmann::json meta = formats::parse_strict_json(bag.inventory.texts.at(file), file);
  return {result.id, meta.at("project"), meta.at("edition")};
}

void add_attestation(const fs::path& bundle, const fs::path& out, const std::string& path,
                     const std::string& text) {
  formats::TarReader reader(bundle);
  const system::Descriptor file = reader.duplicate();
  const struct stat before = status_of(file, bundle);
  const Cut cut = find_cut(reader, path);
  system::remove_abandoned_of(out);
  system::AtomicFile target(out);
  copy(file, 0, cut.begin, bundle, target);
  target.write(new_entries(cut, path, text));
  copy(file, cut.end, before.st_size, bundle, target);
  const struct stat after = status_of(file, bundle);
  if (after.st_size != before.st_size || after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
      after.st_mtim.tv_nsec != before.st_mtim.tv_nsec) {
    fail(Code::kIntegrity,
         "{}: changed while it was being signed; sign it when nobody writes to it",
         bundle.string());
  }
  target.commit();
}

}  // namespace reconproof::submission
