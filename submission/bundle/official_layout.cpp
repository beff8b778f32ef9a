// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/official_layout.h"

#include <functional>
#include <vector>

#include "challenge/edition.h"
#include "formats/archive_writer.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/source_reader.h"
#include "system/error.h"
#include "system/files.h"
#include "system/page_buffer.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

/// Where a file of the project lies beside its repository ("result/net/checkpoints/best_model.pt"),
/// as its scripts look for it; `otherwise` where it lies elsewhere.
std::string place_of(const Project& project, const std::string& repository, const fs::path& file,
                     const std::string& otherwise) {
  const fs::path within = file.lexically_relative(project.root);
  if (!within.empty() && *within.begin() != "..") return repository + "/" + within.string();
  const fs::path beside = file.lexically_relative(project.root.parent_path());
  if (!beside.empty() && *beside.begin() != "..") return beside.string();
  return otherwise;
}

/// "data/attachments/slides/talk.pptx" -> "talk.pptx"
std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void for_each_piece(const SourceFile& source,
                    const std::function<void(const char*, size_t)>& take) {
  SourceReader reader(source);
  const system::PageBuffer buffer(1 << 20);
  while (const size_t got = reader.read(buffer.data(), buffer.size())) take(buffer.data(), got);
}

void write_zip(const std::map<std::string, SourceFile>& files, const std::string& top,
               const fs::path& out) {
  system::AtomicFile file(out);
  formats::ArchiveWriter zip([&](const void* data, size_t size) { file.write(data, size); }, 0,
                             formats::ArchiveKind::kZip);
  for (const auto& [name, source] : files) {
    zip.begin_file(top + "/" + name, source.size, source.executable);
    for_each_piece(source, [&](const char* data, size_t size) { zip.write(data, size); });
  }
  zip.finish();
  file.commit();
}

void write_folder(const std::map<std::string, SourceFile>& files, const fs::path& out) {
  system::StagedFolder folder(out);
  for (const auto& [name, source] : files) {
    const fs::path target = folder.path() / name;
    system::make_folders(target.parent_path());
    system::AtomicFile file(target);
    for_each_piece(source, [&](const char* data, size_t size) { file.write(data, size); });
    file.commit();
    fs::permissions(target, fs::perms(source.executable ? 0755 : 0644));
  }
  folder.commit();
}

}  // namespace

std::map<std::string, SourceFile> official_files(const Project& project,
                                                 const Collection& collection) {
  const std::string repository = challenge::find_edition(project.edition).repository_folder;
  std::map<std::string, SourceFile> files;
  const auto put = [&](const std::string& place, const SourceFile& source) {
    if (files.emplace(place, source).second) return;
    fail(Code::kUnsupported, "{}: two files would be handed in as {}; rename one of them",
         system::printable(source.path.string()), system::printable(place));
  };
  for (const auto& [path, source] : collection.payload) {
    constexpr std::string_view kCode = "data/code/";
    if (path.starts_with(kCode)) put(repository + "/" + path.substr(kCode.size()), source);
  }
  for (const auto& [path, source] : collection.payload) {
    const std::string name = last_part(path);
    const bool made =
        collection.generated && system::is_below(source.path, collection.generated->path());
    if (made || path.starts_with("data/code/")) continue;
    const std::string place =
        path.starts_with("data/attachments/")
            ? name
            : place_of(project, repository, source.path,
                       (path.starts_with("data/weights/") ? "weights/" : "logs/") + name);
    if (!files.contains(place)) put(place, source);  // code that is also a log is there already
  }
  return files;
}

PackResult pack_official(const Project& project, const fs::path& out) {
  project.expect_free(out);
  const bool zip = out.extension() == ".zip";
  std::error_code ignored;
  if (zip ? system::is_folder(out) : fs::exists(out, ignored)) {
    fail(Code::kInvalidArgument,
         "{}: is there already; name a new folder, or a file ending in .zip", out.string());
  }
  const Collection collection = collect(project, {HandInForm::kOfficialLayout, true, out});
  const std::map<std::string, SourceFile> files = official_files(project, collection);
  if (zip) {
    write_zip(files, bag_folder_name(project.name), out);
  } else {
    write_folder(files, out);
  }
  PackResult result;
  result.files = std::ssize(files);
  for (const auto& [name, source] : files) result.bytes += source.size;
  for (const std::string& warning : collection.warnings)
    if (warning != kUncheckedWarning) result.warnings.push_back(warning);
  return result;
}

}  // namespace reconproof::submission
