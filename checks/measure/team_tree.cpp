// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/team_tree.h"

#include <algorithm>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::fail;

constexpr int kMaxDepth = 32;  // of folders made anew: links may lead in circles
constexpr int64_t kLargeFile = int64_t{64} << 20;

/// Paths to leave out, each as written and with links resolved.
class Hidden {
 public:
  explicit Hidden(const std::vector<fs::path>& paths) {
    for (const fs::path& path : paths) {
      if (path.empty()) continue;
      list_.push_back(without_slash(fs::absolute(path).lexically_normal()));
      list_.push_back(resolved_path(path));
    }
  }
  bool contains(const fs::path& path) const {
    return any(path, [](const fs::path& mine, const fs::path& other) { return mine == other; });
  }
  /// Something hidden lies in this folder.
  bool lies_in(const fs::path& path) const {
    return any(path, [](const fs::path& mine, const fs::path& other) {
      return system::is_below(mine, other);
    });
  }

 private:
  template <typename Test>
  bool any(const fs::path& path, Test&& test) const {
    const fs::path resolved = resolved_path(path);
    return std::any_of(list_.begin(), list_.end(), [&](const fs::path& mine) {
      return test(mine, path) || test(mine, resolved);
    });
  }
  std::vector<fs::path> list_;
};

enum class Kind { kFile, kFolder, kLink, kStrange };

Kind kind_of(const fs::path& path) {
  switch (fs::symlink_status(path).type()) {
    case fs::file_type::regular:
      return Kind::kFile;
    case fs::file_type::directory:
      return Kind::kFolder;
    case fs::file_type::symlink:
      return Kind::kLink;
    default:
      return Kind::kStrange;
  }
}

class Shower {
 public:
  Shower(const fs::path& root, const Hidden& hidden, system::SandboxSpec& spec)
      : root_(resolved_path(root)), hidden_(hidden), spec_(spec) {}

  void show(const fs::path& host, const fs::path& inside, int depth = 0) {
    if (depth > kMaxDepth) {
      fail(Code::kInvalidArgument, "{}: folders lie too deep, or links lead in a circle",
           host.string());
    }
    for (const fs::path& entry : system::sorted_entries(host)) {
      const Kind kind = kind_of(entry);
      if (!hidden_.contains(entry) && kind != Kind::kStrange)
        show_entry(entry, kind, inside / entry.filename(), depth);
    }
  }

 private:
  void show_entry(const fs::path& entry, Kind kind, const fs::path& shown, int depth) {
    if (hidden_.lies_in(entry) && fs::is_directory(entry)) {
      // Behind a link that leaves the project nothing is shown but what has a mount of its own.
      if (kind == Kind::kFolder || system::is_below(resolved_path(entry), root_))
        show(entry, shown, depth + 1);
    } else if (kind == Kind::kLink) {
      spec_.links.push_back({fs::read_symlink(entry).string(), shown});
    } else {
      spec_.mounts.push_back({entry, shown});
    }
  }

  fs::path root_;
  const Hidden& hidden_;
  system::SandboxSpec& spec_;
};

class Copier {
 public:
  Copier(const Hidden& hidden, int64_t limit) : hidden_(hidden), limit_(limit) {}

  /// False when the limit was reached.
  bool copy(const fs::path& host, const fs::path& target) {
    system::make_folders(target);
    for (const fs::path& entry : system::sorted_entries(host)) {
      if (hidden_.contains(entry)) continue;
      const fs::path copied = target / entry.filename();
      const Kind kind = kind_of(entry);
      if (kind == Kind::kFolder && !copy(entry, copied)) return false;
      if (kind == Kind::kLink) fs::copy_symlink(entry, copied);
      if (kind == Kind::kFile) copy_file(entry, copied);
      if (bytes_ > limit_) return false;
    }
    return true;
  }

 private:
  void copy_file(const fs::path& entry, const fs::path& copied) {
    const int64_t size = static_cast<int64_t>(fs::file_size(entry));
    if (size > kLargeFile) return fs::create_symlink(entry, copied);
    bytes_ += size;
    if (bytes_ <= limit_) fs::copy_file(entry, copied);
  }

