// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/runs/circumstances.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "submission/bundle/git.h"
#include "submission/project.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/host.h"
#include "system/process.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kMaxKeptDiff = size_t{8} << 20;
constexpr size_t kShownUntracked = 20;

/// Settings that change what a training computes, or on what. No others are kept: some hold
/// passwords.
constexpr std::array kVariables = {"CUDA_VISIBLE_DEVICES",
                                   "CUBLAS_WORKSPACE_CONFIG",
                                   "OMP_NUM_THREADS",
                                   "MKL_NUM_THREADS",
                                   "OPENBLAS_NUM_THREADS",
                                   "PYTHONHASHSEED",
                                   "PYTORCH_CUDA_ALLOC_CONF",
                                   "NVIDIA_TF32_OVERRIDE",
                                   "PYTHONPATH",
                                   "VIRTUAL_ENV",
                                   "CONDA_PREFIX",
                                   "SLURM_JOB_ID"};

/// Beside what requirements.txt names.
constexpr std::array kPackages = {
    "torch", "torchvision",  "numpy",         "scipy",
    "h5py",  "scikit-image", "opencv-python", "opencv-python-headless",
    "tqdm",  "fastmri",      "lightning",     "pytorch-lightning",
    "wandb", "tensorboard",  "einops",        "timm",
    "monai", "pandas",       "matplotlib",    "accelerate"};

std::string package_name(std::string_view text) {
  std::string name;
  for (const char c : text)
    name += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

/// Where the packages of an interpreter in PREFIX/bin lie.
std::vector<fs::path> package_folders(const fs::path& prefix) {
  std::vector<fs::path> folders = {prefix / "lib/python3/dist-packages"};
  std::error_code error;
  for (const fs::path& library : {prefix / "lib", prefix / "local/lib"}) {
    for (fs::directory_iterator it(library, error), end; !error && it != end; it.increment(error)) {
      if (!it->path().filename().string().starts_with("python3.")) continue;
      folders.push_back(it->path() / "site-packages");
      folders.push_back(it->path() / "dist-packages");
    }
  }
  return folders;
}

fs::path python_prefix(const std::vector<std::string>& command) {
  if (!command.empty() && command[0].find('/') != std::string::npos) {
    const fs::path program = fs::absolute(command[0]).lexically_normal();
    if (program.filename().string().starts_with("python"))
      return program.parent_path().parent_path();
  }
  if (const std::string virtual_env = system::environment_variable("VIRTUAL_ENV");
      !virtual_env.empty())
    return virtual_env;
  for (const char* name : {"python3", "python"}) {
    const fs::path found = system::find_program(name, system::environment_variable("PATH"));
    if (!found.empty()) return found.parent_path().parent_path();
  }
  return {};
}

std::vector<std::string> wanted_packages(const fs::path& root) {
  std::vector<std::string> names(kPackages.begin(), kPackages.end());
  std::string text;
  try {
    text = system::read_file(root / "requirements.txt", 1 << 20);
  } catch (const system::Error&) {
    return names;
  }
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const size_t length = std::min(line.find_first_of("=<>!~[; #\t\r"), line.size());
    if (length > 0 && line[0] != '-') names.push_back(package_name(line.substr(0, length)));
    begin = end + 1;
  }
  return names;
}

json environment_of(const fs::path& root, const std::vector<std::string>& command) {
  const system::HostInfo host = system::host_info();
  json variables = json::object(), packages = json::object();
  for (const char* name : kVariables) {
    if (const char* value = std::getenv(name)) variables[name] = utf8_text(value);
  }
  for (const auto& [name, version] : installed_packages(wanted_packages(root), command))
    packages[utf8_text(name, 200)] = utf8_text(version, 200);
  json gpus = json::array();
  for (const std::string& gpu : host.gpus) gpus.push_back(utf8_text(gpu, 200));
  return {{"os", utf8_text(host.os)},
          {"kernel", utf8_text(host.kernel)},
          {"cpu", utf8_text(host.cpu)},
          {"threads", host.cores},
          {"memory_bytes", host.memory_bytes},
          {"gpus", gpus},
          {"gpu_driver", utf8_text(host.gpu_driver)},
          {"container", utf8_text(host.container)},
          {"variables", variables},
          {"packages", packages}};
}

void note_code(Run& run, const fs::path& root) {
  try {
    const std::optional<GitState> state = git_state(root);
    if (!state) {
      run.code_state = "not in a git repository: which code ran is not known";
      return;
    }
    run.revision = utf8_text(state->commit);
    std::vector<std::string> untracked = state->untracked;
    std::erase_if(untracked, [](const std::string& name) {
      return name.starts_with(std::string(kStateFolder) + "/");
    });
    run.dirty = !state->changed.empty() || !untracked.empty();
    for (size_t i = 0; i < std::min(untracked.size(), kShownUntracked); ++i)
      run.code_state += (i == 0 ? "untracked: " : ", ") + utf8_text(untracked[i], 1000);
    if (untracked.size() > kShownUntracked)
      run.code_state += fmt::format(" and {} more", untracked.size() - kShownUntracked);
    if (state->commit.empty() || state->changed.empty()) return;
    const std::string diff = git_diff(root, state->changed);
    if (diff.size() > kMaxKeptDiff) {
      run.code_state += fmt::format("{}the diff has {} bytes, too many to keep",
                                    run.code_state.empty() ? "" : "; ", diff.size());
      return;
    }
    run.diff_bytes = std::ssize(diff);
    run.diff_zlib = deflate_text(diff);
  } catch (const system::Error& error) {
    run.code_state = utf8_text(error.what());
  }
}

