// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace reconproof::system {

/// What a result has to say about the machine it came from. Its name and its users are left out on
/// purpose.
struct HostInfo {
  std::string os;      // "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;  // "6.1.0-25-amd64"
  std::string cpu;     // model name
  int64_t cores = 0;   // that this process may use
  int64_t memory_bytes = 0;
  std::vector<std::string> gpus;  // "NVIDIA GeForce GTX 1080", in the order of their bus addresses
  std::string gpu_driver;         // "535.183.01", empty without one
  std::string container;          // "docker", "podman", "lxc", ...; empty: none that tells
};

/// `root` stands for / (tests bring their own). GPUs are those of /proc, or of NVML where /proc has
/// none.
HostInfo host_info(const std::filesystem::path& root = "/");

/// Whether others keep the processors from a run. Counts from its making on.
class OthersLoad {
 public:
  OthersLoad();
  /// Processors that neither this process, its ended children nor the run (`run_cpu_s`) kept busy
  /// since then, on average; what a hypervisor took counts too. 0 where /proc/stat does not tell.
  double cores(double run_cpu_s) const;

 private:
  double start_s_, busy_s_, ours_s_;
};

}  // namespace reconproof::system
