// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "cli/pack.h"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "submission/bundle/pack.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kHelp = {
    "reconproof pack [PROJECT] -o FILE.tar [--unchecked] [--json]",
    "Writes the bundle that is handed in: weights, reconstructions, code, logs and the findings of "
    "the last\n"
    "`reconproof check`, with the SHA-256 of each file, as one tar file. The same inputs give the "
    "same bytes.\n"
    "In a git repository only tracked files are packed as code.",
    "reconproof pack -o team7.tar\n"
    "reconproof pack ~/FastMRI_challenge -o team7.tar && reconproof verify team7.tar\n"
    "reconproof pack -o draft.tar --unchecked"};

volatile sig_atomic_t stop_signal = 0;
void remember_signal(int number) { stop_signal = number; }

/// While it lives, Ctrl-C and a polite kill are remembered instead of ending the process, so that
/// the half-written bundle can be removed; then the signal takes its course.
class StopGuard {
 public:
  StopGuard() {
    struct sigaction action {};
    action.sa_handler = remember_signal;
    for (size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], nullptr, &before_[i]);
      // What the caller ignores (nohup, a background job) stays ignored.
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
    }
  }
  ~StopGuard() {
    for (size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
    if (stop_signal != 0) ::raise(stop_signal);
  }
  StopGuard(const StopGuard&) = delete;
  StopGuard& operator=(const StopGuard&) = delete;

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

submission::PackResult pack_with_progress(const submission::Project& project,
                                          const std::string& out, bool unchecked) {
  constexpr int64_t kMiB = int64_t{1} << 20;
  std::unique_ptr<system::Progress> progress;
  int64_t written = 0, shown = 0;
  submission::PackOptions options;
  options.unchecked = unchecked;
  options.on_begin = [&](int64_t bytes) {
    progress = std::make_unique<system::Progress>("packing, MiB", bytes / kMiB);
  };
  options.on_bytes = [&](int64_t bytes) {
    if (stop_signal != 0)
      system::fail(system::Code::kIo, "{}: packing was interrupted; nothing was written", out);
    written += bytes;
    progress->advance(written / kMiB - shown);
    shown = written / kMiB;
  };
  const StopGuard guard;
  return submission::pack(project, out, options);
}

}  // namespace

system::ExitCode run_pack(int argc, char** argv) {
  std::string folder, out;
  po::options_description description("Options");
  description.add_options()("project", po::value(&folder)->default_value("."),
                            "folder with reconproof.toml")("output,o", po::value(&out)->required(),
                                                           "the bundle to write")(
      "unchecked", "pack without a `reconproof check`; the bundle says so")(
      "json", "print the result as JSON (docs/formats/bundle.md)");
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kHelp, description, positional);
  if (!values) return system::ExitCode::kPass;

  const submission::Project project = submission::load_project(folder);
  const submission::PackResult result =
      pack_with_progress(project, out, values->count("unchecked") > 0);
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (values->count("json")) {
    const nlohmann::json json = {
        {"schema", "reconproof.pack"}, {"schema_version", 1},   {"id", result.id},
        {"files", result.files},       {"bytes", result.bytes}, {"warnings", result.warnings}};
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}: {} files, {} bytes\nid {}\n", out, result.files, result.bytes, result.id);
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