  const Hidden& hidden_;
  int64_t limit_, bytes_ = 0;
};

/// File system calls of the standard library, with our exception.
template <typename Action>
void translated(Action&& action) {
  try {
    action();
  } catch (const fs::filesystem_error& error) {
    fail(Code::kIo, "{}", error.what());
  }
}

const char* kind_text(fs::file_type type) {
  switch (type) {
    case fs::file_type::symlink:
      return "symbolic link";
    case fs::file_type::fifo:
      return "pipe";
    case fs::file_type::socket:
      return "socket";
    case fs::file_type::block:
    case fs::file_type::character:
      return "device";
    default:
      return "of an unknown kind";
  }
}

constexpr int kMaxOutputDepth = 16;  // <cell>/<volume> is two

void remove_strange_in(const fs::path& folder, const fs::path& root, int depth,
                       std::vector<std::string>& found) {
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add);
  for (const fs::path& entry : system::sorted_entries(folder)) {
    const fs::file_type type = fs::symlink_status(entry).type();
    if (type == fs::file_type::directory && depth == kMaxOutputDepth) {
      found.push_back(entry.lexically_relative(root).string() + " (folders in folders, too deep)");
      std::error_code ignored;
      fs::remove_all(entry, ignored);
    } else if (type == fs::file_type::directory) {
      remove_strange_in(entry, root, depth + 1, found);
    } else if (type == fs::file_type::regular) {
      fs::permissions(entry, fs::perms::owner_read | fs::perms::owner_write, fs::perm_options::add);
    } else {
      found.push_back(
          fmt::format("{} ({})", entry.lexically_relative(root).string(), kind_text(type)));
      fs::remove(entry);
    }
  }
}

}  // namespace

fs::path without_slash(const fs::path& path) {
  return path.has_filename() || !path.has_parent_path() || path == path.root_path()
             ? path
             : path.parent_path();
}

fs::path resolved_path(const fs::path& path) {
  std::error_code error;
  const fs::path resolved = fs::weakly_canonical(fs::absolute(path), error);
  return without_slash(error ? fs::absolute(path).lexically_normal() : resolved);
}

bool overlaps(const fs::path& a, const fs::path& b) {
  const fs::path real_a = resolved_path(a), real_b = resolved_path(b);
  return system::is_below(a, b) || system::is_below(b, a) || system::is_below(real_a, real_b) ||
         system::is_below(real_b, real_a);
}

void show_tree(const fs::path& host, const fs::path& inside, const std::vector<fs::path>& hidden,
               system::SandboxSpec& spec) {
  const Hidden left_out(hidden);
  translated([&] { Shower(host, left_out, spec).show(host, inside); });
}

void show_flat(const fs::path& host, const fs::path& inside, system::SandboxSpec& spec) {
  const std::vector<fs::path> entries = system::sorted_entries(host);
  const bool links = std::any_of(entries.begin(), entries.end(), [](const fs::path& entry) {
    std::error_code ignored;
    return fs::is_symlink(entry, ignored);
  });
  if (!links) {
    spec.mounts.push_back({host, inside});
    return;
  }
  for (const fs::path& entry : entries) spec.mounts.push_back({entry, inside / entry.filename()});
}

bool copy_tree(const fs::path& host, const fs::path& target, const std::vector<fs::path>& hidden,
               int64_t limit) {
  const Hidden left_out(hidden);
  bool complete = false;
  translated([&] { complete = Copier(left_out, limit).copy(host, target); });
  return complete;
}

std::vector<std::string> remove_strange(const fs::path& folder) {
  std::vector<std::string> found;
  translated([&] { remove_strange_in(folder, folder, 1, found); });
  return found;
}

void move_files(const fs::path& from, const fs::path& to) {
  translated([&] {
    for (const fs::path& name : system::files_below(from)) {
      system::make_folders((to / name).parent_path());
      std::error_code error;
      fs::rename(from / name, to / name, error);
      if (error) fs::copy_file(from / name, to / name);  // on another file system
    }
  });
}

}  // namespace reconproof::checks
