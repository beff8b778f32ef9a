// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/detect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "submission/detect/edition_hints.h"
#include "submission/detect/script.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"

namespace reconproof::submission {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSandboxPath = "/usr/local/bin:/usr/bin:/bin";  // what a check's command has

bool same_but_for_case(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// `/root/Data/train/image/` -> `/root/Data/train`: a U-Net's script names the folder of images.
std::string data_folder(std::string path, bool of_training) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  for (const char* part : {"/image", "/kspace"}) {
    if (of_training && path.ends_with(part)) path.resize(path.size() - std::string(part).size());
  }
  return path;
}

/// Such as pyenv's shims, which start an interpreter that is elsewhere.
bool is_script(const fs::path& program) {
  char begin[2] = {};
  try {
    system::read_at(system::open_for_reading(program), begin, 2, 0, program.string());
  } catch (const system::Error&) {
    return false;  // whatever it is: too short, or not to be read
  }
  return begin[0] == '#' && begin[1] == '!';
}

class Detector {
 public:
  Detector(const fs::path& root, const DetectOptions& options)
      : options_(options), text_(root, found_.warnings) {
    found_.project.root = root;
  }

  Detected detect() {
    tell_edition();
    const bool in_slices =
        found_.project.edition == "snu-2026" && text_.find("recon_eval.py") != nullptr;
    const Script reconstruct(text_, in_slices ? "recon_eval" : "reconstruct", found_.warnings);
    const Script train(text_, "train", found_.warnings);
    if (!reconstruct.exists()) {
      warn("no reconstruct.py here: fill in the commands yourself");
      return std::move(found_);
    }
    Step step = step_of(reconstruct);
    step.contract = in_slices ? "slice" : "whole";
    tell_network(reconstruct, step);
    tell_places(reconstruct, step);
    found_.project.reconstruct_step = std::move(step);
    tell_data(reconstruct, train);
    if (train.exists()) {
      found_.project.train_steps = {step_of(train)};
      note("training",
           fmt::format("{}", fmt::join(found_.project.train_steps.front().command, " ")),
           train.where());
      compare(reconstruct, train);
    }
    look_for_inputs();
    return std::move(found_);
  }

 private:
  void warn(std::string message) { found_.warnings.push_back(std::move(message)); }
  void note(const char* what, std::string value, std::string where) {
    if (!value.empty()) found_.evidence.push_back({what, std::move(value), std::move(where)});
  }

  void tell_edition() {
    const EditionVote vote = count_votes(edition_hints(text_));
    found_.project.edition = options_.edition.empty() ? vote.edition : options_.edition;
    found_.edition_doubt = vote.doubt;
    if (options_.edition.empty() || options_.edition == vote.edition) {
      note("edition", vote.edition, vote.where);
      return;
    }
    note("edition", options_.edition, "as you chose");
    if (!vote.edition.empty()) {
      warn(fmt::format("this looks like a repository of {} ({}); you chose {}", vote.edition,
                       vote.where, options_.edition));
    }
  }

  Step step_of(const Script& script) {
    Step step;
    step.command = script.words();
    step.env = script.env();
    const std::string program = step.command[0];
    if (program.find('/') != std::string::npos ||
        !system::find_program(program, kSandboxPath).empty())
      return step;
    const fs::path elsewhere = system::find_program(program, options_.search_path);
    if (!elsewhere.empty() && !is_script(elsewhere)) {
      name_interpreter(elsewhere, step);
    } else if (program.starts_with("python")) {
      step.command[0] = "python3";
      warn_once(fmt::format("there is no program '{}' {}: python3 takes its place", program,
                            elsewhere.empty() ? "here" : "that a check can show"));
    }
    return step;
  }

  /// An environment's program: the sandbox shows none of it unless it is named.
  void name_interpreter(const fs::path& program, Step& step) {
    const fs::path place = fs::absolute(program).lexically_normal();
    const fs::path inside = place.lexically_relative(found_.project.root);
    if (!inside.empty() && *inside.begin() != "..") {
      step.command[0] = "./" + inside.string();
      return;
    }
    step.command[0] = place.string();
    step.read_only.push_back(place.parent_path().parent_path().string());
    warn_once(
        fmt::format("'{}' is {} here, which a check shows only when it is named: so command and "
                    "read_only name it",
                    program.filename().string(), place.string()));
  }

  void warn_once(const std::string& message) {
    if (std::ranges::find(found_.warnings, message) == found_.warnings.end()) warn(message);
  }

  void tell_network(const Script& script, Step& step) {
    const FoundValue key = script.value({"--input_key", "--input-key"});
    const FoundValue cascades = script.value({"--cascade"});
    std::string where = key.where;
    if (!key.value.empty()) {
      step.reads_images = key.value.starts_with("image");
      found_.network = step.reads_images ? "unet" : "varnet";
    } else if (text_.find("utils/model/varnet.py")) {
      found_.network = "varnet";
      where = "utils/model/varnet.py";
    } else {
      warn(
          "nothing here tells whether the network starts from k-space or from images: k-space is "
          "assumed; else add \"image\" to inputs");
    }
    note("network", found_.network, where);
    std::vector<std::string> sizes;
    for (const char* flag : {"--cascade", "--chans", "--sens_chans", "--in-chans", "--out-chans"}) {
      const FoundValue size = script.value({flag});
      if (size.value.empty()) continue;
      sizes.push_back(fmt::format("{} {}{}", std::string(flag).substr(2), size.value,
                                  size.by_default ? " (default)" : ""));
    }
    note("sizes", fmt::format("{}", fmt::join(sizes, ", ")), script.where());
    note("command", fmt::format("{}", fmt::join(step.command, " ")), script.where());
  }

