// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/git.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;

namespace {

constexpr int64_t kMaxListing = int64_t{256} << 20, kMaxDiff = int64_t{64} << 20;

bool in_repository(fs::path folder) {
  for (folder = fs::weakly_canonical(folder);; folder = folder.parent_path()) {
    if (fs::exists(folder / ".git")) return true;
    if (folder == folder.parent_path()) return false;
  }
}

/// The program's output; nothing where it fails and `may_fail`. GIT_DIR and its kin of the caller
/// do not reach it.
std::string git(const fs::path& folder, const std::vector<std::string>& arguments,
                int64_t most_bytes, bool may_fail = false) {
  const system::TemporaryFolder scratch;
  system::ProcessSpec spec;
  // Each of these is a setting that a user may have made otherwise.
  spec.argv = {"git",
               "-C",
               folder.string(),
               "--literal-pathspecs",
               "-c",
               "core.fsmonitor=false",
               "-c",
               "core.hooksPath=/dev/null",
               "-c",
               "advice.detachedHead=false",
               "-c",
               "core.quotePath=true",
               "-c",
               "diff.suppressBlankEmpty=false",
               "-c",
               "diff.interHunkContext=0"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.env = {{"LC_ALL", "C"}, {"GIT_OPTIONAL_LOCKS", "0"}, {"GIT_TERMINAL_PROMPT", "0"}};
  for (const char* name : {"PATH", "HOME"}) {
    if (const char* value = std::getenv(name)) spec.env[name] = value;
  }
  spec.stdout_file = scratch.path() / "output";
  const system::ProcessResult result = system::run_process(spec);
  if (result.ok()) return system::read_file(scratch.path() / "output", most_bytes);
  if (may_fail && result.start_error.empty()) return "";
  system::fail(
      system::Code::kNotFound,
      "{}: is in a git repository that cannot be read: git {}: {}; install git, or mend the "
      "repository",
      folder.string(), arguments[0],
      system::printable(result.start_error.empty() ? result.output : result.start_error));
}

/// Its output, split at NUL characters.
std::vector<std::string> git_list(const fs::path& folder, const std::vector<std::string>& arguments,
                                  bool may_fail = false) {
  const std::string output = git(folder, arguments, kMaxListing, may_fail);
  std::vector<std::string> items;
  for (size_t begin = 0; begin < output.size();) {
    const size_t end = std::min(output.find('\0', begin), output.size());
    items.push_back(output.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()),
              items.end());  // a conflict lists a path thrice
  return items;
}

}  // namespace

std::optional<GitState> git_state(const fs::path& folder) {
  if (!in_repository(folder)) return std::nullopt;
  GitState state;
  state.tracked = git_list(folder, {"ls-files", "-z"});
  if (state.tracked.empty()) return std::nullopt;
  const std::vector<std::string> head =
      git_list(folder, {"rev-parse", "--verify", "--quiet", "HEAD"}, true);
  if (!head.empty()) {
    state.commit = head[0].substr(0, head[0].find('\n'));
    state.changed = git_list(
        folder, {"diff", "--name-only", "--relative", "-z", "--no-ext-diff", "HEAD", "--", "."});
  } else {
    state.changed = state.tracked;
  }
  state.untracked = git_list(folder, {"ls-files", "--others", "--exclude-standard", "-z"});
  return state;
}

std::string git_diff(const fs::path& folder, const std::vector<std::string>& files) {
  constexpr std::array kAlike = {"diff",
                                 "--relative",
                                 "--no-ext-diff",
                                 "--no-textconv",
                                 "--no-color",
                                 "--no-renames",
                                 "--no-indent-heuristic",
                                 "--diff-algorithm=myers",
                                 "--full-index",
                                 "--unified=3",
                                 "--submodule=short",
                                 "--src-prefix=a/",
                                 "--dst-prefix=b/",
                                 "-O/dev/null",
                                 "HEAD",
                                 "--"};
  constexpr size_t kAtOnce = 500;  // of the files: a command line is not endless
  std::string diff;
  for (size_t begin = 0; begin < files.size(); begin += kAtOnce) {
    std::vector<std::string> arguments(kAlike.begin(), kAlike.end());
    const size_t end = std::min(begin + kAtOnce, files.size());
    for (size_t i = begin; i < end; ++i) arguments.push_back(files[i]);
    diff += git(folder, arguments, kMaxDiff);
  }
  return diff;
}

GitClone git_clone(const fs::path& folder, const fs::path& target) {
  const std::string shown = system::printable(folder.string());
  if (!in_repository(folder)) {
    system::fail(system::Code::kNotFound,
                 "{}: is in no git repository, and what an assistant gets is a clone: `git init`, "
                 "commit, and rehearse again",
                 shown);
  }
  const auto line = [&](const std::vector<std::string>& arguments, bool may_fail = false) {
    const std::string output = git(folder, arguments, kMaxListing, may_fail);
    return output.substr(0, output.find('\n'));
  };
  GitClone clone;
  clone.commit = line({"rev-parse", "--verify", "--quiet", "HEAD"}, true);
  if (clone.commit.empty())
    system::fail(system::Code::kNotFound, "{}: its git repository has no commit yet; commit first",
                 shown);
  const fs::path top = line({"rev-parse", "--show-toplevel"});
  git(folder,
      {"clone", "--quiet", "--no-hardlinks", "--template=", "--", top.string(), target.string()},
      kMaxListing);
  git(target, {"checkout", "--quiet", "--detach", clone.commit}, kMaxListing);
  clone.folder = target / line({"rev-parse", "--show-prefix"});
  if (!clone.folder.has_filename()) clone.folder = clone.folder.parent_path();
  clone.has_submodules = fs::exists(target / ".gitmodules");
  clone.unpushed = std::atoll(line({"rev-list", "--count", "@{upstream}..HEAD"}, true).c_str());
  return clone;
}

}  // namespace reconproof::submission
