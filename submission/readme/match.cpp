// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/readme/match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "submission/detect/python_arguments.h"
#include "submission/detect/shell_words.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace fs = std::filesystem;

namespace {

using system::printable;
using Words = std::vector<std::string>;
using Env = std::map<std::string, std::string>;

constexpr int kDeepest = 4;  // of scripts that call scripts

/// A program with its arguments, behind interpreters and shell scripts.
struct Invocation {
  std::string program;  // "reconstruct.py", or what is no script of the repository
  Words arguments;
  Env env;
  bool python = false;
};

struct Resolved {
  std::vector<Invocation> invocations;
  std::vector<std::string> scripts;  // that were met on the way, relative to the root
  std::vector<CommandFault> faults;  // why it fails
  std::string unclear;
};

std::string plain_path(const std::string& path) {
  std::string plain = fs::path(path).lexically_normal().string();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain;
}

bool is_shell(const std::string& program) {
  const std::string name = fs::path(program).filename().string();
  return name == "sh" || name == "bash" || name == "zsh" || name == "dash";
}

bool is_python(const std::string& program) {
  return fs::path(program).filename().string().starts_with("python");
}

/// What is run, as far as the repository's text tells.
class Resolver {
 public:
  Resolver(const fs::path& root, RepositoryText& texts) : root_(root), texts_(texts) {}

  Resolved resolve(const Words& words, const Env& env) {
    resolve(words, env, 0);
    return std::move(found_);
  }

 private:
  void fail(const std::string& message, const std::string& remedy) {
    found_.faults.push_back({"readme-command", message, remedy});
  }

  void resolve(const Words& words, const Env& env, int depth) {
    if (words.empty()) return;
    if (is_shell(words[0])) {
      const auto script = std::find_if(words.begin() + 1, words.end(),
                                       [](const std::string& w) { return !w.starts_with('-'); });
      if (script == words.end() || words.end() - std::find(words.begin(), words.end(), "-c") > 0) {
        found_.unclear = "a shell without a script";
        return;
      }
      return shell(plain_path(*script), env, depth);
    }
    if (words[0].ends_with(".sh")) return shell(plain_path(words[0]), env, depth);
    if (python(words, env)) return;
    found_.invocations.push_back(
        {plain_path(words[0]), Words(words.begin() + 1, words.end()), env, false});
    if (words[0].find('/') != std::string::npos && !words[0].starts_with('/')) exists(words[0]);
  }

  /// Any command that names a .py file runs it: python, torchrun, accelerate launch.
  bool python(const Words& words, const Env& env) {
    for (size_t i = 0; i < words.size(); ++i) {
      const bool module = i > 0 && words[i - 1] == "-m" && is_python(words[0]);
      std::string script = words[i];
      if (module) {
        std::ranges::replace(script, '.', '/');
        if (!fs::is_regular_file(root_ / (script + ".py"))) continue;  // of the environment
        script += ".py";
      }
      if (!script.ends_with(".py") || script.starts_with('-')) continue;
      found_.invocations.push_back({plain_path(script),
                                    Words(words.begin() + static_cast<long>(i) + 1, words.end()),
                                    env, true});
      exists(script);
      return true;
    }
    return false;
  }

  bool exists(const std::string& file) {
    found_.scripts.push_back(plain_path(file));
    std::error_code ignored;
    if (fs::is_regular_file(root_ / file, ignored)) return true;
    fail(fmt::format("there is no {} in what is cloned", printable(file)),
         "commit the file, or mend the command");
    return false;
  }

  void shell(const std::string& file, const Env& env, int depth) {
    if (!exists(file)) return;
    const std::string* text = texts_.find(file);
    if (!text || depth >= kDeepest) {
      found_.unclear = file + " cannot be followed";
      return;
    }
    if (text->find("\r\n") != std::string::npos) {
      return fail(
          fmt::format("{} has line ends of Windows (CR LF), which no shell understands", file),
          fmt::format("sed -i 's/\\r$//' {}", file));
    }
    try {
      for (const ShellCommand& command : parse_shell(*text, file)) {
        Env all = command.env;
        all.insert(env.begin(), env.end());
        resolve(command.words, all, depth + 1);
      }
    } catch (const system::Error& error) {
      found_.unclear = error.what();
    }
  }

