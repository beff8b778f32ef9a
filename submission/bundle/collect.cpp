// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/collect.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <set>

#include "challenge/convert.h"
#include "challenge/dataset/folder.h"
#include "formats/archive_name.h"
#include "submission/bundle/git.h"
#include "submission/bundle/meta.h"
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

constexpr const char* kDiffName = "data/logs/uncommitted.diff";

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
      : project_(project), options_(options), extra_(logs_and_attachments(project)) {
    if (!project.reconstruct_step || project.reconstruct_step->weights.empty() ||
        (bundle() && project.reconstruct_step->outputs.empty())) {
      fail(Code::kNotFound, "{}: [steps.reconstruct] with {} is missing; {}",
           (project.root / kProjectFile).string(),
           bundle() ? "'weights' and 'outputs'" : "'weights'",
           bundle() ? "a bundle needs both" : "they are handed in");
    }
    for (const auto& [name, file] : weight_files(project)) exclude(file);
    if (const std::string& outputs = project.reconstruct_step->outputs; !outputs.empty()) {
      outputs_ = project.host(outputs);
      exclude(outputs_);
    }
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
    if (bundle()) add_reconstructions();
    add_code();
    add_logs_and_attachments();
    refuse_collisions();
    add_meta();
    return std::move(result_);
  }

 private:
  bool bundle() const { return options_.form == HandInForm::kBundle; }

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

  /// The file itself may be a link (best_model.pt -> epoch_42.pt): its contents go in under the
  /// declared name.
  void add_weights() {
    for (const auto& [name, file] : weight_files(project_)) {
      if (!fs::exists(file)) {
        fail(Code::kNotFound,
             "{}: no such weights file, which [steps.reconstruct] declares; train first, or mend "
             "'weights' in {}",
             file.string(), kProjectFile);
      }
      add(name, file);
      weights_.push_back({name, declared_name(file), "", opaque_reason(file)});
      if (weights_.back().opaque.empty()) add_view(weights_.back(), file);
    }
  }

  fs::path loaded_weights() const { return project_.host(project_.reconstruct_step->weights); }

  std::string declared_name(const fs::path& file) const {
    if (loaded_weights() == file) return project_.reconstruct_step->weights;
    for (const Step& training : project_.train_steps)
      if (!training.weights.empty() && project_.host(training.weights) == file)
        return training.weights;
    RP_ASSERT(false);
  }

  /// The same tensors for readers who never load a pickle.
  void add_view(PackedWeights& weights, const fs::path& file) {
    if (!bundle() || file.extension() == ".safetensors") return;
    const fs::path view = generated(fmt::format("view{}.safetensors", weights_.size()));
    try {
      challenge::convert_checkpoint(file, view);
    } catch (const system::Error& error) {
      if (error.code() == Code::kIo) throw;
      weights.opaque = without_folder(without_folder(error.what(), file), view);
      return;
    }
    weights.view = weights.path + ".safetensors";
    add(weights.view, view);
  }

  fs::path generated(const std::string& name) {
    if (!result_.generated) result_.generated = std::make_shared<system::TemporaryFolder>();
    return result_.generated->path() / name;
  }

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
        add("data/recon/" + (cell.empty() ? "" : cell + "/") + volume.filename().string(), volume);
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
      for (const auto& [name, file] : extra_.found) exclude(file);  // packed once
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
    if (!challenge::find_edition(project_.edition).find_rule("hand-in.repository"))
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
      // What another `pack` is writing at this moment is no code either.
      if (excluded(entry) || system::is_half_written(entry)) continue;
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

  void add_logs_and_attachments() {
    if (!extra_.missing.empty()) fail(Code::kNotFound, "{}", extra_.missing.front());
    for (const auto& [name, file] : extra_.found) {
      if (is_link(file)) refuse_link(file);
      add(name, file);
    }
    if (!git_ || git_->changed.empty() || git_->commit.empty()) return;
    const fs::path diff = generated("uncommitted.diff");
    system::write_file(diff, git_diff(project_.root, git_->changed));
    add(kDiffName, diff);
  }

  void add_meta() {
    const json check = options_.unchecked ? json() : read_check(project_);
    result_.judged = judged_files(check, "data/weights/" + loaded_weights().filename().string());
    HandIn hand_in;
    for (const auto& [name, source] : result_.payload) hand_in.paths.insert(name);
    for (const PackedWeights& file : weights_)
      if (!file.opaque.empty()) hand_in.opaque[file.path] = file.opaque;
    if (git_) {
      hand_in.commit = git_->commit;
      hand_in.changed = git_->changed;
    }
    const bool differs = result_.payload.contains(kDiffName);
    result_.meta = meta_files({project_, check, git_, left_out_, executable_code(),
                               differs ? kDiffName : "", weights_, hand_in});
    if (check.is_null()) result_.warnings.push_back(kUncheckedWarning);
    warn_of_missing(hand_in);
  }

  std::vector<std::string> executable_code() const {
    std::vector<std::string> paths;
    for (const auto& [path, source] : result_.payload)
      if (source.executable && path.starts_with("data/code/")) paths.push_back(path);
    return paths;
  }

  /// What organisers ask for and the bundle lacks, with what to do.
  void warn_of_missing(const HandIn& hand_in) {
    const challenge::Edition& edition = challenge::find_edition(project_.edition);
    for (const challenge::Finding& finding : judge_all_hand_in(edition, hand_in)) {
      if (finding.status != challenge::Status::kFail) continue;
      result_.warnings.push_back(
          fmt::format("{}: {}. {}", finding.rule_id, finding.message, finding.remediation));
    }
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
  ExtraFiles extra_;
  fs::path outputs_;
  std::vector<PackedWeights> weights_;
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
