// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/collect.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <set>

#include "challenge/dataset/folder.h"
#include "challenge/finding.h"
#include "formats/strict_json.h"
#include "formats/tar.h"
#include "submission/bundle/declared.h"
#include "submission/bundle/git.h"
#include "submission/bundle/names.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kMaxLooseFile = int64_t{50}
                                  << 20;  // of a project without git: larger ones are rarely code

bool is_link(const fs::path& path) { return fs::is_symlink(fs::symlink_status(path)); }

[[noreturn]] void refuse_link(const fs::path& path) {
  fail(Code::kUnsupported,
       "{}: is a symbolic link, which a bundle cannot hold (it may point outside); replace it by "
       "what it points to",
       system::printable(path.string()));
}

SourceFile look_at(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    system::fail_errno(Code::kNotFound, system::printable(path.string()));
  if (!S_ISREG(status.st_mode)) {
    fail(Code::kUnsupported, "{}: is no regular file; a bundle holds only regular files",
         system::printable(path.string()));
  }
  return {
      path,          status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
      status.st_dev, status.st_ino,  (status.st_mode & S_IXUSR) != 0};
}

class Collector {
 public:
  Collector(const Project& project, const CollectOptions& options)
      : project_(project), options_(options) {
    if (!project.reconstruct_step || project.reconstruct_step->weights.empty() ||
        project.reconstruct_step->outputs.empty()) {
      fail(Code::kNotFound,
           "{}: [steps.reconstruct] with 'weights' and 'outputs' is missing; a bundle needs both",
           (project.root / kProjectFile).string());
    }
    weights_ = project.host(project.reconstruct_step->weights);
    outputs_ = project.host(project.reconstruct_step->outputs);
    exclude(weights_);
    exclude(outputs_);
    exclude(project.state_folder());
    exclude(project.root / ".git");
    if (!options.out.empty()) exclude(fs::absolute(options.out));
    // Patients' data never leaves with the code, wherever it lies.
    for (const std::string& data : {project.train, project.val, project.leaderboard}) {
      if (!data.empty() &&
          fs::weakly_canonical(project.host(data)) != fs::weakly_canonical(project.root)) {
        exclude(project.host(data));
      }
    }
  }

  Collection run() {
    add_weights();
    add_reconstructions();
    add_code();
    add_logs();
    add_meta();
    refuse_collisions();
    return std::move(result_);
  }

 private:
  void exclude(const fs::path& path) { excluded_.push_back(fs::weakly_canonical(path)); }
  bool excluded(const fs::path& path) const {
    const fs::path plain = fs::weakly_canonical(path.parent_path()) / path.filename();
    return std::any_of(excluded_.begin(), excluded_.end(),
                       [&](const fs::path& e) { return system::is_below(plain, e); });
  }

  void add(const std::string& name, const fs::path& source) {
    if (const std::string reason = formats::unsafe_name_reason(name); !reason.empty()) {
      fail(Code::kUnsupported, "{}: the name {}; rename the file",
           system::printable(source.string()), reason);
    }
    if (name.find('%') != std::string::npos) {
      // RFC 8493 writes %25 into the manifest, bagit.py reads it as three characters: no bag
      // satisfies both.
      fail(Code::kUnsupported,
           "{}: a '%' in a name is read differently by different BagIt programs; rename the file",
           system::printable(source.string()));
    }
    result_.payload[name] = look_at(source);
  }

  void add_weights() {
    // The file itself may be a link (best_model.pt -> epoch_42.pt): its contents go in under the
    // declared name.
    if (!fs::exists(weights_)) {
      fail(Code::kNotFound,
           "{}: no such weights file, which [steps.reconstruct] declares; train first, or mend "
           "'weights' in {}",
           weights_.string(), kProjectFile);
    }
    add(weights_name(), weights_);
  }

  std::string weights_name() const { return "data/weights/" + weights_.filename().string(); }

  std::vector<std::string> cells() const {
    std::vector<std::string> names;
    for (const challenge::Cell& cell : challenge::find_edition(project_.edition).cells)
      names.push_back(cell.name);
    return names;
  }

