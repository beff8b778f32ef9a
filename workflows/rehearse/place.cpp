// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "checks/code/scan.h"
#include "submission/readme/match.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using submission::Project;
using submission::Step;
using system::Code;
using system::fail;
using system::printable;

namespace {

constexpr size_t kMostNamed = 20;  // of uncommitted files

std::string plain(const std::string& path) {
  std::string text = fs::path(path).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_readme(const std::string& file) { return lower_case(file).starts_with("readme"); }

/// What the team has, and the clone lacks or has otherwise.
class Uncommitted {
 public:
  Uncommitted(const Project& team, const Project& clone, std::vector<RehearsalFault>& faults)
      : team_(team), clone_(clone), faults_(faults) {}

  void find() {
    for (const checks::ReachedFile& file : checks::reached_files(team_))
      reached_[file.file] = file.from;
    if (const auto state = submission::git_state(team_.root)) {
      for (const std::string& file : state->changed) changed(file);
    }
    for (const auto& [file, from] : reached_) missing(file, from);
    for (const Step& step : team_.train_steps) words(step);
    if (team_.reconstruct_step) words(*team_.reconstruct_step);
    if (named_ > kMostNamed)
      faults_.push_back({"uncommitted-file",
                         Gravity::kWarning,
                         "",
                         fmt::format("and {} more files are not as in HEAD", named_ - kMostNamed),
                         "git status lists them",
                         {}});
  }

 private:
  void add(const std::string& file, Gravity gravity, const std::string& where,
           const std::string& message) {
    if (!told_.insert(file).second || ++named_ > kMostNamed) return;
    const std::string name = printable(file);
    faults_.push_back({"uncommitted-file",
                       gravity,
                       where,
                       message,
                       fmt::format("git add {} && git commit, or git checkout {}", name, name),
                       {}});
  }

  void changed(const std::string& file) {
    // Of this program, not of the assistant's.
    if (file == submission::kProjectFile || system::is_below(file, submission::kStateFolder))
      return;
    std::error_code ignored;
    if (!fs::exists(team_.root / file, ignored))
      return add(file, Gravity::kWarning, file,
                 fmt::format("{} is in HEAD, but you have removed it", printable(file)));
    const bool needed = reached_.contains(file) || is_readme(file) || file.ends_with(".sh") ||
                        lower_case(file).find("requirements") != std::string::npos;
    add(file, needed ? Gravity::kBroken : Gravity::kWarning, file,
        fmt::format("{} is not committed as you have it: an assistant gets what HEAD has",
                    printable(file)));
  }

  bool is_only_here(const std::string& file) const {
    std::error_code ignored;
    return fs::is_regular_file(team_.root / file, ignored) &&
           !fs::exists(fs::symlink_status(clone_.root / file, ignored));
  }

  void missing(const std::string& file, const std::string& from) {
    if (!is_only_here(file)) return;
    add(file, Gravity::kBroken, from.empty() ? submission::kProjectFile : from,
        fmt::format("{} is needed, lies in your folder and is not in HEAD", printable(file)));
  }

  /// Files that a command names: scripts, settings.
  void words(const Step& step) {
    for (const std::string& word : step.command) {
      for (const std::string& file : {word, word.substr(word.find('=') + 1)}) {
        const std::string name = plain(file);
        const bool weights = team_.host(file) == team_.host(step.weights);
        if (!file.empty() && !file.starts_with('/') && !weights) missing(name, "");
      }
    }
  }

  const Project& team_;
  const Project& clone_;
  std::vector<RehearsalFault>& faults_;
  std::map<std::string, std::string> reached_;
  std::set<std::string> told_;
  size_t named_ = 0;
};

/// Of a path that is not there, one that differs in upper and lower case alone; or empty.
fs::path in_other_letters(const fs::path& path) {
  std::error_code ignored;
  fs::path found;
  for (const fs::path& part : path) {
    const fs::path next = found / part;
    if (fs::exists(next, ignored)) {
      found = next;
      continue;
    }
    fs::path other;
    if (!system::is_folder(found)) return {};
    for (const fs::path& entry : system::sorted_entries(found))
      if (lower_case(entry.filename().string()) == lower_case(part.string())) other = entry;
    if (other.empty()) return {};
    found = other;
  }
  return found;
}

/// A clone without git-lfs has a few lines in place of a large file.
bool is_pointer(const fs::path& file) {
  constexpr std::uintmax_t kMostPointer = 1024;
  std::error_code ignored;
  return fs::file_size(file, ignored) <= kMostPointer &&
         system::read_file(file).starts_with("version https://git-lfs");
}

class Mover {
 public:
  Mover(const Project& team, std::vector<RehearsalFault>& faults) : team_(team), faults_(faults) {}

  AssistantsPlace run(const fs::path& image) {
    const fs::path code = image / "team" / "code";
    system::make_folders(code.parent_path());
    place_.git = submission::git_clone(team_.root, code);
    if (!system::is_folder(place_.git.folder))
      fail(Code::kNotFound, "{}: HEAD has nothing of this folder; commit it first",
           team_.root.string());
    fs::remove_all(place_.git.folder / submission::kStateFolder);  // committed by mistake
    system::write_file(place_.git.folder / submission::kProjectFile,
                       system::read_file(team_.root / submission::kProjectFile));
    place_.project = submission::load_project(place_.git.folder);
    place_.project.image = fs::canonical(image);
    look_at_repository();
    Uncommitted(team_, place_.project, faults_).find();
    if (team_.reconstruct_step) place_weights(*team_.reconstruct_step);
    move_data();
    grant_folders();
    return std::move(place_);
  }

 private:
  void warn(const char* kind, std::string where, std::string message, std::string remedy) {
    faults_.push_back(
        {kind, Gravity::kWarning, std::move(where), std::move(message), std::move(remedy), {}});
  }

  void look_at_repository() {
    if (place_.git.has_submodules)
      warn("submodule", ".gitmodules",
           "the repository has submodules, which a plain clone leaves out",
           "say `git clone --recurse-submodules` in the README, or commit their files");
    if (place_.git.unpushed > 0)
      warn("unpushed", "", fmt::format("{} commits of HEAD are not pushed", place_.git.unpushed),
           "git push: an assistant clones what the server has");
  }

  void place_weights(const Step& step) {
    if (step.weights.empty()) return;
    const fs::path here = team_.host(step.weights), there = place_.project.host(step.weights);
    std::error_code ignored;
    if (!fs::is_regular_file(here, ignored)) return missing_weights(step, here);
    if (fs::is_regular_file(there, ignored)) {
      if (is_pointer(there))
        fs::remove(there);
      else
        return;  // committed; where it differs it is among what changed
    }
    system::make_folders(there.parent_path());
    fs::create_symlink(fs::canonical(here), there);
  }

  void missing_weights(const Step& step, const fs::path& here) {
    const fs::path other = in_other_letters(here);
    RehearsalFault fault{
        "weight-name",
        Gravity::kBroken,
        submission::kProjectFile,
        fmt::format("the weights are declared at {}, where there is none", printable(step.weights)),
        "train first, or mend [steps.reconstruct] weights",
        {}};
    if (!other.empty()) {
      fault.message += fmt::format("; there is {}, which differs in upper and lower case alone",
                                   printable(other.string()));
      fault.remedy = "use one name in README, scripts and folders: upper and lower case count";
    }
    faults_.push_back(std::move(fault));
  }

  void move_data() {
    Project& project = place_.project;
    std::vector<Step*> trainings, reconstruction;
    for (Step& step : project.train_steps) trainings.push_back(&step);
    if (project.reconstruct_step) reconstruction = {&*project.reconstruct_step};
    place_.data_moved = true;
    look_for_leaderboard();
    move_folder("train", project.train, trainings);
    move_folder("val", project.val, trainings);
    move_folder("leaderboard", project.leaderboard, reconstruction);
  }

  /// A training that is given the leaderboard as its data would never miss it.
  void look_for_leaderboard() {
    const std::string& leaderboard = team_.leaderboard;
    if (leaderboard.empty()) return;
    const auto is_leaderboard = [&](const std::string& data) {
      return !data.empty() && system::is_below(plain(data), plain(leaderboard));
    };
    bool given = is_leaderboard(team_.train) || is_leaderboard(team_.val);
    for (const Step& step : team_.train_steps)
      given |= with_data_at(step.command, leaderboard, kAssistantsData) != step.command;
    if (!given) return;
    faults_.push_back(
        {"leaderboard",
         Gravity::kBroken,
         submission::kProjectFile,
         fmt::format("the training is given {}, which is the leaderboard", printable(leaderboard)),
         "the leaderboard may not be used in training, not even as validation",
         {}});
  }

  void move_folder(const std::string& name, std::string& declared,
                   const std::vector<Step*>& steps) {
    if (declared.empty() || steps.empty()) return;
    const std::string place = std::string(kAssistantsData) + "/" + name;
    std::vector<std::vector<std::string>> commands;
    for (const Step* step : steps) {
      std::vector<std::string> command = with_data_at(step->command, declared, place);
      if (command == step->command) {
        const std::vector<std::string> flags =
            submission::option_of_folder(place_.project.root, *step, declared);
        if (flags.empty()) return cannot_move(name, declared);
        command.insert(command.end(), {flags.back(), place});
      }
      commands.push_back(std::move(command));
    }
    for (size_t i = 0; i < steps.size(); ++i) steps[i]->command = commands[i];
    declared = place;
  }

  void cannot_move(const std::string& name, const std::string& declared) {
    place_.data_moved = false;
    warn("fixed-data-folder", submission::kProjectFile,
         fmt::format("[data] {} = {}: no argument of the command names it, so that nobody can have "
                     "the data elsewhere; rehearsed with the data there",
                     name, printable(declared)),
         "take the folder as an option of the script");
  }

  /// Beside the repository: on the assistant's machine there is nothing.
  void grant_folders() {
    std::vector<Step*> steps;
    for (Step& step : place_.project.train_steps) steps.push_back(&step);
    if (place_.project.reconstruct_step) steps.push_back(&*place_.project.reconstruct_step);
    for (Step* step : steps) {
      const std::string& program = step->command[0];
      // The interpreter is another one here: that of the requirements.
      std::erase_if(step->read_only, [&](const std::string& folder) {
        return program.starts_with('/') && system::is_below(plain(program), plain(folder));
      });
      for (const std::string& folder : step->read_only) grant(folder);
    }
  }

  void grant(const std::string& folder) {
    if (!granted_.insert(folder).second) return;
    warn("absolute-path", submission::kProjectFile,
         fmt::format("read_only names {}, which an assistant has not", printable(folder)),
         "make it a package of requirements.txt, or commit it");
    const fs::path here = team_.host(folder), there = place_.project.host(folder);
    std::error_code ignored;
    if (!fs::exists(here, ignored) || fs::exists(fs::symlink_status(there))) return;
    system::make_folders(there.parent_path());
    fs::create_directory_symlink(fs::canonical(here), there);
  }

  const Project& team_;
  std::vector<RehearsalFault>& faults_;
  AssistantsPlace place_;
  std::set<std::string> granted_;
};

}  // namespace

std::vector<std::string> with_data_at(const std::vector<std::string>& command,
                                      const std::string& declared, const std::string& place) {
  std::vector<std::string> words = command;
  const std::string data = plain(declared);
  for (size_t i = 1; i < words.size(); ++i) {
    std::string& word = words[i];
    const size_t begin =
        word.starts_with('-') && word.find('=') != std::string::npos ? word.find('=') + 1 : 0;
    const std::string value = word.substr(begin), path = plain(value);
    if (value.empty() || value.starts_with('-') || !system::is_below(path, data)) continue;
    const std::string below = path == data ? "" : path.substr(data.size());
    word = word.substr(0, begin) + place + below + (value.ends_with('/') ? "/" : "");
  }
  return words;
}

AssistantsPlace move_in(const Project& team, const fs::path& image,
                        std::vector<RehearsalFault>& faults) {
  return Mover(team, faults).run(image);
}

}  // namespace reconproof::workflows
