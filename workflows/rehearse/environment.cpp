// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "checks/families.h"
#include "checks/measure/job.h"
#include "checks/measure/python_folder.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/process.h"
#include "system/sha256.h"
#include "system/terminal.h"
#include "system/user_folders.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using nlohmann::json;
using submission::Requirement;
using submission::Requirements;
using system::Code;
using system::fail;
using system::printable;

namespace {

constexpr double kInstallTimeout = 3600, kQuestionTimeout = 120;  // seconds
constexpr int64_t kMostAnswer = int64_t{64} << 20;
constexpr const char* kMarker = "reconproof-environment.json";  // of one that is complete
constexpr const char* kShims = "/rehearsal/bin";                // as the commands see it

/// What pip needs of the user's: proxies, mirrors, certificates. Nothing of it reaches a command.
std::map<std::string, std::string> installer_environment(bool network) {
  std::map<std::string, std::string> env = {{"LANG", "C.UTF-8"}};
  for (const char* name : {"PATH",
                           "HOME",
                           "TMPDIR",
                           "http_proxy",
                           "https_proxy",
                           "no_proxy",
                           "HTTP_PROXY",
                           "HTTPS_PROXY",
                           "NO_PROXY",
                           "SSL_CERT_FILE",
                           "SSL_CERT_DIR",
                           "REQUESTS_CA_BUNDLE",
                           "PIP_INDEX_URL",
                           "PIP_EXTRA_INDEX_URL",
                           "PIP_CERT",
                           "PIP_TRUSTED_HOST",
                           "PIP_CONFIG_FILE",
                           "PIP_CACHE_DIR",
                           "PIP_FIND_LINKS",
                           "XDG_CACHE_HOME",
                           "XDG_CONFIG_HOME"}) {
    if (const char* value = std::getenv(name)) env[name] = value;
  }
  if (!network) env["PIP_NO_INDEX"] = "1";
  return env;
}

system::ProcessResult run_tool(const std::vector<std::string>& argv, const fs::path& folder,
                               bool network) {
  system::ProcessSpec spec;
  spec.argv = argv;
  spec.env = installer_environment(network);
  spec.working_directory = folder;
  spec.timeout_s = kInstallTimeout;
  return system::run_process(spec);
}

/// What environment_report.py answers.
json ask(const fs::path& python, const json& question) {
  const checks::PythonFolder script(checks::kEnvironmentReport);
  const system::TemporaryFolder scratch;
  system::write_file(scratch.path() / "question.json", question.dump());
  system::ProcessSpec spec;
  spec.argv = {python.string(), "-I", (script.path() / checks::kEnvironmentReport.name).string()};
  spec.env = installer_environment(false);
  spec.stdin_file = scratch.path() / "question.json";
  spec.stdout_file = scratch.path() / "answer.json";
  spec.timeout_s = kQuestionTimeout;
  const system::ProcessResult result = system::run_process(spec);
  std::string why = result.start_error;
  if (result.ok()) {
    try {
      json answer = formats::parse_strict_json(
          system::read_file(scratch.path() / "answer.json", kMostAnswer), "its answer");
      if (answer.is_object() && answer.contains("python")) return answer;
      why = "it answers something else";
    } catch (const system::Error& error) {
      why = error.what();
    }
  } else if (const auto lines = checks::last_lines(result.output + result.error_output);
             why.empty() && !lines.empty()) {
    why = lines.back();
  }
  fail(Code::kNotFound,
       "{}: is no Python interpreter of version 3.8 or later ({}); name one with --python",
       python.string(), printable(why));
}

json question_of(const Requirements& requirements) {
  json names = json::array();
  for (const Requirement& item : requirements.items) names.push_back(item.name);
  return {{"requirements", names}, {"files", json::object()}};
}

std::string place_of(const Requirement& item) { return fmt::format("{}:{}", item.file, item.line); }

class EnvironmentMaker {
 public:
  EnvironmentMaker(const fs::path& clone, const EnvironmentOptions& options,
                   RehearsalEnvironment& environment, std::vector<RehearsalFault>& faults)
      : clone_(clone), options_(options), made_(environment), faults_(faults) {}

  void take_given() {
    made_.how = "given";
    describe(fs::absolute(*options_.python));
    std::vector<std::string> missing;
    for (const Requirement& item : made_.requirements.items) {
      const json version = answer_.at("requirements").value(item.normalized, json());
      if (version.is_null())
        missing.push_back(fmt::format("{}: {} is not there", place_of(item), printable(item.name)));
      else if (!item.pinned.empty() && version != "" && version != item.pinned)
        missing.push_back(fmt::format("{}: {} is {} there", place_of(item), printable(item.text),
                                      printable(version.get<std::string>())));
    }
    if (missing.empty()) return;
    const size_t many = missing.size();
    faults_.push_back(
        {"other-environment", Gravity::kInconclusive, "",
         fmt::format("{} lacks {} of {} requirements, or has them otherwise",
                     options_.python->string(), many, made_.requirements.items.size()),
         "rehearse without --python: then a fresh environment is made from them",
         std::move(missing)});
  }

