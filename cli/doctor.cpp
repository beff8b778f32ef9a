// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/build_info.h"
#include "system/environment.h"
#include "system/files.h"
#include "system/host.h"
#include "system/sandbox.h"
#include "workflows/provenance.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kDoctorHelp = {
    "reconproof doctor [--json]",
    "Says what this machine has for a check, what is missing, and how to get it.\n"
    "Exit 0: everything that can be checked without the official GPU can be checked here; 6: "
    "something is missing.",
    "reconproof doctor\nreconproof doctor --json"};

constexpr double kGib = 1024.0 * 1024 * 1024;

struct Line {
  bool ok;
  std::string what, found, advice;
  bool required = true;  // false: a check is complete without it
};

/// glibc gives every large block back to the kernel and asks for it again at the next layer. What
/// keeps it, and huge pages for it: docs/performance.md has the measured times.
constexpr const char* kAllocatorSettings =
    "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=1073741824 "
    "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";

Line allocator() {
  const bool kept = system::environment_variable("MALLOC_MMAP_MAX_") == "0" ||
                    !system::environment_variable("LD_PRELOAD").empty();
  return {kept, "allocator", kept ? "keeps freed memory" : "the C library's, as it is",
          fmt::format("PyTorch on a processor takes about half the time, and computes the same, "
                      "after `export {}`",
                      kAllocatorSettings),
          false};
}

std::vector<Line> examine(const system::HostInfo& host) {
  const system::SandboxSupport& sandbox = system::probe_sandbox();
  const system::BuildInfo& build = system::build_info();
  const bool baseline =
      std::filesystem::exists(system::self_executable().parent_path() / "reconproof-baseline");
  std::error_code error;
  const auto space = std::filesystem::space(".", error);
  std::string gpus;
  for (const std::string& gpu : host.gpus) gpus += (gpus.empty() ? "" : ", ") + gpu;
  return {
      {true, "system", host.os + ", Linux " + host.kernel, ""},
      {true, "processor", fmt::format("{}, {} threads", host.cpu, host.cores), ""},
      {true, "memory", fmt::format("{:.1f} GiB", static_cast<double>(host.memory_bytes) / kGib),
       ""},
      {error || space.available > 10 * kGib, "disk here",
       error ? error.message()
             : fmt::format("{:.1f} GiB free", static_cast<double>(space.available) / kGib),
       "reconstructions of a leaderboard and a bundle need some 10 GiB"},
      {!gpus.empty(), "GPU", gpus.empty() ? "none" : gpus,
       "rules about the official GPU stay inconclusive here; run the check on the challenge server "
       "too",
       false},
      {sandbox.available, "sandbox",
       sandbox.available ? "bubblewrap works" : sandbox.refused_reason,
       "isolation rules stay inconclusive; install bubblewrap and run outside containers and "
       "chroots"},
      {true, "limits", sandbox.available ? sandbox.limits_by : "sampling and rlimits", ""},
      {baseline, "baseline", baseline ? "LibTorch " + build.libtorch : "not built",
       "run `make build` with libtorch-dev installed, or with PYTHON= set to an interpreter with "
       "torch"},
      allocator(),
  };
}

}  // namespace

system::ExitCode run_doctor(int argc, char** argv) {
  po::options_description description("Options");
  description.add_options()("json", "print the result as JSON");
  const auto values = parse_options(argc, argv, kDoctorHelp, description);
  if (!values) return system::ExitCode::kPass;
  const system::HostInfo host = system::host_info();
  const std::vector<Line> lines = examine(host);
  bool all = true;
  nlohmann::json items = nlohmann::json::array();
  for (const Line& line : lines) {
    all = all && (line.ok || !line.required);
    items.push_back({{"what", line.what},
                     {"ok", line.ok},
                     {"found", line.found},
                     {"advice", line.ok ? "" : line.advice}});
    if (values->count("json")) continue;
    const char* state = line.ok ? "ok" : line.required ? "missing" : "note";
    fmt::print("  {:<8} {:<10} {}\n", state, line.what, line.found);
    if (!line.ok) fmt::print("{:21}{}\n", "", line.advice);
  }
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json({{"schema", "reconproof.doctor"},
                                              {"schema_version", 1},
                                              {"items", items},
                                              {"environment", workflows::environment_json(host)},
                                              {"build", workflows::build_json()}}));
  }
  return all ? system::ExitCode::kPass : system::ExitCode::kInconclusive;
}

}  // namespace reconproof::cli
