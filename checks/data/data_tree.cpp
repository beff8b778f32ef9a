// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/data_tree.h"

#include <algorithm>
#include <map>

#include "challenge/dataset/folder.h"
#include "submission/bundle/names.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLeaderboard = "leaderboard";

bool is_set_part(const std::string& name) {
  return name == challenge::kKspaceFolder || name == challenge::kImageFolder;
}

class Walk {
 public:
  explicit Walk(const fs::path& root) : root_(root) {}

  DataTree run() {
    // A leaderboard's acc4/ may be looked at by itself.
    const bool leaderboard =
        std::ranges::any_of(root_, [](const fs::path& part) { return part == kLeaderboard; });
    visit("", false, leaderboard);
    for (const submission::BundleProblem& problem :
         submission::name_collisions(tree_.files, folders_)) {
      fault("name-collision", problem.path, problem.message, "Rename one of the two.");
    }
    for (const auto& [name, pair] : pairs_) {
      if (pair.kspace.empty() || pair.image.empty()) unpaired(pair);
      tree_.volumes.push_back(pair);
    }
    return std::move(tree_);
  }

 private:
  void fault(const char* kind, const std::string& file, const std::string& reason,
             const char* advice, bool warning = false) {
    tree_.faults.push_back({kind, warning, file, {}, reason, advice});
  }

  void visit(const fs::path& folder, bool in_part, bool leaderboard) {
    for (const fs::path& entry : system::sorted_entries(root_ / folder)) {
      const fs::path path = folder / entry.filename();
      const std::string name = entry.filename().string(), text = path.generic_string();
      std::error_code ignored;
      const fs::file_status status = fs::symlink_status(entry, ignored);
      if (fs::is_symlink(status)) {
        fault("link", text, "is a link: what it leads to may change or be missing elsewhere",
              "Put the file or folder itself there.");
      } else if (name[0] == '.') {
        fault("stray", text,
              "is hidden rubbish of an editor or a file browser; the official loaders list it as a "
              "volume and stop",
              "Delete it.");
      } else if (fs::is_directory(status)) {
        folders_.insert(text);
        if (in_part)
          fault("stray", text, "is a folder among the volumes; the official loaders stop at it",
                "Move it elsewhere.");
        else
          visit(path, is_set_part(name), leaderboard || name == kLeaderboard);
      } else if (fs::is_regular_file(status)) {
        add_file(path, text, in_part, leaderboard);
      } else {
        fault("stray", text, "is no file", "Delete it.");
      }
    }
  }

  void add_file(const fs::path& path, const std::string& text, bool in_part, bool leaderboard) {
    tree_.files.insert(text);
    if (!in_part) {
      if (path.extension() == ".h5") {
        fault("stray", text, "is a volume outside of kspace/ and image/: no loader finds it",
              "Move it into kspace/ or image/ of its set, or elsewhere.", true);
      }
      return;
    }
    if (path.extension() != ".h5") {
      fault("stray", text, "is no volume (.h5); the official loaders open it and stop",
            "Move it elsewhere.");
      return;
    }
    const fs::path part = path.parent_path();
    VolumePair& pair = pairs_[(part.parent_path() / path.filename()).generic_string()];
    (part.filename() == challenge::kKspaceFolder ? pair.kspace : pair.image) = text;
    pair.leaderboard = leaderboard;
  }

  void unpaired(const VolumePair& pair) {
    const bool lacks_image = pair.image.empty();
    fault("unpaired", pair.name(),
          fmt::format("has no file of the same name in {}/",
                      lacks_image ? challenge::kImageFolder : challenge::kKspaceFolder),
          "Copy the missing file again, or move this one elsewhere.");
  }

  fs::path root_;
  DataTree tree_;
  std::set<std::string> folders_;
  std::map<std::string, VolumePair> pairs_;  // set/NAME.h5
};

}  // namespace

DataTree walk_data(const fs::path& folder) {
  DataTree tree = Walk(folder).run();
  if (tree.volumes.empty()) {
    system::fail(system::Code::kNotFound,
                 "{}: no volumes: expected kspace/*.h5 and image/*.h5 in it, or in train/, val/, "
                 "leaderboard/acc4/ and so on below it",
                 folder.string());
  }
  return tree;
}

}  // namespace reconproof::checks
