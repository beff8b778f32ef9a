// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How much memory tensors take: measured on CPU and GPU, limited on request, so that a team sees on
// any machine whether a network fits an 8 GB card.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace reconproof::baseline {

/// Counts the bytes of all tensors on the CPU from now on (not what libraries take beside: oneDNN's
/// scratch memory, buffers of the FFT). Called once, before the first tensor.
void meter_cpu_memory();

/// With a limit, an allocation that would exceed it fails as on a full GPU. 0: none.
void limit_cpu_memory(int64_t bytes);

/// Memory of the CPU that is no tensor: counted with them, and limited as they are, while this
/// lives.
class CountedMemory {
 public:
  CountedMemory() = default;
  ~CountedMemory();
  CountedMemory(const CountedMemory&) = delete;
  CountedMemory& operator=(const CountedMemory&) = delete;

  /// As many as there are now.
  void set(int64_t bytes);

 private:
  int64_t bytes_ = 0;
};

/// Starts a new peak from what is held now.
void reset_peak_memory(torch::Device device);

/// The most bytes that tensors held at once since then. CPU: nullopt without meter_cpu_memory();
/// CUDA: the caching allocator's `allocated`, nullopt where this LibTorch (before 2.9) does not
/// tell.
std::optional<int64_t> peak_memory(torch::Device device);

/// Total memory of the GPU; of the CPU the limit, or else the machine's. nullopt where unknown.
std::optional<int64_t> memory_of(torch::Device device);

/// Whether this is LibTorch's or the standard library's way to say so.
bool is_out_of_memory(const std::exception& error);

/// "7.45 GiB" or "7629 MiB" or bytes -> bytes. kUsage otherwise.
int64_t bytes_from_text(const std::string& text);
/// "3.21 GiB".
std::string bytes_text(int64_t bytes);

}  // namespace reconproof::baseline
