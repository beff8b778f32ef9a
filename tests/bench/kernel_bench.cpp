// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The engine's kernels against the processor's roof: as many products as it can add up, or as many
// bytes as its second cache gives, whichever is the less for a kernel's share of both.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include "baseline/engine/choice.h"
#include "system/clock.h"

namespace reconproof::baseline::engine {
namespace {

/// Floats of a row of all channels that convolutions work on at a time (winograd3x3.cpp), and of
/// what their points take in the second cache.
constexpr int64_t kPositions = 1203, kPlane = 1232, kChannels = 8;

std::vector<float> noise(int64_t count) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = normal(generator);
  return values;
}

/// Seconds of one call, the least of some rounds of many.
double seconds_of(const std::function<void()>& call) {
  double least = 1e9;
  for (int round = 0; round < 20; ++round) {
    constexpr int kCalls = 50;
    const double begin = system::monotonic_seconds();
    for (int i = 0; i < kCalls; ++i) call();
    least = std::min(least, (system::monotonic_seconds() - begin) / kCalls);
  }
  return least;
}

#ifdef __x86_64__
/// Products added to as many registers as it takes to hide how long each takes.
template <typename Vector, int kRegisters>
__attribute__((always_inline)) inline void add_products(float* out, int64_t times) {
  Vector sums[kRegisters] = {}, x = Vector{} + 1e-9F, y = Vector{} + 0.5F;
#pragma GCC unroll 24
  for (int r = 0; r < kRegisters; ++r) asm volatile("" : "+v"(sums[r]));  // each is another
  for (int64_t i = 0; i < times; ++i) {
    asm volatile("" : "+v"(x), "+v"(y));
#pragma GCC unroll 24
    for (int r = 0; r < kRegisters; ++r) sums[r] += x * y;
  }
  for (int r = 1; r < kRegisters; ++r) sums[0] += sums[r];
  std::memcpy(out, &sums[0], sizeof(Vector));
}

typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector16 __attribute__((vector_size(64)));

__attribute__((target("avx2,fma"))) void add_products_avx2(float* out, int64_t times) {
  add_products<Vector8, 12>(out, times);
}
__attribute__((target("avx512f"))) void add_products_avx512(float* out, int64_t times) {
  add_products<Vector16, 24>(out, times);
}
#endif

struct Roof {
  double flops = 0, bytes = 0;  // a second
};

const Roof& roof() {
  static const Roof found = [] {
    Roof roof;
#ifdef __x86_64__
    constexpr int64_t kTimes = 2000;
    float out[16];
    const Kernels& kernels = best_kernels();
    if (kernels.lanes == 16)
      roof.flops = 2.0 * 16 * 24 * kTimes / seconds_of([&] { add_products_avx512(out, kTimes); });
    else if (std::strcmp(kernels.name, "avx2") == 0)
      roof.flops = 2.0 * 8 * 12 * kTimes / seconds_of([&] { add_products_avx2(out, kTimes); });
#endif
    // 128 KiB and back: what a transformation of Winograd's works on.
    constexpr int64_t kFloats = 1 << 15;
    const std::vector<float> from = noise(kFloats);
    std::vector<float> to(kFloats);
    roof.bytes = 8.0 * kFloats / seconds_of([&] {
                   best_kernels().assign(to.data(), from.data(), kFloats, 1.F);
                   benchmark::ClobberMemory();
                 });
    return roof;
  }();
  return found;
}

/// Runs `call`, which does so many operations on so many bytes that it reads or writes once.
void against_roof(benchmark::State& state, double flops, double bytes,
                  const std::function<void()>& call) {
  if (roof().flops == 0) {
    state.SkipWithError("not measured: the roof is known for AVX2 and AVX-512");
    return;
  }
  double least = 1e9;
  for (auto _ : state) {
    const double begin = system::monotonic_seconds();
    constexpr int kCalls = 200;
    for (int i = 0; i < kCalls; ++i) call();
    const double seconds = (system::monotonic_seconds() - begin) / kCalls;
    state.SetIterationTime(seconds);
    least = std::min(least, seconds);
  }
  const double attainable = std::min(roof().flops, flops / bytes * roof().bytes);
  state.counters["gflops"] = 1e-9 * flops / least;
  state.counters["flops_a_byte"] = flops / bytes;
  state.counters["roof_gflops"] = 1e-9 * attainable;
  state.counters["ratio"] = flops / least / attainable;
}

const Kernels& kernels() {
  static const Kernels& best = best_kernels();
  return best;
}
int block() {
  static const int most = [] {
    int size = kMostBlock;
    while (!kernels().conv1x3[size]) --size;
    return size;
  }();
  return most;
}

/// Planes of noise.
struct Many {
  explicit Many(int64_t planes) : values(noise(planes * kPlane + 64)) {}
  float* plane(int64_t index) { return values.data() + 16 + index * kPlane; }
  std::vector<float> values;
};

void kernel_conv1x3(benchmark::State& state) {
  Many in(kChannels), out(block());
  const std::vector<float> weights = noise(kChannels * 3 * block());
  const double positions = static_cast<double>(kPositions);
  against_roof(
      state, 6.0 * kChannels * block() * positions, 4.0 * (kChannels + block()) * positions, [&] {
        kernels().conv1x3[block()](
            {in.plane(0), kChannels, kPlane, weights.data(), out.plane(0), kPlane, kPositions});
      });
}

void kernel_winograd_input(benchmark::State& state) {
  Many in(kWinogradPoints * kChannels), out(kWinogradPoints * kChannels);
  // 22 operations a column; of six rows two are the neighbour's.
  against_roof(state, 22.0 * kPositions * kChannels, 4.0 * 10 * kPositions * kChannels, [&] {
    for (int64_t channel = 0; channel < kChannels; ++channel) {
      const float* rows[kWinogradPoints];
      for (int k = 0; k < kWinogradPoints; ++k) rows[k] = in.plane(channel * kWinogradPoints + k);
      kernels().winograd_input(rows, out.plane(channel * kWinogradPoints), kPlane, kPositions);
    }
  });
}

void kernel_winograd_output(benchmark::State& state) {
  Many in(kWinogradPoints * kChannels), out(kWinogradRows * kChannels);
  double sum = 0, square = 0;
  against_roof(state, 28.0 * kPositions * kChannels, 4.0 * 10 * kPositions * kChannels, [&] {
    for (int64_t channel = 0; channel < kChannels; ++channel) {
      kernels().winograd_output({in.plane(channel * kWinogradPoints), kPlane,
                                 out.plane(channel * kWinogradRows), kWinogradRows, kPositions,
                                 kPlane, &sum, &square});
    }
  });
  benchmark::DoNotOptimize(sum + square);
}

void kernel_upsample(benchmark::State& state) {
  constexpr int64_t kColumns = 200;
  Many in(kChannels), out(2);
  const std::vector<float> weights = noise(kChannels * 4);
  double sum = 0, square = 0;
  against_roof(state, 8.0 * kChannels * kColumns, 4.0 * (kChannels + 4) * kColumns, [&] {
    kernels().upsample_row({in.plane(0), kChannels, kPlane, kColumns, weights.data(), out.plane(0),
                            out.plane(1), &sum, &square});
  });
  benchmark::DoNotOptimize(sum + square);
}

void kernel_fourier(benchmark::State& state) {
  // The pass of a transform of 768.
  constexpr int64_t kLength = 768, kRadix = 4, kGroups = 48, kStep = 4;
  const int64_t lanes = kernels().lanes;
  const std::vector<float> in = noise(kLength * 2 * lanes);
  std::vector<float> out(in.size());
  const std::vector<float> twiddles = noise(kGroups * (kRadix - 1) * 2);
  const std::vector<float> roots = {1, 0, 0, 1, -1, 0, 0, -1};
  const double numbers = static_cast<double>(kLength * lanes);
  against_roof(state, 34.0 / 4 * numbers, 16 * numbers, [&] {
    kernels().fourier_pass(
        {in.data(), out.data(), kRadix, kGroups, kStep, twiddles.data(), roots.data()});
  });
}

void kernel_products3(benchmark::State& state) {
  Many x(kChannels), y(block());
  std::vector<float> sums(static_cast<size_t>(3 * block()));
  const double positions = static_cast<double>(kPositions);
  against_roof(state, 6.0 * kChannels * block() * positions,
               4.0 * (kChannels + block()) * positions, [&] {
                 for (int64_t i = 0; i < kChannels; ++i) {
                   kernels().products3[block()](
                       {x.plane(i) - 1, 1, y.plane(0), kPlane, kPositions, sums.data()});
                 }
               });
}

void kernel_normalise_gradient(benchmark::State& state) {
  Many y(kChannels), g(kChannels);
  against_roof(state, 5.0 * kPositions * kChannels, 4.0 * 3 * kPositions * kChannels, [&] {
    for (int64_t i = 0; i < kChannels; ++i)
      kernels().normalise_gradient(y.plane(i), g.plane(i), kPositions, 1.F, 1e-9F, 1e-9F);
  });
}

BENCHMARK(kernel_conv1x3)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(kernel_winograd_input)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(kernel_winograd_output)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(kernel_upsample)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(kernel_fourier)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(kernel_products3)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(kernel_normalise_gradient)
    ->UseManualTime()
    ->Iterations(50)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace reconproof::baseline::engine