/// The digits at the beginning of a text, after blanks, an '=' and an opening bracket.
std::string number_at(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t=(");
  if (begin == std::string_view::npos || begin > 4) return "";
  const size_t end = std::min(text.find_first_not_of("0123456789", begin), text.size());
  return end - begin > 20 ? "" : std::string(text.substr(begin, end - begin));
}

/// `'--seed', type=int, default=430` of argparse.
std::string default_after(std::string_view line, size_t at) {
  const size_t found = line.find("default", at);
  return found == std::string_view::npos ? "" : number_at(line.substr(found + 7));
}

void seeds_of_line(std::string_view line, const std::string& place, std::vector<FoundSeed>& seeds) {
  constexpr std::array kCalls = {"seed_fix(",        "manual_seed(", "manual_seed_all(",
                                 "seed_everything(", "random.seed(", "--seed"};
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos || line[first] == '#') return;
  for (const std::string_view call : kCalls) {
    const size_t at = line.find(call);
    if (at == std::string_view::npos) continue;
    std::string value = number_at(line.substr(at + call.size()));
    if (value.empty() && call == "--seed") value = default_after(line, at);
    if (value.empty()) continue;
    const std::string_view name = call.ends_with('(') ? call.substr(0, call.size() - 1) : call;
    seeds.push_back({fmt::format("{} {}", place, name), value});
  }
}

void seeds_of_file(const fs::path& file, const std::string& name, std::vector<FoundSeed>& seeds) {
  constexpr int64_t kMaxSource = 1 << 20;
  std::string text;
  try {
    text = system::read_file(file, kMaxSource);
  } catch (const system::Error&) {
    return;
  }
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    seeds_of_line(std::string_view(text).substr(begin, end - begin),
                  fmt::format("{}:{}", utf8_text(name, 1000), ++number), seeds);
    begin = end + 1;
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> installed_packages(
    const std::vector<std::string>& wanted, const std::vector<std::string>& command) {
  std::vector<std::pair<std::string, std::string>> found;
  const fs::path prefix = python_prefix(command);
  if (prefix.empty()) return found;
  for (const fs::path& folder : package_folders(prefix)) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const std::string entry = it->path().filename().string();
      if (!entry.ends_with(".dist-info") && !entry.ends_with(".egg-info")) continue;
      // "h5py-3.7.0-py3.11.egg-info"
      const std::string_view stem = std::string_view(entry).substr(0, entry.rfind('.'));
      const size_t dash = stem.find('-');
      if (dash == std::string_view::npos) continue;
      const std::string_view version = stem.substr(dash + 1);
      const std::string name = package_name(stem.substr(0, dash));
      if (std::ranges::find(wanted, name) == wanted.end()) continue;
      if (std::ranges::find(found, name, &std::pair<std::string, std::string>::first) ==
          found.end())
        found.emplace_back(name, version.substr(0, version.find("-py")));
    }
  }
  std::ranges::sort(found);
  return found;
}

std::vector<FoundSeed> find_seeds(const fs::path& root, const std::vector<std::string>& command) {
  constexpr size_t kMaxFiles = 300, kMaxSeeds = 50;
  constexpr int kMaxDepth = 4;
  constexpr int64_t kMaxLookedAt = 20000;
  std::vector<FoundSeed> seeds;
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
  seeds_of_line(line, "command", seeds);
  std::vector<fs::path> files;
  std::error_code error;
  int64_t looked_at = 0;  // of a home folder there is no end
  for (fs::recursive_directory_iterator
           it(root, fs::directory_options::skip_permission_denied, error),
       end;
       !error && it != end && files.size() < kMaxFiles && ++looked_at < kMaxLookedAt;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.') || it.depth() >= kMaxDepth) it.disable_recursion_pending();
    if (!name.ends_with(".py") && !name.ends_with(".sh")) continue;
    std::error_code ignored;
    if (it->is_regular_file(ignored)) files.push_back(it->path());
  }
  std::ranges::sort(files);
  for (const fs::path& file : files)
    seeds_of_file(file, file.lexically_relative(root).string(), seeds);
  if (seeds.size() > kMaxSeeds) seeds.resize(kMaxSeeds);
  return seeds;
}

std::string author_here() {
  system::ProcessSpec spec;
  spec.argv = {"git", "config", "user.name"};
  for (const char* name : {"PATH", "HOME", "XDG_CONFIG_HOME"}) {
    if (const char* value = std::getenv(name)) spec.env[name] = value;
  }
  const system::ProcessResult result = system::run_process(spec);
  if (result.ok()) {
    const std::string name = result.output.substr(0, result.output.find('\n'));
    if (!name.empty()) return utf8_text(name, 200);
  }
  const passwd* user = ::getpwuid(::geteuid());
  return user && user->pw_name ? utf8_text(user->pw_name, 200) : "";
}

void note_circumstances(Run& run, const fs::path& root) {
  std::error_code error;
  const fs::path here = fs::weakly_canonical(fs::current_path(error), error);
  run.directory = utf8_text(here.lexically_relative(root).string());
  run.person = author_here();
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) run.host = utf8_text(host.data());
  note_code(run, root);
  run.environment = environment_of(root, run.command);
  run.seeds = find_seeds(root, run.command);
}

}  // namespace reconproof::submission
