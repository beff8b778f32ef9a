// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/host.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "system/clock.h"
#include "system/nvml.h"

namespace reconproof::system {
namespace fs = std::filesystem;
namespace {

std::string trimmed(const std::string& text, const char* unwanted = " \t\r\n\"") {
  const size_t begin = text.find_first_not_of(unwanted);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(unwanted) - begin + 1);
}

/// Value of the first line `key<separator>value`; empty when there is none. Files of /proc have no
/// size.
std::string field(const fs::path& file, const std::string& key, char separator) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    const size_t at = line.find(separator);
    if (at != std::string::npos && trimmed(line.substr(0, at)) == key)
      return trimmed(line.substr(at + 1));
  }
  return "";
}

int64_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

std::vector<std::string> gpu_names(const fs::path& folder) {
  std::vector<fs::path> cards;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    cards.push_back(it->path());
  }
  std::sort(cards.begin(), cards.end());
  std::vector<std::string> names;
  for (const fs::path& card : cards) {
    const std::string name = field(card / "information", "Model", ':');
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

/// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 ...": the first word
/// with a dot that begins with a digit.
std::string driver_version(const fs::path& file) {
  std::ifstream stream(file);
  std::string word;
  for (int words = 0; words < 16 && stream >> word; ++words) {
    if (word[0] >= '0' && word[0] <= '9' && word.find('.') != std::string::npos) return word;
  }
  return "";
}

/// Where the kernel lists no GPUs but the driver's library does: WSL, some containers. It is slower
/// than /proc: it wakes every GPU.
void ask_driver(HostInfo& info) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  for (const GpuDevice& device : monitor->devices()) info.gpus.push_back(device.name);
  if (info.gpu_driver.empty()) info.gpu_driver = monitor->driver();
}

/// By the mark that each leaves; systemd writes the name of the one that it runs in.
std::string container_kind(const fs::path& root) {
  std::error_code ignored;
  if (fs::exists(root / "run/.containerenv", ignored)) return "podman";
  if (fs::exists(root / ".dockerenv", ignored)) return "docker";
  std::string name;
  std::ifstream(root / "run/systemd/container") >> name;
  return name.substr(0, 64);
}

/// User, nice, system, interrupts and stolen time of all processors since boot.
double busy_seconds() {
  std::ifstream stream("/proc/stat");
  std::string name;
  double times[8] = {};
  stream >> name;
  for (double& time : times) stream >> time;
  const double idle = times[3] + times[4];
  double all = 0;
  for (double time : times) all += time;
  return (all - idle) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double our_cpu_seconds() {
  double total = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      total += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  }
  return total;
}

}  // namespace

OthersLoad::OthersLoad()
    : start_s_(monotonic_seconds()), busy_s_(busy_seconds()), ours_s_(our_cpu_seconds()) {}

double OthersLoad::cores(double run_cpu_s) const {
  const double wall = monotonic_seconds() - start_s_;
  const double others = busy_seconds() - busy_s_ - (our_cpu_seconds() - ours_s_) - run_cpu_s;
  return wall <= 0 ? 0 : std::max(0.0, others / wall);
}

HostInfo host_info(const fs::path& root) {
  HostInfo info;
  info.os = field(root / "etc/os-release", "PRETTY_NAME", '=');
  utsname name{};
  if (::uname(&name) == 0) info.kernel = name.release;
  info.cpu = field(root / "proc/cpuinfo", "model name", ':');
  if (info.cpu.empty()) info.cpu = field(root / "proc/cpuinfo", "Model", ':');  // ARM boards
  info.cores = usable_cores();
  info.memory_bytes =
      std::strtoll(field(root / "proc/meminfo", "MemTotal", ':').c_str(), nullptr, 10) * 1024;
  info.gpus = gpu_names(root / "proc/driver/nvidia/gpus");
  info.gpu_driver = driver_version(root / "proc/driver/nvidia/version");
  if (info.gpus.empty() && root == "/") ask_driver(info);
  info.container = container_kind(root);
  return info;
}

}  // namespace reconproof::system
