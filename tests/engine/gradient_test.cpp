// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The way back of each operation against its definition in float64, for any shape; tests/baseline
// holds whole networks against autograd.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "baseline/engine/choice.h"
#include "baseline/engine/operations/conv1x1.h"
#include "baseline/engine/operations/conv3x3.h"
#include "baseline/engine/operations/extend.h"
#include "baseline/engine/operations/normalise.h"
#include "baseline/engine/operations/pool.h"
#include "baseline/engine/operations/upsample.h"
#include "baseline/engine/operations/winograd3x3.h"
#include "baseline/engine/varnet_engine.h"
#include "baseline/engine/varnet_training.h"
#include "tests/engine/fixture.h"

namespace reconproof::baseline::engine {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Buffers in memory of exactly their size, full of what others left there.
class Bench {
 public:
  Bench(const Kernels& kernels, const std::vector<Planes>& planes, int64_t gradients = 0)
      : kept_(64), gradients_(static_cast<size_t>(gradients), kNan) {
    int64_t floats = 0;
    for (const Planes& one : planes) {
      buffers_.push_back({"", one});
      buffers_.back().offset = floats;
      floats += one.floats();
    }
    arena_.assign(static_cast<size_t>(floats), kNan);
    context_.emplace(
        Context{kernels, team_, buffers_, {arena_.data(), kept_.data(), gradients_.data()}});
  }

  View view(int buffer) const {
    return {buffer, 0, buffers_[static_cast<size_t>(buffer)].planes.count};
  }
  /// Pixels [count][rows][columns], zeros around.
  void put(int buffer, const std::vector<float>& pixels) {
    const Planes planes = context_->planes(view(buffer));
    for (int64_t i = 0; i < planes.count; ++i) {
      clear_frame(planes, i);
      for (int64_t row = 0; row < planes.rows; ++row) {
        std::copy_n(pixels.data() + (i * planes.rows + row) * planes.columns, planes.columns,
                    planes.row(i, row));
      }
    }
  }
  std::vector<double> get(int buffer) const {
    std::vector<double> pixels;
    const Planes planes = context_->planes(view(buffer));
    for (int64_t i = 0; i < planes.count; ++i) {
      for (int64_t row = 0; row < planes.rows; ++row)
        pixels.insert(pixels.end(), planes.row(i, row), planes.row(i, row) + planes.columns);
    }
    return pixels;
  }
  std::vector<double> gradients() const { return {gradients_.begin(), gradients_.end()}; }

  void run(Operation&& operation, const std::vector<float>& weights = {}) {
    for (const Scratch which : {Scratch::kWork, Scratch::kParts})
      std::fill_n(scratch(which, 1 << 20), 1 << 20, kNan);
    operation.load([&](const std::string&) { return weights.data(); });
    operation.run(*context_);
  }