  void add_reconstructions() {
    for (const std::string& cell : cells()) {
      const fs::path folder = outputs_ / cell;
      if (!fs::is_directory(folder)) {
        fail(Code::kNotFound,
             "{}: no such folder of reconstructions; run the reconstruct step first",
             folder.string());
      }
      if (is_link(folder)) refuse_link(folder);
      const std::vector<fs::path> volumes = challenge::volumes_in(folder);
      if (volumes.empty()) {
        fail(Code::kNotFound, "{}: holds no reconstructions (*.h5); run the reconstruct step first",
             folder.string());
      }
      for (const fs::path& volume : volumes) {
        if (is_link(volume)) refuse_link(volume);
        add("data/recon/" + cell + "/" + volume.filename().string(), volume);
      }
    }
  }

  void add_code_file(const fs::path& relative) {
    const fs::path source = project_.root / relative;
    if (is_link(source)) refuse_link(source);
    if (fs::is_directory(source)) {
      fail(Code::kUnsupported,
           "{}: is a git submodule, whose files this repository does not hold; copy them in, or "
           "remove it",
           system::printable(source.string()));
    }
    add("data/code/" + relative.string(), source);
  }

  void add_code() {
    git_ = git_state(project_.root);
    if (git_) {
      add_tracked();
    } else {
      add_loose(project_.root);
    }
    // How to run it goes in whether it is tracked or not.
    for (const fs::path& entry : system::sorted_entries(project_.root)) {
      const std::string name = entry.filename().string();
      const bool wanted = name == kProjectFile || name.starts_with("README");
      if (wanted && fs::is_regular_file(entry) && !excluded(entry)) add_code_file(name);
    }
  }

  void add_tracked() {
    for (const std::string& path : git_->tracked) {
      const fs::path source = project_.root / path;
      const fs::file_status status = fs::symlink_status(source);
      if (!fs::exists(status) || excluded(source)) continue;  // deleted: `changed` tells
      add_code_file(path);
    }
    const auto ours = [&](const std::string& path) {
      return excluded(project_.root / path) || result_.payload.contains("data/code/" + path);
    };
    std::erase_if(git_->untracked, ours);
    std::erase_if(git_->changed,
                  [&](const std::string& path) { return excluded(project_.root / path); });
    warn(git_->changed, "differ from the commit; the bundle holds them as they are now");
    warn(git_->untracked,
         "are not tracked by git and are not packed; `git add` those that the code needs");
  }

  void warn(const std::vector<std::string>& paths, const char* what) {
    if (paths.empty()) return;
    std::string names;
    constexpr size_t kMost = 5;
    for (size_t i = 0; i < std::min(paths.size(), kMost); ++i) {
      names += (i ? ", " : "") + system::printable(paths[i]);
    }
    if (paths.size() > kMost) names += ", ...";
    result_.warnings.push_back(fmt::format("{} file(s) {}: {}", paths.size(), what, names));
  }

  /// Folders that no program needs to run, or that make themselves again.
  bool is_by_product(const fs::path& folder) const {
    static const std::set<std::string> kNames = {".git", ".reconproof", "__pycache__",
                                                 ".ipynb_checkpoints"};
    const std::string name = folder.filename().string();
    return kNames.contains(name) || folder == project_.root / "build" ||
           fs::exists(folder / "pyvenv.cfg");
  }

  void add_loose(const fs::path& folder) {
    for (const fs::path& entry : system::sorted_entries(folder)) {
      if (excluded(entry)) continue;
      const fs::path relative = entry.lexically_relative(project_.root);
      if (is_link(entry)) refuse_link(entry);
      if (fs::is_directory(entry)) {
        if (!is_by_product(entry)) add_loose(entry);
      } else if (fs::is_regular_file(entry) &&
                 static_cast<int64_t>(fs::file_size(entry)) > kMaxLooseFile) {
        left_out_.push_back(relative.string());
      } else {
        add_code_file(relative);
      }
    }
    if (folder == project_.root)
      warn(left_out_, "are larger than 50 MiB and are not packed as code");
  }

  void add_logs() {
    const fs::path beside = weights_.parent_path();
    for (const char* name : {"ledger.jsonl", "val_loss_log.npy"}) {
      for (const fs::path& folder : {beside, beside.parent_path()}) {
        if (!fs::is_regular_file(folder / name)) continue;
        if (is_link(folder / name)) refuse_link(folder / name);
        add(std::string("data/logs/") + name, folder / name);
        break;
      }
    }
  }

