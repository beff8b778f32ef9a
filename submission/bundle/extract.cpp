// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/extract.h"

#include "submission/bundle/folder_writer.h"
#include "submission/bundle/hashing.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

/// The only files that have a use for an executable bit.
constexpr std::string_view kCodeFolder = "data/code/";

void expect_nothing_at(const fs::path& target) {
  std::error_code ignored;
  if (fs::symlink_status(target, ignored).type() != fs::file_type::not_found) {
    fail(Code::kInvalidArgument, "{}: something stands there already; name a new folder",
         system::printable(target.string()));
  }
}

/// Folders, and files of the right size that are still empty: the hasher fills them.
void lay_out(const OpenBag& bag, const std::set<std::string>& parts, const FolderWriter& folder) {
  int64_t bytes = 0, files = 0;
  for (const auto& [path, file] : bag.inventory.files) {
    if (!is_wanted(path, parts)) continue;
    bytes += file.size;
    ++files;
  }
  folder.expect_room(bytes, files);
  for (const std::string& path : bag.inventory.folders) {
    if (is_wanted(path, parts)) folder.make_folder(path);
  }
  std::string made;
  for (const auto& [path, file] : bag.inventory.files) {
    if (!is_wanted(path, parts)) continue;
    const std::string parent = std::filesystem::path(path).parent_path().string();
    if (!parent.empty() && parent != made) folder.make_folder(made = parent);
    folder.make_file(path, file.size, file.executable && path.starts_with(kCodeFolder));
  }
}

void write_texts(const Inventory& inventory, const FolderWriter& folder) {
  for (const auto& [path, text] : inventory.texts)
    folder.write(folder.open_file(path), path, 0, text.data(), text.size());
}

}  // namespace

VerifyResult extract(const fs::path& bundle, const fs::path& target,
                     const ExtractOptions& options) {
  expect_nothing_at(target);
  if (system::is_folder(bundle)) {
    fail(Code::kUnsupported,
         "{}: is a folder, which needs no extraction; name the bundle's archive",
         system::printable(bundle.string()));
  }
  OpenBag bag = open_bag(bundle, options.limits);
  bag.inventory.parts = options.parts;
  if (VerifyResult refused = judge(bag.inventory, options.trust); !refused.ok()) return refused;
  system::remove_abandoned_of(target);
  system::StagedFolder staged(target);
  const FolderWriter folder(staged.path());
  lay_out(bag, options.parts, folder);
  write_texts(bag.inventory, folder);
  hash_files(bag, {.threads = options.threads, .parts = options.parts, .copy_to = &folder});
  VerifyResult result = judge(bag.inventory, options.trust);
  if (!result.ok()) return result;
  expect_nothing_at(target);
  staged.commit();
  return result;
}

}  // namespace reconproof::submission
