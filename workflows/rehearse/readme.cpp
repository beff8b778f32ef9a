// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/readme.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "checks/families.h"
#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using submission::AlternativeMatch;
using submission::CommandFault;
using submission::CommandMatch;
using submission::CommandVerdict;
using submission::Readme;
using submission::ReadmeMatch;
using system::excerpt;

namespace {

class ReadmeJudge {
 public:
  ReadmeJudge(const Readme& readme, const ReadmeMatch& match, RehearsalStep& step)
      : readme_(readme), match_(match), step_(step) {}

  void run() {
    for (const std::string& remark : readme_.remarks)
      add("readme-text", readme_.unreadable ? Gravity::kBroken : Gravity::kWarning, readme_.file,
          remark, "");
    for (const CommandMatch& command : match_.commands) judge(command);
    for (const std::string& step : match_.unnamed) unnamed(step);
    step_.message = summary();
  }

 private:
  void add(const std::string& kind, Gravity gravity, const std::string& where,
           const std::string& message, const std::string& remedy) {
    step_.faults.push_back({kind, gravity, where, message, remedy, {}});
  }

  bool is_named(const std::string& step) const {
    return std::ranges::find(match_.unnamed, step) == match_.unnamed.end();
  }

  /// One for each kind.
  void add_faults(const AlternativeMatch& alternative, Gravity gravity, const std::string& where) {
    std::map<std::string, std::vector<std::string>> messages;
    std::map<std::string, std::string> remedies;
    for (const CommandFault& fault : alternative.faults) {
      messages[fault.kind].push_back(fault.message);
      remedies.emplace(fault.kind, fault.remedy);
    }
    for (const auto& [kind, all] : messages)
      add(kind, gravity, where,
          fmt::format("`{}`: {}", excerpt(alternative.text, 120), fmt::join(all, "; ")),
          remedies.at(kind));
  }

  void judge(const CommandMatch& command) {
    if (command.in_text) return;  // may name a step, and need not
    const CommandVerdict best = command.verdict();
    const std::string where = fmt::format("{}:{}", readme_.file, command.line);
    for (const AlternativeMatch& alternative : command.alternatives) {
      if (alternative.verdict == CommandVerdict::kUnclear) {
        add("readme-command", Gravity::kWarning, where,
            fmt::format("`{}` is not checked: {}", excerpt(alternative.text, 120),
                        fmt::join(alternative.notes, "; ")),
            "write it so that it can be typed as it stands");
        continue;
      }
      if (alternative.faults.empty()) continue;
      // Of `A // B` one must be right, and of several commands for a step one.
      const bool excused = best == CommandVerdict::kSame || best == CommandVerdict::kOther ||
                           (!command.step.empty() && is_named(command.step) &&
                            alternative.verdict == CommandVerdict::kDiffers);
      add_faults(alternative, excused ? Gravity::kWarning : Gravity::kBroken, where);
      if (!excused) spoken_of_.insert(command.step);
    }
  }

  void unnamed(const std::string& step) {
    if (spoken_of_.contains(step)) return;
    add("readme-command", Gravity::kBroken, readme_.file.empty() ? "README.md" : readme_.file,
        readme_.file.empty()
            ? fmt::format("there is no README that would name the declared step '{}'",
                          system::printable(step))
            : fmt::format("no command in it is the declared step '{}'", system::printable(step)),
        "write the command of reconproof.toml into the README, between ``` lines");
  }

  std::string summary() const {
    if (readme_.file.empty()) return "there is no README";
    int64_t same = 0, other = 0;
    for (const CommandMatch& command : match_.commands) {
      same += command.verdict() == CommandVerdict::kSame;
      other += command.verdict() == CommandVerdict::kOther;
    }
    std::map<std::string, int64_t> skipped;
    for (const submission::ReadmeSkipped& one : readme_.skipped) ++skipped[one.what];
    std::vector<std::string> parts;
    for (const auto& [what, many] : skipped) parts.push_back(fmt::format("{} {}", many, what));
    return fmt::format("{}: {} commands; declared steps: {}, others that are there: {}{}",
                       readme_.file, match_.commands.size(), same, other,
                       parts.empty() ? "" : fmt::format("; skipped: {}", fmt::join(parts, ", ")));
  }

  const Readme& readme_;
  const ReadmeMatch& match_;
  RehearsalStep& step_;
  std::set<std::string> spoken_of_;
};

void check_shell_scripts(const ReadmeMatch& match, const fs::path& clone, RehearsalStep& step) {
  std::set<std::string> seen;
  for (const CommandMatch& command : match.commands) {
    for (const AlternativeMatch& alternative : command.alternatives) {
      for (const std::string& script : alternative.scripts) {
        std::error_code ignored;
        if (!script.ends_with(".sh") || !seen.insert(script).second ||
            !fs::is_regular_file(clone / script, ignored))
          continue;
        system::ProcessSpec spec;
        spec.argv = {"bash", "-n", script};
        spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C"}};
        spec.working_directory = clone;
        spec.timeout_s = 10;
        const system::ProcessResult result = system::run_process(spec);
        if (result.ok() || !result.start_error.empty()) continue;
        step.faults.push_back({"readme-command", Gravity::kBroken, script,
                               "is no script that a shell understands", "mend what bash -n names",
                               checks::last_lines(result.output)});
      }
    }
  }
}

}  // namespace

void judge_readme(const Readme& readme, const ReadmeMatch& match, const fs::path& clone,
                  RehearsalStep& step) {
  ReadmeJudge(readme, match, step).run();
  check_shell_scripts(match, clone, step);
}

}  // namespace reconproof::workflows
