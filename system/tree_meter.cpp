// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/tree_meter.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::system {
namespace {

constexpr size_t kMaxProcesses = 16384;

template <typename Visit>
void for_each_number(std::string_view text, Visit&& visit) {
  for (size_t i = 0; i < text.size();) {
    pid_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), value);
    if (error == std::errc()) visit(value);
    i = std::max(i + 1, static_cast<size_t>(end - text.data()));
  }
}

/// "VmHWM:     1234 kB" in bytes.
int64_t status_bytes(const std::string& status, std::string_view key) {
  const size_t at = status.find(key);
  if (at == std::string::npos) return 0;
  const size_t digit = status.find_first_of("0123456789", at);
  return digit == std::string::npos ? 0 : std::strtoll(status.c_str() + digit, nullptr, 10) * 1024;
}

/// CPU time in seconds.
struct CpuTimes {
  double own = 0;       // of the process
  double children = 0;  // of children that ended and were waited for, and theirs
};

/// Fields 14 to 17; the name in field 2 may hold anything.
CpuTimes cpu_of(const std::string& stat) {
  size_t at = stat.rfind(')');
  for (int field = 2; at != std::string::npos && field < 14; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return {};
  const char* text = stat.c_str() + at;
  double ticks[4] = {};
  for (double& value : ticks) {
    char* end = nullptr;
    value = static_cast<double>(std::strtoull(text, &end, 10));
    text = end;
  }
  const double rate = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {(ticks[0] + ticks[1]) / rate, (ticks[2] + ticks[3]) / rate};
}

/// Children of some threads of a process.
std::vector<pid_t> children_of(pid_t pid, const std::vector<pid_t>& threads) {
  std::vector<pid_t> children;
  for (const pid_t thread : threads) {
    for_each_number(read_proc(fmt::format("/proc/{}/task/{}/children", pid, thread)),
                    [&](pid_t child) { children.push_back(child); });
  }
  return children;
}

CpuTimes cpu_of(pid_t pid) { return cpu_of(read_proc(fmt::format("/proc/{}/stat", pid))); }

}  // namespace

std::string read_proc(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while (file.valid() && (got = ::read(file.get(), buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> threads;
  DIR* folder = ::opendir(fmt::format("/proc/{}/task", pid).c_str());
  if (!folder) return threads;
  while (const dirent* entry = ::readdir(folder)) {
    for_each_number(entry->d_name, [&](pid_t thread) { threads.push_back(thread); });
  }
  ::closedir(folder);
  return threads;
}

std::vector<pid_t> children_of(pid_t pid) { return children_of(pid, threads_of(pid)); }

const TreeUsage& TreeMeter::sample(pid_t root) {
  usage_.rss_bytes = usage_.processes = 0;
  double waited = cpu_of(root).children;
  std::vector<pid_t> waiting = children_of(root);
  for (size_t i = 0; i < waiting.size() && i < kMaxProcesses; ++i) {
    const pid_t pid = waiting[i];
    const std::string status = read_proc(fmt::format("/proc/{}/status", pid));
    usage_.rss_bytes += status_bytes(status, "VmRSS:");
    usage_.peak_rss_bytes = std::max(usage_.peak_rss_bytes, status_bytes(status, "VmHWM:"));
    const CpuTimes cpu = cpu_of(pid);
    double& known = cpu_[pid];
    known = std::max(known, cpu.own);
    waited += cpu.own + cpu.children;
    ++usage_.processes;
    // Most have one thread, which need not be looked for.
    const bool single = status.find("\nThreads:\t1\n") != std::string::npos;
    for (const pid_t child : single ? children_of(pid, {pid}) : children_of(pid))
      waiting.push_back(child);
  }
  usage_.peak_rss_bytes = std::max(usage_.peak_rss_bytes, usage_.rss_bytes);
  // The first sum lacks processes that came and went between two samples, the second those that
  // nobody waited for.
  double seen = 0;
  for (const auto& [pid, cpu] : cpu_) seen += cpu;
  usage_.cpu_s = std::max({usage_.cpu_s, seen, waited});
  return usage_;
}

}  // namespace reconproof::system
