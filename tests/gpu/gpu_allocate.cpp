// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// gpu-allocate MIB SECONDS: a program that needs so much GPU memory beside its context, in pieces
// of 64 MiB as a network's layers ask for it, and holds it for so long. Where there is not that
// much, it ends as one written with PyTorch would.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "system/cuda_driver.h"
#include "system/error.h"

int main(int argc, char** argv) {
  constexpr int64_t kMib = int64_t{1} << 20, kPiece = 64 * kMib;
  if (argc != 3) return 2;
  try {
    reconproof::system::CudaMemory gpu(0);
    int64_t missing = std::atoll(argv[1]) * kMib;
    while (missing > 0) {
      const int64_t piece = std::min(missing, kPiece);
      if (!gpu.allocate(piece)) {
        fmt::print(stderr, "RuntimeError: CUDA out of memory. Tried to allocate {} MiB\n",
                   piece / kMib);
        return 1;
      }
      missing -= piece;
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(argv[2])));
  } catch (const reconproof::system::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 3;
  }
  return 0;
}
