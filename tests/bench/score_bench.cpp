// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// One slice of the leaderboard: finiteness, mask and SSIM (the script's, and the exact one) on
// one thread.
#include <benchmark/benchmark.h>

#include <random>

#include "challenge/score/foreground.h"
#include "challenge/score/official_ssim.h"
#include "challenge/score/ssim.h"

namespace reconproof::challenge {
namespace {

constexpr int64_t kSize = 384;
constexpr double kRange = 8e-4, kThreshold = 5e-5;

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

/// Half of the slice is foreground.
struct Slice {
  std::vector<float> label = noisy_disc(1), image = noisy_disc(2);
  std::vector<uint8_t> mask = foreground_mask(label, kSize, kSize, kThreshold);

  ImageView label_view() const { return {label.data(), kSize, kSize, kSize}; }
  ImageView image_view() const { return {image.data(), kSize, kSize, kSize}; }
  MaskView mask_view() const { return {mask.data(), kSize, kSize, kSize}; }
};

void foreground(benchmark::State& state) {
  Slice slice;
  for (auto _ : state) {
    foreground_mask(slice.label, kSize, kSize, kThreshold, slice.mask);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(foreground)->Unit(benchmark::kMicrosecond);

void finite(benchmark::State& state) {
  const Slice slice;
  for (auto _ : state)
    benchmark::DoNotOptimize(all_scorable({slice.image.data(), kSize, kSize, kSize}));
}
BENCHMARK(finite)->Unit(benchmark::kMicrosecond);

void exact_ssim(benchmark::State& state, SsimCode code) {
  const Slice slice;
  for (auto _ : state)
    benchmark::DoNotOptimize(mean_ssim(slice.image_view(), slice.label_view(), kRange, code));
}
BENCHMARK_CAPTURE(exact_ssim, fastest, SsimCode::kFastest)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(exact_ssim, portable, SsimCode::kPortable)->Unit(benchmark::kMicrosecond);

void ssim_whole(benchmark::State& state, SsimCode code) {
  const Slice slice;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        official_ssim(slice.image_view(), slice.label_view(), kRange, {}, code));
  }
}
BENCHMARK_CAPTURE(ssim_whole, fastest, SsimCode::kFastest)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ssim_whole, portable, SsimCode::kPortable)->Unit(benchmark::kMicrosecond);

void ssim_masked(benchmark::State& state, SsimCode code) {
  const Slice slice;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        official_ssim(slice.image_view(), slice.label_view(), kRange, slice.mask_view(), code));
  }
}
BENCHMARK_CAPTURE(ssim_masked, fastest, SsimCode::kFastest)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ssim_masked, portable, SsimCode::kPortable)->Unit(benchmark::kMicrosecond);

void ssim_inside(benchmark::State& state, SsimCode code) {
  const Slice slice;
  for (auto _ : state) {
    benchmark::DoNotOptimize(official_ssim_inside(slice.image_view(), slice.label_view(), kRange,
                                                  slice.mask_view(), code));
  }
}
BENCHMARK_CAPTURE(ssim_inside, fastest, SsimCode::kFastest)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ssim_inside, portable, SsimCode::kPortable)->Unit(benchmark::kMicrosecond);

/// A lesion's bounding box.
void ssim_box(benchmark::State& state, SsimCode code) {
  const Slice slice;
  for (auto _ : state) {
    benchmark::DoNotOptimize(official_ssim(slice.image_view().crop(150, 170, 40, 50),
                                           slice.label_view().crop(150, 170, 40, 50), kRange, {},
                                           code));
  }
}
BENCHMARK_CAPTURE(ssim_box, fastest, SsimCode::kFastest)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ssim_box, portable, SsimCode::kPortable)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace reconproof::challenge
