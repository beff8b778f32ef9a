// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The GPUs that the fake libraries of the NVIDIA driver show (fake_nvml.cpp, fake_cuda.cpp). A
// process is on one when its argv[0] or argv[1] is `--fake-gpu-mib=900`, or `--fake-gpu-mib=900@1`
// for the second GPU:
//
//     bash -c 'exec -a --fake-gpu-mib=900 sleep 1'
//
// or, on the first GPU, when it took memory from the fake CUDA library: FAKE_GPU_STATE names a
// folder where that keeps a file for each such process, named as its pid, with the bytes in it.
// FAKE_GPU_TOTAL_MIB (16384) is the memory of each GPU, of which 100 MiB are never free.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fake_gpu {

namespace fs = std::filesystem;

constexpr unsigned long long kMib = 1024 * 1024, kIdleMib = 100;
constexpr const char* kMarker = "--fake-gpu-mib=";

struct Process {
  unsigned pid;
  unsigned long long bytes;
};

inline int setting(const char* name, int otherwise = 0) {
  const char* value = std::getenv(name);
  return value ? std::atoi(value) : otherwise;
}

inline unsigned long long total_bytes() {
  return static_cast<unsigned long long>(setting("FAKE_GPU_TOTAL_MIB", 16384)) * kMib;
}

/// MiB on this GPU as a word of a command line says it; 0 when it is no such word.
inline unsigned long long marked_mib(const std::string& word, int gpu) {
  unsigned long long mib = 0;
  int on = 0;
  if (word.rfind(kMarker, 0) != 0 ||
      std::sscanf(word.c_str() + std::strlen(kMarker), "%llu@%d", &mib, &on) < 1 || on != gpu) {
    return 0;
  }
  return mib;
}

/// Bytes that a process has of the fake CUDA library.
inline unsigned long long taken_bytes(const std::string& pid) {
  const char* folder = std::getenv("FAKE_GPU_STATE");
  unsigned long long bytes = 0;
  if (folder) std::ifstream(fs::path(folder) / pid) >> bytes;
  return bytes;
}

inline std::vector<Process> processes_on(int gpu) {
  std::vector<Process> found;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
    std::ifstream stream(it->path() / "cmdline");
    std::string first, second;
    std::getline(stream, first, '\0');
    std::getline(stream, second, '\0');
    if (first.empty()) continue;  // a zombie holds nothing
    unsigned long long bytes = kMib * std::max(marked_mib(first, gpu), marked_mib(second, gpu));
    if (gpu == 0) bytes += taken_bytes(name);
    if (bytes > 0) found.push_back({static_cast<unsigned>(std::stoul(name)), bytes});
  }
  return found;
}

inline unsigned long long used_bytes(int gpu) {
  unsigned long long used = kIdleMib * kMib;
  for (const Process& process : processes_on(gpu)) used += process.bytes;
  return std::min(used, total_bytes());
}

}  // namespace fake_gpu