  const fs::path& root_;
  RepositoryText& texts_;
  Resolved found_;
};

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool same_value(const std::string& a, const std::string& b) {
  const auto x = number_of(a), y = number_of(b);
  if (x && y) return *x == *y;
  return plain_path(a) == plain_path(b);
}

bool equal_but_for_case(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The option's value: as given, else its default.
std::string value_of(const Invocation& run, const PythonOption& option,
                     const std::vector<PythonOption>& all) {
  if (const auto given = given_value(run.arguments, option, all)) return given->value;
  return option.value.value_or("");
}

std::string name_of(const PythonOption& option) {
  return *std::ranges::max_element(option.flags, {}, &std::string::size);
}

bool names_network(const PythonOption& option) {
  return option.has_flag("-n") || option.has_flag("--net_name") || option.has_flag("--net-name");
}

/// Which GPU is taken is the reader's own affair.
bool names_gpu(const PythonOption& option) {
  return option.has_flag("--GPU_NUM") || option.has_flag("--GPU-NUM") || option.has_flag("--gpu");
}

/// Words that look like options and are none that the script knows.
std::vector<std::string> unknown_options(const Invocation& run,
                                         const std::vector<PythonOption>& all) {
  std::vector<std::string> unknown;
  for (const std::string& word : run.arguments) {
    if (word.size() < 2 || word[0] != '-' || number_of(word)) continue;
    if (word == "--help" || word == "-h") continue;
    const std::string flag = word.substr(0, word.find('='));
    const bool known = std::ranges::any_of(all, [&](const PythonOption& option) {
      return std::ranges::any_of(option.flags, [&](const std::string& own) {
        if (own == flag) return true;
        if (own.starts_with("--")) return flag.starts_with("--") && own.starts_with(flag);
        return own.size() == 2 && !word.starts_with("--") && word.starts_with(own);
      });
    });
    if (!known) unknown.push_back(flag);
  }
  return unknown;
}

/// Settings of a machine rather than of a method.
bool is_usual_variable(const std::string& name) {
  static const std::set<std::string> kUsual = {"CUDA_VISIBLE_DEVICES", "PYTHONUNBUFFERED",
                                               "OMP_WAIT_POLICY",      "PYTHONDONTWRITEBYTECODE",
                                               "WANDB_MODE",           "PYTHONIOENCODING"};
  return kUsual.contains(name) || name.ends_with("_NUM_THREADS") || name == "PATH" ||
         name == "LANG";
}

class Matcher {
 public:
  Matcher(const Readme& readme, const Project& project, const fs::path& root)
      : readme_(readme), project_(project), root_(root), texts_(root_, warnings_) {
    for (const Step& step : project.train_steps)
      steps_.push_back({step.name.empty() ? "train" : "train " + step.name, declared(step)});
    if (project.reconstruct_step)
      steps_.push_back({"reconstruct", declared(*project.reconstruct_step)});
  }

  ReadmeMatch run() {
    ReadmeMatch result;
    std::set<std::string> named;
    for (const ReadmeCommand& command : readme_.commands) {
      result.commands.push_back(match(command));
      const CommandMatch& match = result.commands.back();
      if (match.verdict() == CommandVerdict::kSame) named.insert(match.step);
    }
    for (const auto& [name, step] : steps_)
      if (!named.contains(name)) result.unnamed.push_back(name);
    return result;
  }

  const std::vector<PythonOption>& options_of(const std::string& script) {
    const auto known = options_.find(script);
    if (known != options_.end()) return known->second;
    const std::string* source = texts_.find(script);
    return options_[script] = source ? argparse_options(*source) : std::vector<PythonOption>();
  }

  Invocation declared(const Step& step) {
    const Resolved found = Resolver(root_, texts_).resolve(step.command, step.env);
    if (!found.invocations.empty()) return found.invocations.back();
    return {step.command[0], Words(step.command.begin() + 1, step.command.end()), step.env, false};
  }

 private:
  CommandMatch match(const ReadmeCommand& command) {
    CommandMatch match;
    match.line = command.line;
    match.in_text = command.in_text;
    for (const ReadmeAlternative& alternative : command.alternatives) {
      auto [step, one] = match_alternative(alternative);
      if (!step.empty() && (match.step.empty() || one.verdict == CommandVerdict::kSame))
        match.step = step;
      match.alternatives.push_back(std::move(one));
    }
    return match;
  }

  std::pair<std::string, AlternativeMatch> match_alternative(const ReadmeAlternative& alternative) {
    AlternativeMatch match;
    match.text = alternative.text;
    if (!alternative.unclear.empty()) {
      match.notes.push_back(alternative.unclear);
      return {"", match};
    }
    Resolved found = Resolver(root_, texts_).resolve(alternative.words, alternative.env);
    match.scripts = found.scripts;
    std::string step = step_like(found, match);
    if (!found.faults.empty()) {
      match.verdict = CommandVerdict::kFails;
      match.faults = std::move(found.faults);
    } else if (step.empty() && !found.unclear.empty()) {
      match.verdict = CommandVerdict::kUnclear;
      match.notes.push_back(found.unclear);
    } else if (step.empty()) {
      judge_other(found, match);
    }
    return {step, match};
  }

  /// The step that one of the invocations is most like; fills in the verdict where there is one.
  std::string step_like(const Resolved& found, AlternativeMatch& match) {
    std::string best;
    size_t fewest = SIZE_MAX;
    for (const Invocation& run : found.invocations) {
      for (const auto& [name, step] : steps_) {
        if (!same_program(run, step)) continue;
        AlternativeMatch tried = match;
        compare(run, step, tried);
        if (tried.faults.size() >= fewest) continue;
        fewest = tried.faults.size();
        best = name;
        match = std::move(tried);
      }
    }
    return best;
  }

  static bool same_program(const Invocation& a, const Invocation& b) {
    return a.python == b.python && plain_path(a.program) == plain_path(b.program);
  }

  void judge_other(const Resolved& found, AlternativeMatch& match) {
    match.verdict = CommandVerdict::kOther;
    for (const Invocation& run : found.invocations) judge_options(run, match);
  }

  void judge_options(const Invocation& run, AlternativeMatch& match) {
    if (!run.python || options_of(run.program).empty()) return;
    for (const std::string& flag : unknown_options(run, options_of(run.program))) {
      match.verdict = CommandVerdict::kFails;
      match.faults.push_back(
          {"readme-command", fmt::format("{} knows no option {}", run.program, printable(flag)),
           fmt::format("mend the command: `python {} --help` lists the options", run.program)});
    }
  }

  void compare(const Invocation& run, const Invocation& step, AlternativeMatch& match) {
    match.verdict = CommandVerdict::kSame;
    judge_options(run, match);
    if (match.verdict == CommandVerdict::kFails) return;
    const std::vector<PythonOption> options =
        run.python ? options_of(run.program) : std::vector<PythonOption>();
    if (options.empty())
      compare_words(run, step, match);
    else
      for (const PythonOption& option : options) compare_option(run, step, option, options, match);
    compare_environment(run, step, match);
    if (!match.faults.empty()) match.verdict = CommandVerdict::kDiffers;
  }

  void compare_option(const Invocation& run, const Invocation& step, const PythonOption& option,
                      const std::vector<PythonOption>& options, AlternativeMatch& match) {
    const std::string here = value_of(run, option, options),
                      there = value_of(step, option, options);
    if (same_value(here, there) || names_gpu(option)) return;
    const std::string name = name_of(option);
    const bool given = given_value(run.arguments, option, options).has_value();
    const std::string shown = fmt::format(
        "{} is {}{} here and {} in the declared step", name,
        here.empty() ? "not given" : "'" + printable(here) + "'",
        given || here.empty() ? "" : fmt::format(" (by default, {}:{})", run.program, option.line),
        there.empty() ? "not given" : "'" + printable(there) + "'");
    if (is_data(there) || is_data(here)) {
      match.notes.push_back(shown + ": a folder of data, which is the reader's own");
    } else if (names_network(option)) {
      match.faults.push_back(
          {"weight-name",
           shown +
               (equal_but_for_case(here, there) ? ", which differs in upper and lower case alone"
                                                : "") +
               ": it looks for the weights in another folder",
           fmt::format("give {} '{}' in the README, or make it the default", option.flags[0],
                       printable(there))});
    } else {
      match.faults.push_back({"readme-command", shown,
                              "write the README's command as it was run for the claimed score"});
    }
  }

  void compare_words(const Invocation& run, const Invocation& step, AlternativeMatch& match) {
    const size_t most = std::max(run.arguments.size(), step.arguments.size());
    for (size_t i = 0; i < most; ++i) {
      const auto at = [&](const Invocation& one) {
        return i < one.arguments.size() ? one.arguments[i] : std::string();
      };
      const std::string here = at(run), there = at(step);
      if (same_value(here, there)) continue;
      if (is_data(there) && !here.empty()) {
        match.notes.push_back("another folder of data, which is the reader's own");
        continue;
      }
      match.faults.push_back(
          {"readme-command",
           fmt::format("argument {} is {} here and {} in the declared step", i + 1,
                       here.empty() ? "not given" : "'" + printable(here) + "'",
                       there.empty() ? "not given" : "'" + printable(there) + "'"),
           "write the README's command as it was run for the claimed score"});
    }
  }

  void compare_environment(const Invocation& run, const Invocation& step, AlternativeMatch& match) {
    std::set<std::string> names;
    for (const Env* env : {&run.env, &step.env})
      for (const auto& [name, value] : *env)
        if (!is_usual_variable(name)) names.insert(name);
    for (const std::string& name : names) {
      const auto in = [&](const Env& env) {
        const auto found = env.find(name);
        return found == env.end() ? std::string("not set") : "'" + printable(found->second) + "'";
      };
      if (in(run.env) == in(step.env)) continue;
      match.faults.push_back({"hidden-setting",
                              fmt::format("{} is {} here and {} in the declared step",
                                          printable(name), in(run.env), in(step.env)),
                              "write the variable into the README's command, or better make it an "
                              "option of the script"});
    }
  }

  /// A declared folder of data, or one below.
  bool is_data(const std::string& value) const {
    return std::ranges::any_of(std::array{project_.train, project_.val, project_.leaderboard},
                               [&](const std::string& data) {
                                 return !data.empty() && !value.empty() &&
                                        system::is_below(plain_path(value), plain_path(data));
                               });
  }

  const Readme& readme_;
  const Project& project_;
  fs::path root_;
  std::vector<std::string> warnings_;
  RepositoryText texts_;
  std::vector<std::pair<std::string, Invocation>> steps_;
  std::map<std::string, std::vector<PythonOption>> options_;
};

/// How good an answer is: of alternatives the best counts.
int rank(CommandVerdict verdict) {
  switch (verdict) {
    case CommandVerdict::kSame:
      return 0;
    case CommandVerdict::kOther:
      return 1;
    case CommandVerdict::kDiffers:
      return 2;
    case CommandVerdict::kFails:
      return 3;
    case CommandVerdict::kUnclear:
      break;
  }
  return 4;
}

struct DeclaredOptions {
  Invocation run;
  std::vector<PythonOption> options;  // that its script knows
};

DeclaredOptions declared_options(const fs::path& root, const Step& step) {
  const Readme none;
  const Project nothing;
  Matcher matcher(none, nothing, root);
  DeclaredOptions found{matcher.declared(step), {}};
  if (found.run.python) found.options = matcher.options_of(found.run.program);
  return found;
}

}  // namespace

CommandVerdict CommandMatch::verdict() const {
  CommandVerdict best = CommandVerdict::kUnclear;
  for (const AlternativeMatch& alternative : alternatives)
    if (rank(alternative.verdict) < rank(best)) best = alternative.verdict;
  return best;
}

ReadmeMatch match_readme(const Readme& readme, const Project& project, const fs::path& root) {
  return Matcher(readme, project, root).run();
}

std::vector<std::string> option_of_folder(const fs::path& root, const Step& step,
                                          const std::string& declared) {
  const auto [run, options] = declared_options(root, step);
  for (const PythonOption& option : options) {
    if (same_value(value_of(run, option, options), declared)) return option.flags;
  }
  return {};
}

StepOption option_of_step(const fs::path& root, const Step& step,
                          const std::vector<std::string>& flags) {
  const auto [run, options] = declared_options(root, step);
  for (const PythonOption& option : options) {
    if (std::ranges::none_of(flags, [&](const std::string& flag) { return option.has_flag(flag); }))
      continue;
    const bool given = given_value(run.arguments, option, options).has_value();
    return {value_of(run, option, options),
            given ? "the declared command" : fmt::format("{}:{}", run.program, option.line)};
  }
  return {};
}

}  // namespace reconproof::submission