  /// check.json, or null when it is not wanted.
  json read_check() const {
    if (options_.unchecked) return nullptr;
    const fs::path path = project_.check_folder() / "check.json";
    if (!fs::exists(path)) {
      fail(Code::kNotFound, "{}: missing; run `reconproof check` first (or pack with --unchecked)",
           path.string());
    }
    const json check =
        formats::parse_schema_json(system::read_file(path), path.string(), "reconproof.check", 1);
    const auto expect_same = [&](const char* key, const std::string& ours) {
      if (!check.contains(key) || check[key] != ours) {
        fail(Code::kCorrupt,
             "{}: '{}' is {}, the project's is \"{}\"; run `reconproof check` again", path.string(),
             key, check.contains(key) ? system::printable(check[key].dump()) : "missing", ours);
      }
    };
    expect_same("project", project_.name);
    expect_same("edition", project_.edition);
    if (!check.contains("findings") || !check["findings"].is_array()) {
      fail(Code::kCorrupt, "{}: 'findings' is missing or not a list; run `reconproof check` again",
           path.string());
    }
    for (const json& finding : check["findings"]) challenge::finding_from_json(finding);
    return check;
  }

  json submission(const json& check) const {
    json code = {{"left_out", left_out_}, {"git", nullptr}};
    if (git_) {
      code["git"] = {{"commit", git_->commit},
                     {"dirty", !git_->changed.empty()},
                     {"changed", git_->changed},
                     {"untracked", git_->untracked}};
    }
    return {{"schema", "reconproof.submission"},
            {"schema_version", 1},
            {"project", project_.name},
            {"edition", project_.edition},
            {"ruleset", challenge::find_edition(project_.edition).ruleset()},
            {"checked", !check.is_null()},
            {"steps", declared_steps(project_)},
            {"code", code}};
  }

  /// Remembers the hashes of the files that the check judged: the bundle must carry those and no
  /// others.
  void add_judged(const json& check) {
    if (!check.is_object()) return;
    const auto judge = [&](const std::string& path, const json& file) {
      if (file.is_object() && file.contains("sha256") && file["sha256"].is_string()) {
        result_.judged[path] = file["sha256"];
      }
    };
    judge(weights_name(), check.value("weights", json()));
    const json handed_in = check.value("handed_in", json::array());
    if (!handed_in.is_array()) return;
    for (const json& file : handed_in) {
      if (file.is_object() && file.contains("path") && file["path"].is_string()) {
        judge("data/recon/" + file["path"].get<std::string>(), file);
      }
    }
  }

  void add_meta() {
    const json check = read_check();
    add_judged(check);
    const auto part = [&](const char* key, json absent) {
      return check.is_object() && check.contains(key) ? check[key] : absent;
    };
    const auto put = [&](const std::string& name, const json& value) {
      result_.meta["meta/" + name + ".json"] = formats::canonical_json(value);
    };
    put("submission", submission(check));
    put("environment", {{"schema", "reconproof.environment"},
                        {"schema_version", 1},
                        {"environment", part("environment", json::object())},
                        {"build", part("build", json::object())}});
    put("claims", {{"schema", "reconproof.claims"},
                   {"schema_version", 1},
                   {"claims", project_.claims},
                   {"score", part("score", nullptr)}});
    put("findings", {{"schema", "reconproof.findings"},
                     {"schema_version", 1},
                     {"ruleset", part("ruleset", nullptr)},
                     {"findings", part("findings", json::array())}});
    if (check.is_null())
      result_.warnings.push_back("packed without `reconproof check`: the bundle says so");
  }

  void refuse_collisions() const {
    std::set<std::string> names;
    for (const auto& [name, source] : result_.payload) names.insert(name);
    const std::vector<BundleProblem> problems = name_collisions(names, {});
    if (!problems.empty()) {
      fail(Code::kUnsupported, "{}: {}; rename one of them", system::printable(problems[0].path),
           system::printable(problems[0].message));
    }
  }

  const Project& project_;
  const CollectOptions& options_;
  fs::path weights_, outputs_;
  std::vector<fs::path> excluded_;
  std::optional<GitState> git_;
  std::vector<std::string> left_out_;
  Collection result_;
};

}  // namespace

Collection collect(const Project& project, const CollectOptions& options) {
  return Collector(project, options).run();
}

}  // namespace reconproof::submission