  void install() {
    const char* path = std::getenv("PATH");
    const fs::path base = system::find_program("python3", path ? path : "/usr/bin:/bin");
    if (base.empty())
      fail(Code::kNotFound, "there is no python3 in PATH; install it, or name one with --python");
    const json about = ask(base, question_of({}));
    const fs::path real = about.at("executable").get<std::string>();
    if (made_.requirements.has_local) {
      system::make_folders(options_.scratch.parent_path());
      if (fill(real, options_.scratch)) describe(options_.scratch / "bin" / "python");
      return;
    }
    const std::string key =
        system::sha256_hex(fmt::format("{}\n{}\n{}\n", made_.requirements.sha256,
                                       about.at("python").get<std::string>(), real.string()));
    const fs::path cache = system::user_cache_folder() / "environments";
    system::make_folders(cache);
    const system::Descriptor lock = lock_file(cache / (key.substr(0, 32) + ".lock"));
    const fs::path folder = cache / key.substr(0, 32);
    std::error_code ignored;
    made_.how = "cached";
    if (!fs::exists(folder / kMarker, ignored)) {
      fs::remove_all(folder);  // of one that was cut off
      if (!fill(real, folder)) {
        fs::remove_all(folder, ignored);
        return;
      }
      made_.how = "installed";
    }
    describe(folder / "bin" / "python");
    // Complete only now: scripts in bin/ name their folder, so that it cannot be moved into place.
    system::write_file(
        folder / kMarker,
        json{{"requirements_sha256", made_.requirements.sha256}, {"python", made_.version}}.dump());
  }

 private:
  /// Another rehearsal may be installing the same just now.
  static system::Descriptor lock_file(const fs::path& path) {
    system::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file.valid()) system::fail_errno(Code::kIo, path.string());
    while (!system::try_lock(file)) {
      system::InterruptWatch::throw_if_interrupted();
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return file;
  }

  /// False where it could not be made; then a fault says why.
  bool fill(const fs::path& base, const fs::path& folder) {
    made_.how = "installed";
    const bool empty = made_.requirements.items.empty();
    std::vector<std::string> make = {base.string(), "-m", "venv", folder.string()};
    if (empty) make.push_back("--without-pip");
    const system::ProcessResult venv = run_tool(make, clone_, false);
    if (!venv.ok())
      return refuse("python3 -m venv failed (Debian: apt install python3-venv)", venv);
    if (empty) return true;
    std::vector<std::string> pip = {
        (folder / "bin" / "python").string(), "-m",        "pip", "install",
        "--disable-pip-version-check",        "--no-input"};
    std::error_code ignored;
    if (fs::is_regular_file(clone_ / made_.requirements.file, ignored) &&
        made_.requirements.file.ends_with(".txt"))
      pip.insert(pip.end(), {"-r", made_.requirements.file});
    else
      for (const Requirement& item : made_.requirements.items) pip.push_back(item.text);
    const system::ProcessResult installed = run_tool(pip, clone_, options_.network);
    return installed.ok() || refuse("pip could not install what is asked for", installed);
  }

  bool refuse(const std::string& what, const system::ProcessResult& result) {
    const std::string said = result.output + result.error_output;
    RehearsalFault fault{"requirement-fails",     Gravity::kBroken,
                         made_.requirements.file, what,
                         "mend what pip names",   checks::last_lines(said)};
    const bool offline = !options_.network || said.find("onnection") != std::string::npos ||
                         said.find("name resolution") != std::string::npos ||
                         what.find("venv") != std::string::npos;
    if (offline) {
      fault.gravity = Gravity::kInconclusive;
      fault.remedy =
          "rehearse once with a network, or with --python EXE, an interpreter that has the "
          "packages";
      if (!options_.network) fault.message += "; nothing is downloaded with --no-network";
    }
    for (const Requirement& item : made_.requirements.items) {
      const bool named =
          said.find("No matching distribution found for " + item.name) != std::string::npos;
      if (named) fault.where = place_of(item);
    }
    faults_.push_back(std::move(fault));
    return false;
  }

  void describe(const fs::path& python) {
    answer_ = ask(python, question_of(made_.requirements));
    // What a wrapper such as pyenv's stands for.
    made_.python =
        made_.how == "given" ? fs::path(answer_.at("executable").get<std::string>()) : python;
    made_.version = answer_.at("python");
    for (const auto& [name, version] : answer_.at("packages").items())
      made_.packages[name] = version.is_string() ? version.get<std::string>() : "";
    for (const json& folder : answer_.at("folders")) {
      const fs::path place = folder.get<std::string>();
      if (!system::is_below(place, "/usr") && place.has_relative_path() &&
          system::is_folder(place) &&
          std::ranges::find(made_.folders, place) == made_.folders.end())
        made_.folders.push_back(place);
    }
  }

