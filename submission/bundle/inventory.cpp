// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/inventory.h"

#include <algorithm>

#include "formats/archive_name.h"
#include "submission/bundle/shards.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::ExitCode;

namespace {

/// The most that is kept in memory of a tag file; 0 for files that are only hashed.
int64_t text_limit(const std::string& path) {
  if (path == kBagitFile || path == kBagInfoFile) return 1 << 16;
  if (path == kManifestFile || path == kTagManifestFile) return int64_t{128} << 20;
  if (is_attestation(path)) return kMaxAttestationBytes;
  const bool meta =
      path == kShardsFile ||
      std::any_of(kJudgedMeta.begin(), kJudgedMeta.end(),
                  [&](const std::string& name) { return path == kMetaFolder + name + ".json"; });
  return meta ? int64_t{16} << 20 : 0;
}

void report_entry(Inventory& inventory, const char* kind, const std::string& path,
                  const std::string& message) {
  inventory.problems.push_back({kind, path, message, ExitCode::kMalformed});
}

const char* kind_of(formats::TarProblem problem) {
  switch (problem) {
    case formats::TarProblem::kType:
      return "type";
    case formats::TarProblem::kName:
      return "unsafe_path";
    case formats::TarProblem::kDuplicate:
      return "duplicate";
    case formats::TarProblem::kNone:
      break;
  }
  return "malformed";
}

using Offsets = std::map<std::string, int64_t>;

void list_archive(formats::TarReader& reader, Inventory& inventory, Offsets& offsets) {
  formats::TarEntry entry;
  while (reader.next(entry)) {
    if (entry.problem != formats::TarProblem::kNone) {
      report_entry(inventory, kind_of(entry.problem), entry.name, entry.message);
      continue;
    }
    if (inventory.top.empty()) inventory.top = entry.name.substr(0, entry.name.find('/'));
    const std::optional<std::string> path = path_in_bag(entry.name, inventory.top);
    if (!path || (path->empty() && !entry.folder)) {
      report_entry(
          inventory, "top_folder", entry.name,
          fmt::format(
              "stands outside the folder '{}'; a bundle holds one folder and nothing beside it",
              inventory.top));
    } else if (!entry.folder) {
      inventory.files[*path] = {entry.size, "", entry.executable, {}};
      offsets[*path] = entry.offset;
    } else if (!path->empty()) {
      inventory.folders.insert(*path);
    }
  }
}

OpenBag open_archive(const fs::path& bundle, const formats::TarLimits& limits) {
  OpenBag bag;
  bag.inventory.archive = true;
  const auto offsets = std::make_shared<Offsets>();
  try {
    formats::TarReader reader(bundle, limits);
    const auto file = std::make_shared<const system::Descriptor>(reader.duplicate());
    bag.locate = [offsets, file, name = bundle.string()](const std::string& path) {
      return Place{file, offsets->at(path), name};
    };
    list_archive(reader, bag.inventory, *offsets);
  } catch (const system::Error& error) {
    if (error.code() != Code::kCorrupt) throw;
    report_entry(bag.inventory, "malformed", "", error.what());
    bag.inventory.complete = false;
  }
  return bag;
}

void list_folder_entry(const fs::directory_entry& entry, const std::string& path,
                       Inventory& inventory) {
  if (const std::string reason = formats::unsafe_name_reason(path); !reason.empty()) {
    report_entry(inventory, "unsafe_path", path, fmt::format("the name {}", reason));
  } else if (entry.is_symlink()) {
    report_entry(inventory, "type", path,
                 "is a symbolic link; a bundle holds only regular files and folders");
  } else if (entry.is_directory()) {
    inventory.folders.insert(path);
  } else if (entry.is_regular_file()) {
    const bool executable =
        (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
    inventory.files[path] = {static_cast<int64_t>(entry.file_size()), "", executable, {}};
  } else {
    report_entry(inventory, "type", path,
                 "is a device, pipe or socket; a bundle holds only regular files and folders");
  }
}

OpenBag open_folder(const fs::path& bundle) {
  OpenBag bag;
  bag.inventory.top = fs::absolute(bundle).lexically_normal().filename().string();
  bag.locate = [bundle](const std::string& path) {
    const fs::path file = bundle / path;
    return Place{std::make_shared<const system::Descriptor>(system::open_for_reading(file)), 0,
                 file.string()};
  };
  std::error_code error;
  for (fs::recursive_directory_iterator it(bundle, error), end; !error && it != end;
       it.increment(error)) {
    list_folder_entry(*it, it->path().lexically_relative(bundle).string(), bag.inventory);
  }
  if (error) system::fail(Code::kNotFound, "{}: {}", bundle.string(), error.message());
  std::ranges::sort(bag.inventory.problems, {}, &BundleProblem::path);
  return bag;
}

void read_texts(OpenBag& bag) {
  int attestations = 0;
  for (auto& [path, file] : bag.inventory.files) {
    const int64_t limit = text_limit(path);
    if (limit == 0) continue;
    if (is_attestation(path) && ++attestations > kMaxAttestations) continue;
    if (file.size > limit) {
      report_entry(bag.inventory, "malformed", path,
                   fmt::format("has {} bytes, the most that is read of such a file is {}",
                               file.size, limit));
      continue;
    }
    const Place place = bag.locate(path);
    std::string text(static_cast<size_t>(file.size), '\0');
    system::read_at(*place.file, text.data(), text.size(), place.offset, place.name);
    file.sha256 = system::sha256_hex(text);
    bag.inventory.texts[path] = std::move(text);
  }
  if (attestations > kMaxAttestations) {
    report_entry(
        bag.inventory, "malformed", kAttestationFolder,
        fmt::format("has {} attestations, a bundle may have {}", attestations, kMaxAttestations));
  }
}

}  // namespace

std::optional<std::string> path_in_bag(const std::string& name, const std::string& top) {
  if (name == top) return "";
  if (!name.starts_with(top + "/")) return std::nullopt;
  return name.substr(top.size() + 1);
}

OpenBag open_bag(const fs::path& bundle, const formats::TarLimits& limits) {
  std::error_code unreadable;  // then reading it as an archive says why
  const bool folder = fs::is_directory(bundle, unreadable);
  OpenBag bag = folder ? open_folder(bundle) : open_archive(bundle, limits);
  if (bag.inventory.complete) read_texts(bag);
  return bag;
}

}  // namespace reconproof::submission
