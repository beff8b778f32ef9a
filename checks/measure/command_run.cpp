// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/command_run.h"

#include <fmt/core.h>

#include "system/sandbox_child.h"

namespace reconproof::checks {

namespace fs = std::filesystem;

namespace {

/// The last bytes, from the beginning of a UTF-8 character on.
std::string tail_of(const std::string& output) {
  if (output.size() <= kTailBytes) return output;
  size_t begin = output.size() - kTailBytes;
  while (begin < output.size() && (output[begin] & 0xC0) == 0x80) ++begin;
  return output.substr(begin);
}

template <typename Run>
void copy(const Run& run, WholeRunResult& result) {
  result.exit_code = run.exit_code;
  result.signal = run.signal;
  result.timed_out = run.timed_out;
  result.stopped = run.stopped;
  result.limits_by = run.limits_by;
  result.wall_s = run.wall_s;
  result.cpu_s = run.cpu_s;
  result.peak_rss_bytes = run.peak_rss_bytes;
  result.peak_cgroup_bytes = run.peak_cgroup_bytes;
  result.output_tail = tail_of(run.output);
}

fs::path adapter_place(size_t index) { return fs::path(kPython) / std::to_string(index); }

}  // namespace

std::map<std::string, std::string> command_environment(const Job& job, const std::string& bin,
                                                       const std::string& home,
                                                       const std::vector<fs::path>& python) {
  std::map<std::string, std::string> env = {{"PATH", bin + ":/usr/local/bin:/usr/bin:/bin"},
                                            {"HOME", home},
                                            {"LANG", "C.UTF-8"},
                                            {"PYTHONDONTWRITEBYTECODE", "1"}};
  for (const auto* more : {&job.step.env, &job.options.env}) {
    for (const auto& [name, value] : *more) env[name] = value;
  }
  std::string adapters;
  for (const fs::path& adapter : python)
    adapters += (adapters.empty() ? "" : ":") + adapter.string();
  if (adapters.empty()) return env;
  std::string& path = env["PYTHONPATH"];
  path = path.empty() ? adapters : adapters + ":" + path;
  return env;
}

void begin_command(const Job& job, const std::vector<fs::path>& hidden, system::SandboxSpec& spec) {
  std::vector<fs::path> python;
  for (size_t i = 0; i < job.options.python_adapters.size(); ++i)
    python.push_back(adapter_place(i));
  spec.argv = job.argv(kDriver, kVolumes);
  spec.descriptors = job.descriptors();
  spec.env = command_environment(job, kBin, "/tmp", python);
  spec.working_directory = kCodeFolder;
  show_tree(job.project.root, kCodeFolder, hidden, spec);
  for (const char* machine : {"/proc/sys", "/proc/sysrq-trigger", "/sys/fs/cgroup"})
    spec.write_prefixes.push_back(machine);
}

void finish_command(const Job& job, system::SandboxSpec& spec) {
  spec.mounts.push_back({system::sandbox_helper_program().parent_path(), kBin});
  for (size_t i = 0; i < job.options.python_adapters.size(); ++i)
    spec.mounts.push_back({job.options.python_adapters[i], adapter_place(i)});
  for (const fs::path& folder : job.options.runtime_folders)
    spec.mounts.push_back({folder, folder});
  for (const std::string& folder : job.step.read_only)
    spec.mounts.push_back({job.project.host(folder), job.place(folder)});
  spec.limits = job.options.limits;
  spec.timeout_s = job.options.timeout_s;
  spec.capture_bytes = kCaptureBytes;
  spec.on_output = job.options.on_output;
  spec.bwrap = job.options.bwrap;
}

void copy_outcome(const system::SandboxResult& run, WholeRunResult& result) { copy(run, result); }
void copy_outcome(const system::ProcessResult& run, WholeRunResult& result) { copy(run, result); }

void copy_sandbox_outcome(const Job& job, const system::SandboxResult& run,
                          WholeRunResult& result) {
  result.isolated = run.refused_reason.empty();
  result.refused_reason = run.refused_reason;
  result.observed = run.observed;
  result.unobserved_reason = run.unobserved_reason;
  if (!run.start_error.empty())
    result.not_run = fmt::format("{}: {}", job.step.command[0], run.start_error);
  copy_outcome(run, result);
  result.attempts = run.attempts;
}

}  // namespace reconproof::checks