  /// `../result/<net>/...`, as the script puts it together.
  void tell_places(const Script& script, Step& step) {
    const FoundValue name = script.value({"-n", "--net_name", "--net-name"});
    found_.net_name = name.value.empty() ? "test_varnet" : name.value;
    note("name", name.value, name.where);
    if (name.value.empty())
      warn("no option -n tells the network's name: look through weights and outputs");
    const auto place = [&](const char* variable, const char* last, std::string& where) {
      const std::regex line(fmt::format(
          R"(\b(?:{})\s*=\s*['"]([^'"]+)['"]\s*/\s*args\.net_name\s*/\s*['"]([^'"]+)['"])",
          variable));
      const auto match = text_.find_line(script.python(), line);
      where = match ? match->where : "assumed";
      const fs::path top = match ? match->captures[0] : "../result";
      return (top / found_.net_name / (match ? match->captures[1] : last)).string();
    };
    std::string weights_where, outputs_where;
    const auto loaded =
        text_.find_line("utils/learning/test_part.py",
                        std::regex(R"(\bexp_dir\s*/\s*['"]([^'"/]+\.(?:pt|pth|ckpt))['"])"));
    step.weights = place("args\\.exp_dir", "checkpoints", weights_where) + "/" +
                   (loaded ? loaded->captures[0] : "best_model.pt");
    step.outputs =
        place("args\\.forward_dir|recon_base", "reconstructions_leaderboard", outputs_where);
    note("weights", step.weights,
         loaded ? fmt::format("{}, {}", weights_where, loaded->where) : weights_where);
    note("outputs", step.outputs, outputs_where);
    const FoundValue usual = script.default_value({"-n", "--net_name", "--net-name"});
    if (!usual.value.empty() && usual.value != found_.net_name) {
      warn(
          fmt::format("{} names the network '{}', but by default ({}) it is '{}'{}: whoever runs "
                      "the script without -n reads and writes another folder",
                      name.where, found_.net_name, usual.where, usual.value,
                      same_but_for_case(usual.value, found_.net_name)
                          ? ", which differs in upper and lower case alone"
                          : ""));
    }
  }

  void tell_data(const Script& reconstruct, const Script& train) {
    Project& project = found_.project;
    const FoundValue leaderboard = reconstruct.value({"-p", "--path_data", "--path-data"});
    project.leaderboard = data_folder(leaderboard.value, false);
    note("leaderboard", project.leaderboard, leaderboard.where);
    if (!train.exists()) return;
    const FoundValue training = train.value({"-t", "--data-path-train"});
    const FoundValue validation = train.value({"-v", "--data-path-val"});
    project.train = data_folder(training.value, true);
    project.val = data_folder(validation.value, true);
    note("train", project.train, training.where);
    note("val", project.val, validation.where);
  }

  /// What must be the same in both, or the weights do not load.
  void compare(const Script& reconstruct, const Script& train) {
    const auto differ = [&](std::initializer_list<const char*> flags, const char* what,
                            const char* result) {
      const FoundValue here = reconstruct.value(flags), there = train.value(flags);
      if (here.value.empty() || there.value.empty() || here.value == there.value) return;
      warn(fmt::format("{} is {} in {} and {} in {}: {}", what, there.value, there.where,
                       here.value, here.where, result));
    };
    constexpr const char* kNotLoaded = "weights of one do not fit the other's network";
    differ({"--cascade"}, "--cascade", kNotLoaded);
    differ({"--chans"}, "--chans", kNotLoaded);
    differ({"--sens_chans", "--sens-chans"}, "--sens_chans", kNotLoaded);
    differ({"--in-chans"}, "--in-chans", kNotLoaded);
    differ({"--out-chans"}, "--out-chans", kNotLoaded);
    differ({"-n", "--net_name", "--net-name"}, "the network's name",
           "what one writes the other does not find");
  }

  void look_for_inputs() {
    const Project& project = found_.project;
    std::error_code ignored;
    const fs::path weights = project.host(project.reconstruct_step->weights);
    if (!fs::exists(weights, ignored))
      warn(fmt::format("weights: {} is not there yet; train first", weights.string()));
    if (project.leaderboard.empty()) {
      warn("no option -p tells where the leaderboard is: fill in [data] leaderboard");
    } else if (!fs::exists(project.host(project.leaderboard), ignored)) {
      warn(
          fmt::format("leaderboard: {} is not on this machine; `reconproof check --data DIR` takes "
                      "it from elsewhere",
                      project.host(project.leaderboard).string()));
    }
  }

  const DetectOptions& options_;
  Detected found_;
  RepositoryText text_;
};

}  // namespace

Detected detect_repository(const fs::path& root, const DetectOptions& options) {
  if (std::error_code error; !fs::is_directory(root, error))
    system::fail(system::Code::kNotFound, "{}: is no folder", root.string());
  return Detector(root, options).detect();
}

}  // namespace reconproof::submission
