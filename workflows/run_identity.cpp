// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/run_identity.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <vector>

#include "challenge/dataset/folder.h"
#include "checks/measure/team_tree.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "workflows/provenance.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using submission::Project;

namespace {

constexpr int64_t kHashedBytes = 1 << 20;

/// A list of texts as one hash: each is preceded by its length, so that no two lists are alike.
class ListHash {
 public:
  void add(std::string_view text) {
    hash_.update(fmt::format("{}:", text.size()));
    hash_.update(text);
  }
  std::string hex() { return hash_.hex(); }

 private:
  system::Sha256 hash_;
};

/// What tells that a file was changed. One that is gone or closed to us tells that.
void add_file(const fs::path& path, const std::string& name, bool contents, ListHash& hash) {
  hash.add(name);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return hash.add(fmt::format("errno {}", errno));
  hash.add(fmt::format("{:o} {} {}.{:09}", status.st_mode,
                       S_ISDIR(status.st_mode) ? 0 : status.st_size,
                       S_ISDIR(status.st_mode) ? 0 : status.st_mtim.tv_sec,
                       S_ISDIR(status.st_mode) ? 0 : status.st_mtim.tv_nsec));
  std::error_code error;
  if (S_ISLNK(status.st_mode)) hash.add(fs::read_symlink(path, error).string());
  if (!contents || !S_ISREG(status.st_mode) || status.st_size >= kHashedBytes) return;
  try {
    hash.add(system::sha256_file(path));
  } catch (const system::Error& failure) {
    hash.add(failure.what());
  }
}

void add_tree(const fs::path& root, const std::vector<fs::path>& left_out, bool contents,
              ListHash& hash) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator
           it(root, fs::directory_options::skip_permission_denied, error),
       end;
       !error && it != end; it.increment(error)) {
    const bool hidden = std::ranges::any_of(
        left_out, [&](const fs::path& folder) { return system::is_below(it->path(), folder); });
    if (hidden)
      it.disable_recursion_pending();
    else
      paths.push_back(it->path());
  }
  std::ranges::sort(paths);
  for (const fs::path& path : paths)
    add_file(path, path.lexically_relative(root).string(), contents, hash);
  if (error) hash.add(error.message());
}

/// What a run does not see of the project, or sees from elsewhere.
std::vector<fs::path> left_out(const Project& project) {
  const submission::Step& step = *project.reconstruct_step;
  std::vector<fs::path> paths = {project.root / ".git", project.state_folder(),
                                 project.host(step.outputs), project.host(step.weights)};
  for (const std::string& declared : {project.train, project.val, project.leaderboard}) {
    if (!declared.empty()) paths.push_back(project.host(declared));
  }
  return paths;
}

void add_leaderboard(const RunInputs& inputs, ListHash& hash) {
  for (const challenge::Cell& cell : inputs.edition.cells) {
    const fs::path kspace =
        challenge::cell_folder(inputs.edition, cell, inputs.leaderboard) / challenge::kKspaceFolder;
    for (const fs::path& folder :
         {kspace, challenge::label_folder(inputs.edition, cell, inputs.leaderboard)}) {
      if (!system::is_folder(folder)) continue;
      hash.add(folder.string());
      for (const fs::path& file : challenge::volumes_in(folder)) {
        std::error_code ignored;
        const fs::path real = fs::canonical(file, ignored);
        add_file(ignored ? file : real, file.filename().string(), false, hash);
      }
    }
  }
}

}  // namespace

std::string run_identity(const RunInputs& inputs) {
  const Project& project = inputs.project;
  ListHash hash;
  hash.add(formats::canonical_json(build_json()));
  hash.add(formats::canonical_json(environment_json(inputs.host)));
  hash.add(inputs.host.gpu_driver);
  hash.add(project.root.string());
  hash.add(system::read_file(project.root / submission::kProjectFile, 1 << 20));
  hash.add(inputs.edition.sha256);
  hash.add(inputs.weights_sha256);
  hash.add(fmt::format("{}", inputs.timeout_s));
  add_tree(project.root, left_out(project), true, hash);
  for (const std::string& folder : project.reconstruct_step->read_only) {
    hash.add(folder);
    add_tree(project.host(folder), {}, false, hash);
  }
  hash.add(inputs.leaderboard.string());
  add_leaderboard(inputs, hash);
  return hash.hex();
}

}  // namespace reconproof::workflows
