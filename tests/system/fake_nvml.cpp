// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Stands for libnvidia-ml.so.1 where RECONPROOF_NVML_LIBRARY names it; who is on its GPUs:
// fake_gpu.h.
//
// Environment: FAKE_NVML_GPUS (1), FAKE_NVML_INIT, FAKE_NVML_MEMORY, FAKE_NVML_LIST: error codes of
// these calls; FAKE_NVML_HIDE=1: no memory per process; FAKE_NVML_NO_PIDS=1: no processes, as in a
// container; FAKE_NVML_STRIDE=32: entries as long as those of early R535 drivers. Compiled with
// FAKE_NVML_OLD it has only what the oldest drivers have.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/system/fake_gpu.h"

namespace {

using fake_gpu::kMib;
using fake_gpu::Process;
using fake_gpu::setting;

int index_of(void* device) { return static_cast<int>(reinterpret_cast<intptr_t>(device)) - 1; }

std::vector<Process> processes_on(void* device) { return fake_gpu::processes_on(index_of(device)); }

unsigned long long used_bytes(void* device) { return fake_gpu::used_bytes(index_of(device)); }

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
  std::snprintf(text, size, "Fake GPU %d", index_of(device));
  return 0;
}
int nvmlDeviceGetMemoryInfo(void* device, unsigned long long* total_free_used) {
  if (const int code = setting("FAKE_NVML_MEMORY")) return code;
  const unsigned long long used = used_bytes(device);
  total_free_used[0] = fake_gpu::total_bytes();
  total_free_used[1] = fake_gpu::total_bytes() - used;
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
  memory->total = fake_gpu::total_bytes();
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
