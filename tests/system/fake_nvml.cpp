// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Stands for libnvidia-ml.so.1 where RECONPROOF_NVML_LIBRARY names it. A process is on the GPU when
// its argv[0] or argv[1] is `--fake-gpu-mib=900`, or `--fake-gpu-mib=900@1` for the second GPU:
//
//     bash -c 'exec -a --fake-gpu-mib=900 sleep 1'
//
// Environment: FAKE_NVML_GPUS (1), FAKE_NVML_INIT, FAKE_NVML_MEMORY, FAKE_NVML_LIST: error codes of
// these calls; FAKE_NVML_HIDE=1: no memory per process; FAKE_NVML_NO_PIDS=1: no processes, as in a
// container; FAKE_NVML_STRIDE=32: entries as long as those of early R535 drivers. Compiled with
// FAKE_NVML_OLD it has only what the oldest drivers have.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr unsigned long long kMib = 1024 * 1024, kTotalMib = 16384, kIdleMib = 100;
constexpr const char* kMarker = "--fake-gpu-mib=";

struct Process {
  unsigned pid;
  unsigned long long bytes;
};

int setting(const char* name, int otherwise = 0) {
  const char* value = std::getenv(name);
  return value ? std::atoi(value) : otherwise;
}

/// MiB on this GPU as a word of a command line says it; 0 when it is no such word.
unsigned long long marked_mib(const std::string& word, int gpu) {
  unsigned long long mib = 0;
  int on = 0;
  if (word.rfind(kMarker, 0) != 0 ||
      std::sscanf(word.c_str() + std::strlen(kMarker), "%llu@%d", &mib, &on) < 1 || on != gpu) {
    return 0;
  }
  return mib;
}

std::vector<Process> processes_on(void* device) {
  const int gpu = static_cast<int>(reinterpret_cast<intptr_t>(device)) - 1;
  std::vector<Process> found;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
    std::ifstream stream(it->path() / "cmdline");
    std::string first, second;
    std::getline(stream, first, '\0');
    std::getline(stream, second, '\0');
    const unsigned long long mib = std::max(marked_mib(first, gpu), marked_mib(second, gpu));
    if (mib > 0) found.push_back({static_cast<unsigned>(std::stoul(name)), mib * kMib});
  }
  return found;
}

unsigned long long used_bytes(void* device) {
  unsigned long long used = kIdleMib * kMib;
  for (const Process& process : processes_on(device)) used += process.bytes;
  return used;
}

template <typename T>
void put(unsigned char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

/// Entries of 16 bytes: pid, memory; of 24: two instance ids after them; of 32: protected memory
/// too. The four bytes between pid and memory are left as they are.
int list_processes(void* device, unsigned* count, unsigned char* infos, size_t stride) {
  if (const int code = setting("FAKE_NVML_LIST")) return code;
  const std::vector<Process> found =
      setting("FAKE_NVML_NO_PIDS") ? std::vector<Process>() : processes_on(device);
  const bool fits = found.size() <= *count;
  *count = static_cast<unsigned>(found.size());
  if (!fits) return 7;  // NVML_ERROR_INSUFFICIENT_SIZE
  for (const Process& process : found) {
    put(infos, process.pid);
    put(infos + 8, setting("FAKE_NVML_HIDE") ? ~0ull : process.bytes);
    if (stride >= 24) put(infos + 16, ~0ull);
    if (stride >= 32) put(infos + 24, 0ull);
    infos += stride;
  }
  return 0;
}

}  // namespace

extern "C" {

const char* nvmlErrorString(int code) {
  return code == 4 ? "Insufficient Permissions" : code == 9 ? "Driver Not Loaded" : "Unknown Error";
}
int nvmlShutdown() { return 0; }
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::snprintf(text, size, "999.1");
  return 0;
}
int nvmlDeviceGetName(void* device, char* text, unsigned size) {
  std::snprintf(text, size, "Fake GPU %d",
                static_cast<int>(reinterpret_cast<intptr_t>(device)) - 1);
  return 0;
}
int nvmlDeviceGetMemoryInfo(void* device, unsigned long long* total_free_used) {
  if (const int code = setting("FAKE_NVML_MEMORY")) return code;
  const unsigned long long used = used_bytes(device);
  total_free_used[0] = kTotalMib * kMib;
  total_free_used[1] = kTotalMib * kMib - used;
  total_free_used[2] = used;
  return 0;
}

#ifdef FAKE_NVML_OLD
int nvmlInit() { return setting("FAKE_NVML_INIT"); }
int nvmlDeviceGetCount(unsigned* count) {
  *count = static_cast<unsigned>(setting("FAKE_NVML_GPUS", 1));
  return 0;
}
int nvmlDeviceGetHandleByIndex(unsigned index, void** device) {
  *device = reinterpret_cast<void*>(static_cast<intptr_t>(index) + 1);
  return 0;
}
int nvmlDeviceGetComputeRunningProcesses(void* device, unsigned* count, unsigned char* infos) {
  return list_processes(device, count, infos, 16);
}
#else
int nvmlInit_v2() { return setting("FAKE_NVML_INIT"); }
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(setting("FAKE_NVML_GPUS", 1));
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = reinterpret_cast<void*>(static_cast<intptr_t>(index) + 1);
  return 0;
}
struct MemoryV2 {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
int nvmlDeviceGetMemoryInfo_v2(void* device, MemoryV2* memory) {
  if (const int code = setting("FAKE_NVML_MEMORY")) return code;
  if (memory->version != 0x2000028) return 25;  // NVML_ERROR_ARGUMENT_VERSION_MISMATCH
  memory->total = kTotalMib * kMib;
  memory->used = used_bytes(device);
  memory->free = memory->total - memory->used;
  memory->reserved = 0;
  return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, unsigned char* infos) {
  return list_processes(device, count, infos, static_cast<size_t>(setting("FAKE_NVML_STRIDE", 24)));
}
// The same processes compute and draw.
int nvmlDeviceGetGraphicsRunningProcesses_v3(void* device, unsigned* count, unsigned char* infos) {
  return nvmlDeviceGetComputeRunningProcesses_v3(device, count, infos);
}
#endif

}  // extern "C"
