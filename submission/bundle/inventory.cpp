// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/inventory.h"

#include <unistd.h>

#include <algorithm>
#include <functional>

#include "formats/tar.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::ExitCode;

namespace {

/// The most that is kept in memory of a tag file; 0 for files that are only hashed.
size_t text_limit(const std::string& path) {
  if (path == kBagitFile || path == kBagInfoFile) return 1 << 16;
  if (path == kManifestFile || path == kTagManifestFile) return size_t{128} << 20;
  if (path.starts_with(kMetaFolder) && path.ends_with(".json")) return size_t{16} << 20;
  if (is_attestation(path)) return kMaxAttestationBytes;
  return 0;
}

using Read = std::function<size_t(char* buffer, size_t size)>;

class Recorder {
 public:
  explicit Recorder(Inventory& inventory) : inventory_(inventory), buffer_(1 << 20) {}

  void record_file(const std::string& path, bool executable, const Read& read) {
    const size_t limit = text_limit(path);
    Inventory::File file;
    file.executable = executable;
    system::Sha256 hash;
    std::string text;
    while (const size_t got = read(buffer_.data(), buffer_.size())) {
      hash.update(buffer_.data(), got);
      file.size += static_cast<int64_t>(got);
      if (static_cast<size_t>(file.size) <= limit) text.append(buffer_.data(), got);
    }
    file.sha256 = hash.hex();
    if (limit > 0 && static_cast<size_t>(file.size) > limit) {
      problem("malformed", path,
              fmt::format("has {} bytes, the most that is read of such a file is {}", file.size,
                          limit));
    } else if (limit > 0) {
      inventory_.texts[path] = std::move(text);
    }
    inventory_.files[path] = std::move(file);
  }

  void problem(const char* kind, const std::string& path, const std::string& message) {
    inventory_.problems.push_back({kind, path, message, ExitCode::kMalformed});
  }

 private:
  Inventory& inventory_;
  std::vector<char> buffer_;
};

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

void read_archive(const fs::path& bundle, Inventory& inventory) {
  Recorder recorder(inventory);
  formats::TarReader reader(bundle);
  formats::TarEntry entry;
  while (reader.next(entry)) {
    if (entry.problem != formats::TarProblem::kNone) {
      recorder.problem(kind_of(entry.problem), entry.name, entry.message);
      continue;
    }
    if (inventory.top.empty()) inventory.top = entry.name.substr(0, entry.name.find('/'));
    const std::optional<std::string> path = path_in_bag(entry.name, inventory.top);
    if (!path || (path->empty() && !entry.folder)) {
      recorder.problem(
          "top_folder", entry.name,
          fmt::format(
              "stands outside the folder '{}'; a bundle holds one folder and nothing beside it",
              inventory.top));
    } else if (entry.folder) {
      if (!path->empty()) inventory.folders.insert(*path);
    } else {
      recorder.record_file(*path, entry.executable,
                           [&](char* buffer, size_t size) { return reader.read(buffer, size); });
    }
  }
}

void read_folder_file(const fs::path& file, const std::string& path, Recorder& recorder) {
  const system::Descriptor handle = system::open_for_reading(file);
  const bool executable =
      (fs::status(file).permissions() & fs::perms::owner_exec) != fs::perms::none;
  recorder.record_file(path, executable, [&](char* buffer, size_t size) {
    const ssize_t got = ::read(handle.get(), buffer, size);
    if (got < 0) system::fail_errno(Code::kIo, file.string());
    return static_cast<size_t>(got);
  });
}

void read_folder(const fs::path& bundle, Inventory& inventory) {
  Recorder recorder(inventory);
  inventory.top = fs::absolute(bundle).lexically_normal().filename().string();
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::recursive_directory_iterator it(bundle, error), end; !error && it != end;
       it.increment(error)) {
    entries.push_back(*it);
  }
  if (error) system::fail(Code::kNotFound, "{}: {}", bundle.string(), error.message());
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.path().native() < b.path().native(); });
  for (const fs::directory_entry& entry : entries) {
    const std::string path = entry.path().lexically_relative(bundle).string();
    if (const std::string reason = formats::unsafe_name_reason(path); !reason.empty()) {
      recorder.problem("unsafe_path", path, fmt::format("the name {}", reason));
    } else if (entry.is_symlink()) {
      recorder.problem("type", path,
                       "is a symbolic link; a bundle holds only regular files and folders");
    } else if (entry.is_directory()) {
      inventory.folders.insert(path);
    } else if (entry.is_regular_file()) {
      read_folder_file(entry.path(), path, recorder);
    } else {
      recorder.problem(
          "type", path,
          "is a device, pipe or socket; a bundle holds only regular files and folders");
    }
  }
}

}  // namespace

std::optional<std::string> path_in_bag(const std::string& name, const std::string& top) {
  if (name == top) return "";
  if (!name.starts_with(top + "/")) return std::nullopt;
  return name.substr(top.size() + 1);
}

Inventory take_inventory(const fs::path& bundle) {
  Inventory inventory;
  std::error_code unreadable;  // then reading it as an archive says why
  if (fs::is_directory(bundle, unreadable)) {
    read_folder(bundle, inventory);
    return inventory;
  }
  try {
    read_archive(bundle, inventory);
  } catch (const system::Error& error) {
    if (error.code() != Code::kCorrupt) throw;
    inventory.problems.push_back({"malformed", "", error.what(), ExitCode::kMalformed});
    inventory.complete = false;
  }
  return inventory;
}

}  // namespace reconproof::submission
