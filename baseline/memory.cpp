// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/memory.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>

#include "system/error.h"

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#include <c10/core/CachingDeviceAllocator.h>
#define RECONPROOF_HAS_DEVICE_ALLOCATOR 1
#endif

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

std::atomic<bool> metered{false};
std::atomic<int64_t> held{0}, peak{0}, limit{0};

void count(int64_t bytes) {
  const int64_t now = held += bytes;
  if (limit > 0 && now > limit) {
    held -= bytes;
    TORCH_CHECK(false, "out of memory: ", bytes, " bytes more than the limit of ", limit.load(),
                " allows");
  }
  for (int64_t seen = peak; now > seen && !peak.compare_exchange_weak(seen, now);) {
  }
}

/// Aligned as LibTorch's own, but by malloc: a block that glibc aligns is cut to its size and, once
/// freed, too small for the next one of that size, which then takes fresh pages.
class MeteringAllocator final : public at::Allocator {
 public:
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
  at::DataPtr allocate(size_t bytes) override { return take(bytes); }
  void copy_data(void* to, const void* from, size_t count) const override {
    default_copy_data(to, from, count);
  }
#else
  at::DataPtr allocate(size_t bytes) const override { return take(bytes); }
#endif
  at::DeleterFnPtr raw_deleter() const override { return &give_back; }

 private:
  static constexpr size_t kAlignment = 64;
  /// In front of the data.
  struct Front {
    void* block;
    size_t bytes;
  };

  static at::DataPtr take(size_t bytes) {
    if (bytes == 0) return {nullptr, nullptr, &give_back, torch::kCPU};
    count(static_cast<int64_t>(bytes));
    void* block = std::malloc(bytes + 2 * kAlignment);
    if (block == nullptr) {
      held -= static_cast<int64_t>(bytes);
      throw std::bad_alloc();
    }
    const auto address = reinterpret_cast<uintptr_t>(block) + kAlignment;
    const auto data = (address + kAlignment - 1) / kAlignment * kAlignment;
    const Front front{block, bytes};
    std::memcpy(reinterpret_cast<char*>(data) - sizeof front, &front, sizeof front);
    auto* values = reinterpret_cast<void*>(data);
    return {values, values, &give_back, torch::kCPU};
  }

  static void give_back(void* data) {
    if (data == nullptr) return;
    Front front;
    std::memcpy(&front, static_cast<char*>(data) - sizeof front, sizeof front);
    held -= static_cast<int64_t>(front.bytes);
    std::free(front.block);
  }
};

}  // namespace

void meter_cpu_memory() {
  static MeteringAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/100);
  metered = true;
}

void limit_cpu_memory(int64_t bytes) { limit = bytes; }

CountedMemory::~CountedMemory() { held -= bytes_; }

void CountedMemory::set(int64_t bytes) {
  if (bytes == bytes_) return;
  held -= bytes_;
  bytes_ = 0;
  count(bytes);
  bytes_ = bytes;
}

void reset_peak_memory(torch::Device device) {
  if (device.is_cpu()) peak = held.load();
#ifdef RECONPROOF_HAS_DEVICE_ALLOCATOR
  if (device.is_cuda())
    at::getDeviceAllocator(device.type())->resetPeakStats(device.has_index() ? device.index() : 0);
#endif
}

std::optional<int64_t> peak_memory(torch::Device device) {
  if (device.is_cpu() && metered) return peak.load();
#ifdef RECONPROOF_HAS_DEVICE_ALLOCATOR
  if (device.is_cuda()) {
    const auto statistics = at::getDeviceAllocator(device.type())
                                ->getDeviceStats(device.has_index() ? device.index() : 0);
    return statistics.allocated_bytes[0].peak;  // 0: all pools together
  }
#endif
  return std::nullopt;
}

std::optional<int64_t> memory_of(torch::Device device) {
  if (device.is_cpu()) {
    if (limit > 0) return limit.load();
    return static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE);
  }
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 10)
  if (device.is_cuda()) {
    const auto memory = at::getDeviceAllocator(device.type())
                            ->getMemoryInfo(device.has_index() ? device.index() : 0);
    return static_cast<int64_t>(memory.second);  // free, total
  }
#endif
  return std::nullopt;
}

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::Error*>(&error) == nullptr) return false;
  // The CPU allocator has no exception type of its own; the CUDA allocator's has changed between
  // versions.
  const std::string text = error.what();
  for (const char* sign : {"out of memory", "can't allocate memory", "not enough memory"}) {
    if (text.find(sign) != std::string::npos) return true;
  }
  return false;
}

int64_t bytes_from_text(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string unit(end, text.data() + text.size());
  unit.erase(0, unit.find_first_not_of(' '));
  double factor = 0;
  for (const auto& [name, bytes] : {std::pair{"", 1.0}, {"MiB", 0x1p20}, {"GiB", 0x1p30}}) {
    if (unit == name) factor = bytes;
  }
  const double bytes = number * factor;
  if (error != std::errc() || !(bytes >= 1) || bytes > 0x1p60) {
    fail(Code::kUsage, "'{}' is no amount of memory; write 7.45GiB, 7629MiB or a number of bytes",
         text);
  }
  return static_cast<int64_t>(bytes);
}

std::string bytes_text(int64_t bytes) {
  const double value = static_cast<double>(bytes);
  if (value < 0x1p30) return fmt::format("{:.0f} MiB", value / 0x1p20);
  return fmt::format("{:.2f} GiB", value / 0x1p30);
}

}  // namespace reconproof::baseline
