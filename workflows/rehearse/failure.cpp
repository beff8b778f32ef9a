// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/failure.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "checks/families.h"
#include "checks/measure/job.h"
#include "submission/requirements.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kMostSource = 1 << 20;

/// The last exception that Python printed.
struct Traceback {
  std::string file;  // the deepest of the team's own, relative to the project; empty: none
  int64_t line = 0;
  std::string error;  // "FileNotFoundError: ..."

  std::string where() const { return file.empty() ? "" : fmt::format("{}:{}", file, line); }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

Traceback last_traceback(const std::string& output) {
  const std::string opening = fmt::format("  File \"{}/", checks::kCodeFolder);
  Traceback found;
  bool inside = false;
  for (const std::string& line : lines_of(output)) {
    if (line.starts_with("Traceback (most recent call last)")) found = {}, inside = true;
    if (line.starts_with("  File \"")) {
      inside = true;
      if (!line.starts_with(opening)) continue;
      const size_t end = line.find("\", line ", opening.size());
      if (end == std::string::npos) continue;
      found.file = line.substr(opening.size(), end - opening.size());
      found.line = std::atoll(line.c_str() + end + 8);
    } else if (inside && !line.empty() && line[0] != ' ' && line[0] != '\t' &&
               !line.starts_with("Traceback")) {
      found.error = line;
      inside = false;
    }
  }
  return found;
}

/// The first text in quotes that could be a file's name.
std::string quoted_path(const std::string& error) {
  for (size_t at = error.find('\''); at != std::string::npos;) {
    const size_t end = error.find('\'', at + 1);
    if (end == std::string::npos) break;
    const std::string text = error.substr(at + 1, end - at - 1);
    if (!text.empty()) return text;
    at = error.find('\'', end + 1);
  }
  return "";
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool contains_any(const std::string& text, std::initializer_list<const char*> words) {
  return std::ranges::any_of(
      words, [&](const char* word) { return text.find(word) != std::string::npos; });
}

class Explainer {
 public:
  Explainer(const checks::WholeRunResult& run, const FailureContext& context)
      : run_(run), context_(context), traceback_(last_traceback(run.output_tail)) {}

  RehearsalFault explain() {
    fault_.evidence = checks::last_lines(run_.output_tail);
    fault_.where = traceback_.where();
    if (!run_.not_run.empty() || run_.timed_out || !run_.stopped.empty() || run_.signal != 0)
      return limit();
    const std::string& error = traceback_.error;
    if (error.starts_with("ModuleNotFoundError") || error.starts_with("ImportError"))
      return module();
    if (contains_any(run_.output_tail,
                     {"in loading state_dict", "size mismatch for ",
                      "Unexpected key(s) in state_dict", "Missing key(s) in state_dict"}))
      return weights();
    if (error.starts_with("KeyError") && source_line().find("environ") != std::string::npos)
      return setting();
    if (contains_any(error, {"No such file", "Unable to open", "unable to open", "NotFoundError"}))
      return file();
    if (context_.has_gpu || !contains_any(lower(run_.output_tail), {"cuda", "nvidia", "gpu"}))
      return other();
    fault_.gravity = Gravity::kInconclusive;
    return finish("failed", "the command asks for a GPU, which this machine lacks",
                  "rehearse on a machine with a GPU");
  }

 private:
  RehearsalFault finish(const char* kind, std::string message, std::string remedy) {
    fault_.kind = kind;
    fault_.message = std::move(message);
    fault_.remedy = std::move(remedy);
    return fault_;
  }

  RehearsalFault limit() {
    const bool ours = run_.timed_out || !run_.stopped.empty();
    if (ours) fault_.gravity = Gravity::kInconclusive;
    return finish("failed", "the command did not come to its end: " + checks::failure_text(run_),
                  ours ? "give it more (--timeout, --limit-memory) if the organiser would"
                       : "mend what the last lines name");
  }

  RehearsalFault other() {
    for (const std::string& line : lines_of(run_.output_tail)) {
      if (line.find(": error: ") == std::string::npos) continue;
      return finish("failed", "the command's arguments do not fit its script: " + line,
                    "mend the command, or the script's options");
    }
    std::string message = "the command failed: " + checks::failure_text(run_);
    if (!traceback_.error.empty()) message += ": " + traceback_.error;
    return finish("failed", message, "mend what the last lines name");
  }

  /// The line of the team's own code that the exception came through.
  std::string source_line() const {
    if (traceback_.file.empty()) return "";
    try {
      const std::vector<std::string> lines =
          lines_of(system::read_file(context_.clone / traceback_.file, kMostSource));
      const auto number = static_cast<size_t>(traceback_.line);
      return number >= 1 && number <= lines.size() ? lines[number - 1] : "";
    } catch (const system::Error&) {
      return "";
    }
  }

  /// A file or folder that the team has, by this relative name or its end, and the clone lacks.
  std::string only_at_the_team(const std::string& name) const {
    std::error_code ignored;
    const fs::path plain = fs::path(name).lexically_normal();
    if (fs::exists(context_.team / plain, ignored) && !fs::exists(context_.clone / plain, ignored))
      return plain.string();
    for (const fs::path& file : system::files_below(context_.team)) {
      const bool same = file == plain || file.string().ends_with("/" + plain.string());
      if (same && !fs::exists(context_.clone / file, ignored)) return file.string();
    }
    return "";
  }

  RehearsalFault uncommitted(const std::string& file) {
    return finish("uncommitted-file",
                  fmt::format("{} is needed, lies in your folder and is not in HEAD",
                              system::printable(file)),
                  fmt::format("git add {} and commit (-f where .gitignore names it)",
                              system::printable(file)));
  }

  RehearsalFault module() {
    const std::string name = quoted_path(traceback_.error);
    std::string path = name;
    std::ranges::replace(path, '.', '/');
    if (!path.empty()) {
      for (const char* tail : {".py", "/__init__.py"})
        if (const std::string file = only_at_the_team(path + tail); !file.empty())
          return uncommitted(file);
    }
    const std::string top = name.substr(0, name.find('.'));
    for (const std::string& package : submission::usual_distributions(top)) {
      if (std::ranges::find(context_.requirements, package) == context_.requirements.end())
        continue;
      fault_.gravity = Gravity::kInconclusive;
      return finish("missing-requirement",
                    fmt::format("'{}' is asked for, but this interpreter lacks it", top),
                    "rehearse without --python, in an environment made from the requirements");
    }
    if (name.empty() || !traceback_.error.starts_with("ModuleNotFoundError")) return other();
    return finish("missing-requirement",
                  fmt::format("imports '{}', which no requirement brings", system::printable(top)),
                  fmt::format("add {} with its version to requirements.txt",
                              submission::usual_distributions(top).front()));
  }

  RehearsalFault weights() {
    return finish("weights-of-another-network",
                  "the weights do not belong to the network that the command builds",
                  "give the command the sizes that the weights were trained with, or hand in the "
                  "weights of this code");
  }

  RehearsalFault setting() {
    const std::string name = quoted_path(traceback_.error);
    return finish("hidden-setting",
                  fmt::format("reads the environment variable {}, which nothing sets",
                              system::printable(name)),
                  "make it an option of the script with the value that you used, or write it into "
                  "the README's command and [steps.*.env]");
  }

  RehearsalFault file() {
    const std::string name = quoted_path(traceback_.error);
    if (name.empty()) return other();
    const std::string shown = system::printable(name);
    if (!context_.leaderboard.empty() &&
        system::is_below(fs::path(name).lexically_normal(),
                         fs::path(context_.leaderboard).lexically_normal()))
      return finish("leaderboard",
                    fmt::format("the training reads {}, which is the leaderboard", shown),
                    "the leaderboard may not be used in training, not even as validation");
    if (is_like_weights(name)) {
      return finish("weight-name",
                    fmt::format("reads {}, but the weights that are handed in lie at {}", shown,
                                context_.weights),
                    "use one name in README, scripts and folders (upper and lower case count)");
    }
    if (const std::string own = own_file(name); !own.empty()) return uncommitted(own);
    if (name.starts_with('/') || name.starts_with('~'))
      return finish("absolute-path", fmt::format("reads {}, which only your machine has", shown),
                    "name it relative to the repository, or by an option of the script");
    return finish("failed", fmt::format("reads {}, which is not there", shown),
                  "commit the file, or say in the README how to make it");
  }

  /// Another folder's file of the same name, or the same place in other letters.
  bool is_like_weights(const std::string& name) const {
    const fs::path read = fs::path(name).lexically_normal();
    const fs::path declared = fs::path(context_.weights).lexically_normal();
    return !context_.weights.empty() && read.filename() == declared.filename() && read != declared;
  }

  /// A file of the repository, by whatever name it was opened.
  std::string own_file(const std::string& name) const {
    std::string relative = name;
    for (const std::string& root : {std::string(checks::kCodeFolder), context_.team.string()})
      if (name.starts_with(root + "/")) relative = name.substr(root.size() + 1);
    if (relative.starts_with('/') || relative.starts_with("..")) return "";
    return only_at_the_team(relative);
  }

  const checks::WholeRunResult& run_;
  const FailureContext& context_;
  const Traceback traceback_;
  RehearsalFault fault_;
};

}  // namespace

const char* gravity_text(Gravity gravity) {
  switch (gravity) {
    case Gravity::kBroken:
      return "broken";
    case Gravity::kWarning:
      return "warning";
    case Gravity::kInconclusive:
      break;
  }
  return "inconclusive";
}

const char* step_state_text(StepState state) {
  switch (state) {
    case StepState::kOk:
      return "ok";
    case StepState::kBroken:
      return "broken";
    case StepState::kInconclusive:
      break;
  }
  return "inconclusive";
}

StepState RehearsalStep::state() const {
  const auto has = [&](Gravity gravity) {
    return std::ranges::find(faults, gravity, &RehearsalFault::gravity) != faults.end();
  };
  return has(Gravity::kBroken)         ? StepState::kBroken
         : has(Gravity::kInconclusive) ? StepState::kInconclusive
                                       : StepState::kOk;
}

RehearsalFault explain_failure(const checks::WholeRunResult& run, const FailureContext& context) {
  return Explainer(run, context).explain();
}

}  // namespace reconproof::workflows
