// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/extract.h"

#include <vector>

#include "submission/bundle/folder_writer.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

void expect_nothing_at(const fs::path& target) {
  std::error_code ignored;
  if (fs::symlink_status(target, ignored).type() != fs::file_type::not_found) {
    fail(Code::kInvalidArgument, "{}: something stands there already; name a new folder",
         system::printable(target.string()));
  }
}

bool is_wanted(const std::string& path, const std::set<std::string>& parts) {
  if (parts.empty() || !path.starts_with(kPayloadFolder)) return true;
  const size_t begin = std::string_view(kPayloadFolder).size();
  return parts.contains(path.substr(begin, path.find('/', begin) - begin));
}

void write_file(formats::TarReader& reader, const std::string& path, const FolderWriter& folder,
                const std::string& sha256) {
  std::vector<char> buffer(1 << 20);
  const system::Descriptor file = folder.open_file(path);
  system::Sha256 hash;
  int64_t offset = 0;
  while (const size_t got = reader.read(buffer.data(), buffer.size())) {
    hash.update(buffer.data(), got);
    folder.write(file, path, offset, buffer.data(), got);
    offset += static_cast<int64_t>(got);
  }
  if (hash.hex() != sha256)
    fail(Code::kIntegrity, "{}: changed while it was read", system::printable(path));
}

}  // namespace

VerifyResult extract(const fs::path& bundle, const fs::path& target,
                     const ExtractOptions& options) {
  expect_nothing_at(target);
  const Inventory inventory = take_inventory(bundle);
  const VerifyResult result = judge(inventory);
  if (!result.ok()) return result;
  system::StagedFolder staged(target);
  const FolderWriter folder(staged.path());
  folder.expect_room(result.bytes, result.files);
  for (const std::string& path : inventory.folders) {
    if (is_wanted(path, options.parts)) folder.make_folder(path);
  }
  formats::TarReader reader(bundle, options.limits);
  for (formats::TarEntry entry; reader.next(entry);) {
    const std::optional<std::string> path = path_in_bag(entry.name, inventory.top);
    if (entry.problem != formats::TarProblem::kNone || !path)
      fail(Code::kIntegrity, "{}: changed while it was read", bundle.string());
    if (entry.folder || !is_wanted(*path, options.parts)) continue;
    const auto known = inventory.files.find(*path);
    if (known == inventory.files.end())
      fail(Code::kIntegrity, "{}: changed while it was read", bundle.string());
    if (const size_t slash = path->rfind('/'); slash != std::string::npos)
      folder.make_folder(path->substr(0, slash));
    folder.make_file(*path, entry.size, known->second.executable);
    write_file(reader, *path, folder, known->second.sha256);
  }
  expect_nothing_at(target);
  staged.commit();
  return result;
}

}  // namespace reconproof::submission
