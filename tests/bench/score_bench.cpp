// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// One slice of the leaderboard: mask and SSIM on one thread.
#include <benchmark/benchmark.h>

#include <random>

#include "challenge/score/foreground.h"
#include "challenge/score/ssim.h"

namespace reconproof::challenge {
namespace {

constexpr int64_t kSize = 384;

std::vector<float> noisy_disc(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> image(kSize * kSize);
  for (int64_t y = 0; y < kSize; ++y) {
    for (int64_t x = 0; x < kSize; ++x) {
      const int64_t dx = x - kSize / 2, dy = y - kSize / 2;
      const float noise = static_cast<float>(random() % 1000) * 1e-8f;
      image[static_cast<size_t>(y * kSize + x)] = noise + (dx * dx + dy * dy < 22500 ? 4e-4f : 0);
    }
  }
  return image;
}

void foreground(benchmark::State& state) {
  const std::vector<float> label = noisy_disc(1);
  for (auto _ : state) benchmark::DoNotOptimize(foreground_mask(label, kSize, kSize, 5e-5));
}
BENCHMARK(foreground)->Unit(benchmark::kMicrosecond);

void ssim(benchmark::State& state) {
  const std::vector<float> label = noisy_disc(1), image = noisy_disc(2);
  for (auto _ : state) benchmark::DoNotOptimize(mean_ssim(image, label, kSize, kSize, 8e-4));
}
BENCHMARK(ssim)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace reconproof::challenge