 private:
  std::vector<float> arena_, kept_, gradients_;
  std::vector<Buffer> buffers_;
  Team team_{1};  // this thread, whose scratch is spoilt
  std::optional<Context> context_;
};

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
double product(const std::vector<double>& a, const std::vector<float>& b) {
  return product(a, std::vector<double>(b.begin(), b.end()));
}

/// Of sums of about as many products of two normal numbers as `terms` says.
double tolerance_of(double terms) { return 1e-5 * std::sqrt(terms); }

int64_t floats_of(const Planes& planes) { return planes.count * planes.rows * planes.columns; }

/// sum over pixels of g[o] and of x[i] shifted by the tap
std::vector<double> plain_weight_gradient(const std::vector<float>& x, const std::vector<float>& g,
                                          const Planes& in, const Planes& out) {
  std::vector<double> sums(static_cast<size_t>(out.count * in.count * 9));
  for (int64_t o = 0; o < out.count; ++o)
    for (int64_t i = 0; i < in.count; ++i)
      for (int64_t tap = 0; tap < 9; ++tap)
        for (int64_t row = 0; row < in.rows; ++row)
          for (int64_t column = 0; column < in.columns; ++column) {
            const int64_t y = row + tap / 3 - 1, z = column + tap % 3 - 1;
            if (y < 0 || y >= in.rows || z < 0 || z >= in.columns) continue;
            sums[static_cast<size_t>((o * in.count + i) * 9 + tap)] +=
                static_cast<double>(
                    g[static_cast<size_t>((o * in.rows + row) * in.columns + column)]) *
                static_cast<double>(x[static_cast<size_t>((i * in.rows + y) * in.columns + z)]);
          }
  return sums;
}

template <typename Convolution, typename Gradient>
void expect_convolution_back(const Kernels& kernels, const Planes& in, const Planes& out,
                             const std::vector<float>& x, const std::vector<float>& weights,
                             const std::vector<float>& g) {
  Bench bench(kernels, {in, out, out, in}, out.count * in.count * 9);
  bench.put(0, x);
  bench.put(2, g);
  const View from = bench.view(0), to = bench.view(1), of_to = bench.view(2),
             of_from = bench.view(3);
  bench.run(Convolution(from, to, {"w"}, kernels), weights);
  bench.run(Convolution(of_to, of_from, {"w", true}, kernels), weights);
  bench.run(Gradient(from, of_to, 0, kernels));
  // <F x, g> = <x, F' g>
  const double there = product(bench.get(1), g), back = product(bench.get(3), x);
  EXPECT_NEAR(
      there, back,
      tolerance_of(9.0 * static_cast<double>(in.count) * static_cast<double>(floats_of(out))));
  const std::vector<double> expected = plain_weight_gradient(x, g, in, out);
  const std::vector<double> found = bench.gradients();
  const double tolerance = tolerance_of(static_cast<double>(in.rows * in.columns));
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(found[i], expected[i], tolerance) << i;
}

TEST_P(Engine, BothConvolutionsGoBackForAnyShapeAndSize) {
  for (int round = 0; round < 40; ++round) {
    const int64_t rows = between(1, 30), columns = between(1, 70);
    const Planes in{nullptr, between(1, 20), rows, columns};
    const Planes out{nullptr, between(1, 20), rows, columns};
    const std::vector<float> x = noise(floats_of(in)), g = noise(floats_of(out)),
                             weights = noise(out.count * in.count * 9);
    SCOPED_TRACE(fmt::format("{} -> {}, {} x {}", in.count, out.count, rows, columns));
    expect_convolution_back<Conv3x3, Conv3x3Gradient>(kernels(), in, out, x, weights, g);
    expect_convolution_back<Winograd3x3, Winograd3x3Gradient>(kernels(), in, out, x, weights, g);
  }
}

TEST_P(Engine, WeightsOfLargeImagesAreAddedUpInManyRanges) {
  const Planes in{nullptr, 9, 150, 130}, out{nullptr, 5, 150, 130};
  const std::vector<float> x = noise(floats_of(in)), g = noise(floats_of(out)),
                           weights = noise(out.count * in.count * 9);
  expect_convolution_back<Conv3x3, Conv3x3Gradient>(kernels(), in, out, x, weights, g);
  expect_convolution_back<Winograd3x3, Winograd3x3Gradient>(kernels(), in, out, x, weights, g);
}

TEST_P(Engine, UpsamplingGoesBackForAnyShapeAndSize) {
  for (int round = 0; round < 30; ++round) {
    const Planes in{nullptr, between(1, 17), between(1, 30), between(1, 40)};
    const Planes out{nullptr, between(1, 9), 2 * in.rows, 2 * in.columns};
    const std::vector<float> x = noise(floats_of(in)), g = noise(floats_of(out)),
                             weights = noise(in.count * out.count * 4);
    Bench bench(kernels(), {in, out, out, in}, in.count * out.count * 4);
    bench.put(0, x);
    bench.put(2, g);
    bench.run(Upsample(bench.view(0), bench.view(1), "w"), weights);
    bench.run(UpsampleGradient(bench.view(2), bench.view(3), bench.view(0), "w", 0), weights);
    const double there = product(bench.get(1), g);
    const double tolerance = tolerance_of(static_cast<double>(in.count * floats_of(out)));
    EXPECT_NEAR(there, product(bench.get(3), x), tolerance);
    EXPECT_NEAR(there, product(bench.gradients(), weights), tolerance);
    // Each weight by itself: the output is linear in it.
    for (int one = 0; one < 3; ++one) {
      std::vector<float> unit(weights.size());
      const auto at = static_cast<size_t>(between(0, std::ssize(weights) - 1));
      unit[at] = 1;
      bench.run(Upsample(bench.view(0), bench.view(1), "w"), unit);
      EXPECT_NEAR(product(bench.get(1), g), bench.gradients()[at],
                  tolerance_of(static_cast<double>(in.rows * in.columns)));
    }
  }
}

TEST_P(Engine, PoolingAndEdgesGoBack) {
  for (int round = 0; round < 30; ++round) {
    const Planes in{nullptr, between(1, 9), between(2, 30), between(2, 40)};
    const Planes halved{nullptr, in.count, in.rows / 2, in.columns / 2};
    const Planes extended{nullptr, in.count, in.rows + between(0, 1), in.columns + between(0, 1)};
    const std::vector<float> x = noise(floats_of(in)), before = noise(floats_of(in)),
                             g = noise(floats_of(halved)), h = noise(floats_of(extended));
    Bench bench(kernels(), {in, halved, halved, in, extended, extended, in});
    bench.put(0, x);
    bench.put(2, g);
    bench.put(3, before);
    bench.put(5, h);
    bench.run(Pool(bench.view(0), bench.view(1)));
    bench.run(PoolGradient(bench.view(2), bench.view(3)));  // adds
    const double tolerance = tolerance_of(static_cast<double>(floats_of(in)));
    EXPECT_NEAR(product(bench.get(1), g),
                product(bench.get(3), x) - product({before.begin(), before.end()}, x), tolerance);
    bench.run(Extend(bench.view(0), bench.view(4)));
    bench.run(ExtendGradient(bench.view(5), bench.view(6)));
    EXPECT_NEAR(product(bench.get(4), h), product(bench.get(6), x), tolerance);
  }
}

TEST_P(Engine, TheLastConvolutionGoesBack) {
  for (int round = 0; round < 10; ++round) {
    const Planes in{nullptr, between(1, 9), between(1, 40), between(1, 60)};
    const Planes out{nullptr, 2, in.rows, in.columns};
    const std::vector<float> x = noise(floats_of(in)), g = noise(floats_of(out)),
                             weights = noise(in.count * 2);
    Bench bench(kernels(), {in, out, in}, in.count * 2 + 2);
    bench.put(0, x);
    bench.put(1, g);
    bench.run(Conv1x1Gradient(bench.view(1), bench.view(2), "w"), weights);
    bench.run(Conv1x1WeightGradient(bench.view(0), bench.view(1), 0));
    const std::vector<double> found = bench.gradients();
    const double tolerance = tolerance_of(static_cast<double>(floats_of(in)));
    EXPECT_NEAR(product({found.begin(), found.end() - 2}, weights), product(bench.get(2), x),
                tolerance);
    const auto half = static_cast<std::ptrdiff_t>(g.size() / 2);
    EXPECT_NEAR(found[found.size() - 2], std::accumulate(g.begin(), g.begin() + half, 0.0),
                tolerance);
    EXPECT_NEAR(found.back(), std::accumulate(g.begin() + half, g.end(), 0.0), tolerance);
  }
}

/// sum of g LeakyReLU((x - mean) / deviation)
double through_norm(const std::vector<double>& x, const std::vector<float>& g) {
  double mean = 0, square = 0, sum = 0;
  const double n = static_cast<double>(x.size());
  for (const double value : x) mean += value / n;
  for (const double value : x) square += (value - mean) * (value - mean) / n;
  for (size_t i = 0; i < x.size(); ++i) {
    const double z = (x[i] - mean) / std::sqrt(square + 1e-5);
    sum += static_cast<double>(g[i]) * (z > 0 ? z : 0.2 * z);
  }
  return sum;
}

TEST_P(Engine, NormsGoBack) {
  for (int round = 0; round < 20; ++round) {
    const Planes one{nullptr, 1, between(1, 30), between(2, 50)};
    const std::vector<float> x = noise(floats_of(one)), g = noise(floats_of(one));
    // The sums that Normalise needs are left by a convolution: this one copies.
    const std::vector<float> copying = {0, 0, 0, 0, 1, 0, 0, 0, 0};
    Bench bench(kernels(), {one, one, one});
    bench.put(0, x);
    bench.put(2, g);
    bench.run(Conv3x3(bench.view(0), bench.view(1), {"w"}, kernels()), copying);
    bench.run(Normalise(bench.view(1), 3));
    bench.run(NormaliseGradient(bench.view(1), bench.view(2), 3));
    const std::vector<double> found = bench.get(2);
    for (int i = 0; i < 5; ++i) {
      constexpr double kStep = 1e-5;
      const std::vector<float> direction = noise(floats_of(one));
      std::vector<double> more(x.begin(), x.end()), less = more;
      for (size_t k = 0; k < more.size(); ++k) {
        more[k] += kStep * static_cast<double>(direction[k]);
        less[k] -= kStep * static_cast<double>(direction[k]);
      }
      const double slope = (through_norm(more, g) - through_norm(less, g)) / (2 * kStep);
      EXPECT_NEAR(slope, product(found, direction),
                  100 * tolerance_of(static_cast<double>(x.size())));
    }
  }
}

/// The image and all gradients of a slice.
std::vector<std::vector<float>> trained(const VarnetCase& one, const PlainWeights& weights,
                                        const NoiseSlice& slice, const std::vector<float>& gradient,
                                        VarnetTraining& training) {
  const Window window{2, 1, one.rows - 3, one.columns - 4};
  std::vector<std::vector<float>> all(1);
  all[0].resize(static_cast<size_t>(window.rows * window.columns));
  training.forth({slice.kspace.data(), slice.mask.data(), one.coils, one.rows, one.columns},
                 slice.acs, window, named(weights), all[0].data());
  PlainWeights gradients = weights;
  training.back(gradient.data(),
                [&](const std::string& name) { return gradients.at(name).data(); });
  for (const auto& [name, values] : gradients) all.push_back(values);
  return all;
}

TEST_P(Engine, TrainingsBitsDependOnNeitherThreadsNorMemory) {
  using Activations = VarnetTraining::Activations;
  for (const VarnetCase& one :
       {VarnetCase{{1, 3, 2, 2}, 1, 33, 40}, VarnetCase{{3, 9, 4, 4}, 3, 64, 72}}) {
    const PlainWeights weights = random_weights(one.sizes);
    const NoiseSlice slice = noise_slice(one, [this] { return normal(); });
    const std::vector<float> gradient = noise(one.rows * one.columns);
    std::vector<std::vector<float>> first;
    for (const int threads : {1, 2, 5}) {
      for (const Activations activations : {Activations::kKept, Activations::kRecomputed}) {
        VarnetTraining training(one.sizes, activations, threads, kernels());
        for (int again = 0; again < 2; ++again) {  // in memory that is another step's
          const auto found = trained(one, weights, slice, gradient, training);
          if (first.empty()) first = found;
          ASSERT_EQ(found, first) << threads << " threads";
        }
      }
    }
    for (const std::vector<float>& values : first)
      for (const float value : values) ASSERT_TRUE(std::isfinite(value));
    // The image is that of inference, to the bit.
    VarnetEngine inference(one.sizes, named(weights), 1, kernels());
    std::vector<float> image(first[0].size());
    inference.reconstruct(
        {slice.kspace.data(), slice.mask.data(), one.coils, one.rows, one.columns}, slice.acs,
        {2, 1, one.rows - 3, one.columns - 4}, image.data());
    EXPECT_EQ(image, first[0]);
  }
}

TEST_P(Engine, TrainingTakesSlicesOfOtherShapesAndMasks) {
  const challenge::VarnetSizes sizes{2, 2, 2, 2};
  const PlainWeights weights = random_weights(sizes);
  int sampled_fully = 0;
  VarnetTraining kept(sizes, VarnetTraining::Activations::kKept, 2, kernels());
  for (const auto& [coils, rows, columns] : std::vector<std::array<int64_t, 3>>{
           {3, 20, 24}, {1, 33, 17}, {4, 20, 24}, {4, 20, 24}, {2, 50, 51}}) {
    const VarnetCase one{sizes, coils, rows, columns};
    NoiseSlice slice = noise_slice(one, [this] { return normal(); });
    // The second of one shape has all columns.
    if (coils == 4 && sampled_fully++ == 1) std::ranges::fill(slice.mask, 1.F);
    const std::vector<float> gradient = noise(rows * columns);
    VarnetTraining fresh(sizes, VarnetTraining::Activations::kKept, 1, kernels());
    EXPECT_EQ(trained(one, weights, slice, gradient, kept),
              trained(one, weights, slice, gradient, fresh));
    EXPECT_NE(kept.plan_text().find("back through norm"), std::string::npos);
    EXPECT_GT(kept.memory_bytes(), 0);
  }
}

}  // namespace
}  // namespace reconproof::baseline::engine
