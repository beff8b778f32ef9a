// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/git.h"

#include <algorithm>
#include <cstdlib>

#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;

namespace {

constexpr int64_t kMaxListing = int64_t{256} << 20;

bool in_repository(fs::path folder) {
  for (folder = fs::weakly_canonical(folder);; folder = folder.parent_path()) {
    if (fs::exists(folder / ".git")) return true;
    if (folder == folder.parent_path()) return false;
  }
}

/// The program's output, split at NUL characters. GIT_DIR and its kin of the caller do not reach
/// it.
std::vector<std::string> git(const fs::path& folder, const std::vector<std::string>& arguments,
                             bool may_fail = false) {
  const system::TemporaryFolder scratch;
  system::ProcessSpec spec;
  spec.argv = {"git", "-C", folder.string(), "-c", "core.fsmonitor=false"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.env = {{"LC_ALL", "C"}, {"GIT_OPTIONAL_LOCKS", "0"}};
  for (const char* name : {"PATH", "HOME"}) {
    if (const char* value = std::getenv(name)) spec.env[name] = value;
  }
  spec.stdout_file = scratch.path() / "output";
  const system::ProcessResult result = system::run_process(spec);
  if (!result.ok()) {
    if (may_fail && result.start_error.empty()) return {};
    system::fail(
        system::Code::kNotFound,
        "{}: is in a git repository that cannot be read: git {}: {}; install git, or mend the "
        "repository",
        folder.string(), arguments[0],
        system::printable(result.start_error.empty() ? result.output : result.start_error));
  }
  const std::string output = system::read_file(scratch.path() / "output", kMaxListing);
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
  state.tracked = git(folder, {"ls-files", "-z"});
  if (state.tracked.empty()) return std::nullopt;
  const std::vector<std::string> head =
      git(folder, {"rev-parse", "--verify", "--quiet", "HEAD"}, true);
  if (!head.empty()) {
    state.commit = head[0].substr(0, head[0].find('\n'));
    state.changed = git(
        folder, {"diff", "--name-only", "--relative", "-z", "--no-ext-diff", "HEAD", "--", "."});
  } else {
    state.changed = state.tracked;
  }
  state.untracked = git(folder, {"ls-files", "--others", "--exclude-standard", "-z"});
  return state;
}

}  // namespace reconproof::submission