  const fs::path& clone_;
  const EnvironmentOptions& options_;
  RehearsalEnvironment& made_;
  std::vector<RehearsalFault>& faults_;
  json answer_;
};

/// Whatever a script calls it, it is this one; a link would hide its virtual environment from it.
void write_shims(const fs::path& python, const fs::path& folder) {
  system::make_folders(folder);
  for (const char* name : {"python", "python3"}) {
    system::write_file(folder / name,
                       fmt::format("#!/bin/sh\nexec '{}' \"$@\"\n", python.string()));
    fs::permissions(folder / name, static_cast<fs::perms>(0755));
  }
}

bool is_python(const std::string& program) {
  return fs::path(program).filename().string().starts_with("python");
}

}  // namespace

RehearsalEnvironment make_environment(const fs::path& clone, Requirements requirements, bool needed,
                                      const EnvironmentOptions& options,
                                      std::vector<RehearsalFault>& faults) {
  RehearsalEnvironment environment;
  environment.requirements = std::move(requirements);
  EnvironmentMaker maker(clone, options, environment, faults);
  if (options.python)
    maker.take_given();
  else if (needed || !environment.requirements.items.empty())
    maker.install();
  else
    environment.how = "none needed";
  return environment;
}

void look_at_imports(const RehearsalEnvironment& environment, const fs::path& clone,
                     const std::vector<std::string>& files, const std::vector<std::string>& local,
                     std::vector<RehearsalFault>& faults) {
  if (environment.python.empty()) return;
  json question = question_of(environment.requirements);
  for (const std::string& file : files) question["files"][file] = (clone / file).string();
  const json answer = ask(environment.python, question);
  auto closure = answer.at("closure").get<std::set<std::string>>();
  for (const Requirement& item : environment.requirements.items)
    for (std::string& package : submission::usual_dependencies(item.normalized))
      closure.insert(std::move(package));
  std::set<std::string> told(local.begin(), local.end());
  for (const auto& [file, found] : answer.at("files").items()) {
    if (found.contains("error")) {
      faults.push_back({"syntax",
                        Gravity::kBroken,
                        fmt::format("{}:{}", file, found.value("line", 0)),
                        fmt::format("is no Python that Python {} reads: {}", environment.version,
                                    printable(found.value("error", ""))),
                        "mend the line",
                        {}});
      continue;
    }
    for (const json& import : found.at("imports")) {
      const std::string module = import.at(0);
      const json known = answer.at("modules").value(module, json());
      if (known.is_null() || import.at(2) == true || !told.insert(module).second) continue;
      auto bringers = known.at("distributions").get<std::vector<std::string>>();
      const auto usual = submission::usual_distributions(module);
      bringers.insert(bringers.end(), usual.begin(), usual.end());
      if (std::ranges::any_of(bringers, [&](const auto& name) { return closure.contains(name); }))
        continue;
      const std::string& package = bringers.front();
      const auto has = std::ranges::find_if(environment.packages, [&](const auto& item) {
        return submission::normalized_package(item.first) == package;
      });
      faults.push_back(
          {"missing-requirement",
           Gravity::kBroken,
           fmt::format("{}:{}", file, import.at(1).get<int64_t>()),
           fmt::format("imports '{}', which no requirement brings", printable(module)),
           fmt::format("add {}{} to {}", package,
                       has == environment.packages.end() ? "" : "==" + has->second,
                       environment.requirements.file.empty() ? "requirements.txt"
                                                             : environment.requirements.file),
           {}});
    }
  }
}

void run_by(const RehearsalEnvironment& environment, submission::Project& project) {
  if (environment.python.empty()) return;
  write_shims(environment.python, project.host(kShims));
  std::vector<std::string> read_only = {kShims};
  for (const fs::path& folder : environment.folders) {
    read_only.push_back(folder.string());
    const fs::path place = project.host(folder.string());
    if (fs::exists(fs::symlink_status(place))) continue;
    system::make_folders(place.parent_path());
    fs::create_directory_symlink(fs::canonical(folder), place);
  }
  const fs::path bin = environment.python.parent_path();
  const auto adapt = [&](submission::Step& step) {
    const fs::path beside = bin / fs::path(step.command[0]).filename();
    std::error_code ignored;
    if (is_python(step.command[0]))
      step.command[0] = environment.python.string();
    else if (step.command[0].starts_with('/') && fs::exists(beside, ignored))
      step.command[0] = beside.string();  // torchrun and its kin
    step.read_only.insert(step.read_only.end(), read_only.begin(), read_only.end());
    step.env["PATH"] =
        fmt::format("{}:{}:{}:/usr/local/bin:/usr/bin:/bin", kShims, bin.string(), checks::kBin);
  };
  for (submission::Step& step : project.train_steps) adapt(step);
  if (project.reconstruct_step) adapt(*project.reconstruct_step);
}

}  // namespace reconproof::workflows
