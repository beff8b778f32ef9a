// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The engine against the definition in float64, with the kernels of every instruction set that this
// processor has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "baseline/engine/choice.h"
#include "baseline/engine/operations/conv3x3.h"
#include "baseline/engine/operations/winograd3x3.h"
#include "baseline/engine/varnet_engine.h"
#include "system/error.h"
#include "tests/engine/fixture.h"

namespace reconproof::baseline::engine {
namespace {

ComplexImage complex_of(const std::vector<float>& re, const std::vector<float>& im) {
  ComplexImage image;
  for (size_t i = 0; i < re.size(); ++i)
    image.emplace_back(static_cast<double>(re[i]), static_cast<double>(im[i]));
  return image;
}

double largest(const ComplexImage& image) {
  double most = 0;
  for (const auto& pixel : image) most = std::max(most, std::abs(pixel));
  return most;
}

TEST_P(Engine, FourierIsTheSumThatDefinesIt) {
  const int64_t lanes = kernels().lanes;
  for (const int64_t n : {1, 2, 3, 4, 5, 6, 7, 8, 11, 15, 16, 20, 23, 36, 49, 97, 120, 128}) {
    for (const int sign : {-1, 1}) {
      std::vector<float> values = noise(n * 2 * lanes), scratch(values.size());
      const std::vector<float> given = values;
      const Fourier fourier(n, sign > 0, kernels());
      ASSERT_EQ(fourier.floats(), std::ssize(values));
      const float* found = fourier.run(values.data(), scratch.data());
      for (int64_t lane = 0; lane < lanes; ++lane) {
        for (int64_t k = 0; k < n; ++k) {
          std::complex<double> sum = 0;
          for (int64_t i = 0; i < n; ++i) {
            const auto at = static_cast<size_t>(2 * i * lanes + lane);
            sum +=
                std::complex<double>(static_cast<double>(given[at]),
                                     static_cast<double>(given[at + static_cast<size_t>(lanes)])) *
                std::polar(
                    1.0, sign * 2 * M_PI * static_cast<double>(i * k % n) / static_cast<double>(n));
          }
          const double scale = 1e-6 * std::sqrt(static_cast<double>(n)) * 4;
          ASSERT_NEAR(static_cast<double>(found[2 * k * lanes + lane]), sum.real(), scale) << n;
          ASSERT_NEAR(static_cast<double>(found[(2 * k + 1) * lanes + lane]), sum.imag(), scale)
              << n;
        }
      }
    }
  }
}

TEST_P(Engine, SampledColumnsAreThoseOfTheCentredTransform) {
  for (int round = 0; round < 12; ++round) {
    const int64_t rows = between(1, 40), columns = between(1, 40);
    std::vector<int64_t> sampled;
    for (int64_t i = 0; i < columns; ++i)
      if (between(0, 2) > 0) sampled.push_back(i);
    const int64_t begin = between(0, columns), end = between(begin, columns);
    std::vector<std::complex<float>> kspace;
    for (int64_t i = 0; i < rows * columns; ++i) kspace.emplace_back(normal(), normal());
    ComplexImage some(kspace.size());
    for (const int64_t column : sampled)
      for (int64_t row = 0; row < rows; ++row) {
        const auto at = static_cast<size_t>(row * columns + column);
        if (column >= begin && column < end) some[at] = kspace[at];
      }
    const SampledFourier fourier(rows, columns, sampled, kernels());
    std::vector<float> coil(static_cast<size_t>(fourier.columns_floats()));
    std::vector<float> scratch(static_cast<size_t>(fourier.scratch_floats()));
    fourier.gather(kspace.data(), coil.data());
    const std::vector<float> measured = coil;
    fourier.inverse_columns(coil.data(), scratch.data());
    std::vector<float> re = noise(rows * columns), im = noise(rows * columns);
    const std::vector<float> re_before = re, im_before = im;
    fourier.to_image(coil.data(), begin, end, SampledFourier::Write::kSubtract, re.data(),
                     im.data(), scratch.data());
    const ComplexImage expected = centred_transform(some, rows, columns, 1);
    const ComplexImage found = complex_of(re, im), before = complex_of(re_before, im_before);
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_LT(std::abs(before[i] - expected[i] - found[i]), 1e-5) << rows << " x " << columns;

    // And back: of all columns.
    fourier.to_image(coil.data(), 0, columns, SampledFourier::Write::kAssign, re.data(), im.data(),
                     scratch.data());
    fourier.from_image(re.data(), im.data(), coil.data(), scratch.data());
    fourier.forward_columns(coil.data(), scratch.data());
    for (size_t i = 0; i < coil.size(); ++i)
      ASSERT_NEAR(coil[i] * fourier.scale(), measured[i], 1e-5F) << rows << " x " << columns;
  }
}

/// The sum over a channel's pixels of what the definition gives, and of its square.
struct Moments {
  double sum = 0, square = 0;
};

/// x [inputs][rows][columns], zeros around; weights [outputs][inputs][3][3].
std::vector<double> plain_conv3x3(const std::vector<float>& x, const std::vector<float>& weights,
                                  int64_t inputs, int64_t outputs, int64_t rows, int64_t columns) {
  std::vector<double> out;
  const auto value = [](const std::vector<float>& of, int64_t at) {
    return static_cast<double>(of[static_cast<size_t>(at)]);
  };
  for (int64_t at = 0; at < outputs * rows * columns; ++at) {
    const int64_t o = at / (rows * columns), row = at / columns % rows, column = at % columns;
    double sum = 0;
    for (int64_t i = 0; i < inputs; ++i) {
      for (int64_t tap = 0; tap < 9; ++tap) {
        const int64_t y = row + tap / 3 - 1, z = column + tap % 3 - 1;
        if (y < 0 || y >= rows || z < 0 || z >= columns) continue;
        sum += value(x, (i * rows + y) * columns + z) * value(weights, (o * inputs + i) * 9 + tap);
      }
    }
    out.push_back(sum);
  }
  return out;
}

/// Memory of the planes beside `x` and the result is not zero: whoever reads it, shows.
template <typename Convolution>
void expect_convolution(const Kernels& kernels, const std::vector<float>& x,
                        const std::vector<float>& weights, int64_t inputs, int64_t outputs,
                        int64_t rows, int64_t columns) {
  std::vector<Buffer> buffers = {{"in", {nullptr, inputs, rows, columns}},
                                 {"out", {nullptr, outputs, rows, columns}}};
  buffers[0].offset = 0, buffers[1].offset = buffers[0].planes.floats();
  std::vector<float> arena(
      static_cast<size_t>(buffers[0].planes.floats() + buffers[1].planes.floats()), 1e20F);
  Team team(2);
  Context context{kernels, team, buffers, {arena.data()}};
  const View in{0, 0, inputs}, out{1, 0, outputs};
  const Planes from = context.planes(in), to = context.planes(out);
  for (int64_t i = 0; i < inputs; ++i) {
    clear_frame(from, i);
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(x.data() + (i * rows + row) * columns, columns, from.row(i, row));
  }
  Convolution convolution(in, out, {"weights"}, kernels);
  convolution.load([&](const std::string&) { return weights.data(); });
  for (int run = 0; run < 2; ++run) {
    context.sums.assign(static_cast<size_t>(outputs), 0);
    context.squares.assign(static_cast<size_t>(outputs), 0);
    convolution.run(context);
  }
  const std::vector<double> expected = plain_conv3x3(x, weights, inputs, outputs, rows, columns);
  const double tolerance = 3e-6 * std::sqrt(9.0 * static_cast<double>(inputs)) * 4;
  for (int64_t o = 0; o < outputs; ++o) {
    Moments moments;
    for (int64_t at = 0; at < rows * columns; ++at) {
      const double wanted = expected[static_cast<size_t>(o * rows * columns + at)];
      const double found = static_cast<double>(to.row(o, at / columns)[at % columns]);
      ASSERT_NEAR(found, wanted, tolerance) << "channel " << o << ", pixel " << at;
      moments.sum += wanted;
      moments.square += wanted * wanted;
    }
    const double pixels = static_cast<double>(rows * columns);
    EXPECT_NEAR(context.sums[static_cast<size_t>(o)], moments.sum, pixels * tolerance);
    EXPECT_NEAR(context.squares[static_cast<size_t>(o)], moments.square,
                1e-5 * moments.square + tolerance);
  }
}

TEST_P(Engine, BothConvolutionsOfAnyShapeAndSize) {
  for (int round = 0; round < 40; ++round) {
    const int64_t inputs = between(1, 20), outputs = between(1, 20);
    const int64_t rows = between(1, 30), columns = between(1, 70);
    const std::vector<float> x = noise(inputs * rows * columns),
                             weights = noise(outputs * inputs * 9);
    SCOPED_TRACE(fmt::format("{} -> {}, {} x {}", inputs, outputs, rows, columns));
    expect_convolution<Conv3x3>(kernels(), x, weights, inputs, outputs, rows, columns);
    expect_convolution<Winograd3x3>(kernels(), x, weights, inputs, outputs, rows, columns);
  }
}

TEST(Winograd, IsForMoreThanAFewChannels) {
  EXPECT_FALSE(Winograd3x3::is_faster(2, 4));
  EXPECT_FALSE(Winograd3x3::is_faster(9, 1));
  EXPECT_TRUE(Winograd3x3::is_faster(8, 8));
  EXPECT_TRUE(Winograd3x3::is_faster(64, 32));
}

TEST_P(Engine, UnetOfAnyShapeAndSize) {
  for (int round = 0; round < 10; ++round) {
    const int64_t chans = between(1, 9), pools = between(1, 5);
    const int64_t rows = between((int64_t{1} << pools) / 2 + 17, 50), columns = between(17, 50);
    if (((rows + 15) / 16 * 16) >> pools < 2 || ((columns + 15) / 16 * 16) >> pools < 2) continue;
    const challenge::VarnetSizes sizes{1, chans, 1, pools};
    const PlainWeights weights = random_weights(sizes);
    const std::string prefix = "cascades.0.model.unet.";
    UnetEngine engine({chans, pools, rows, columns}, prefix, kernels());
    engine.load(named(weights));
    const std::vector<float> re = noise(rows * columns), im = noise(rows * columns);
    const ComplexImage expected =
        plain_unet(complex_of(re, im), rows, columns, chans, pools, weights, prefix);
    // Exactly as large as asked for, and full of what others left there.
    std::vector<float> workspace(static_cast<size_t>(engine.scratch_floats()), 1e30F);
    std::vector<float> out_re(re.size()), out_im(re.size());
    Team team(static_cast<int>(between(1, 3)));
    engine.run({re.data(), im.data()}, {out_re.data(), out_im.data()}, {workspace.data()}, team);
    const ComplexImage found = complex_of(out_re, out_im);
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_LT(std::abs(found[i] - expected[i]), 2e-5 * largest(expected))
          << chans << " chans, " << pools << " pools, " << rows << " x " << columns;
  }
}

TEST_P(Engine, VarnetOfSeveralCascades) {
  for (const VarnetCase& one :
       {VarnetCase{{1, 3, 2, 1}, 3, 20, 24}, VarnetCase{{2, 2, 2, 2}, 4, 19, 21},
        VarnetCase{{3, 4, 1, 1}, 2, 16, 33}}) {
    PlainWeights weights = random_weights(one.sizes);
    const NoiseSlice slice = noise_slice(one, [this] { return normal(); });
    const std::vector<double> expected =
        plain_varnet(one.sizes, weights, slice.coils, slice.mask, one.rows, one.columns,
                     slice.acs.begin, slice.acs.end);
    const double most = *std::ranges::max_element(expected);
    VarnetEngine engine(one.sizes, named(weights), 2, kernels());
    const Window window{2, 3, one.rows - 5, one.columns - 4};
    std::vector<float> found(static_cast<size_t>(window.rows * window.columns));
    for (int again = 0; again < 2; ++again) {
      engine.reconstruct({slice.kspace.data(), slice.mask.data(), one.coils, one.rows, one.columns},
                         slice.acs, window, found.data());
      for (int64_t row = 0; row < window.rows; ++row) {
        for (int64_t column = 0; column < window.columns; ++column) {
          const size_t at =
              static_cast<size_t>((window.top + row) * one.columns + window.left + column);
          // Where all maps are near 0, their own error is divided by their size.
          ASSERT_NEAR(
              static_cast<double>(found[static_cast<size_t>(row * window.columns + column)]),
              expected[at], 2e-4 * most)
              << one.coils << " x " << one.rows << " x " << one.columns << " at " << row << ", "
              << column;
        }
      }
    }
  }
}

TEST_P(Engine, BitsDoNotDependOnThreads) {
  const VarnetCase one{{2, 9, 4, 4}, 3, 64, 72};
  const PlainWeights weights = random_weights(one.sizes);
  const NoiseSlice slice = noise_slice(one, [this] { return normal(); });
  std::vector<float> first, found(static_cast<size_t>(one.rows * one.columns));
  for (const int threads : {1, 2, 5}) {
    VarnetEngine engine(one.sizes, named(weights), threads, kernels());
    engine.reconstruct({slice.kspace.data(), slice.mask.data(), one.coils, one.rows, one.columns},
                       slice.acs, {0, 0, one.rows, one.columns}, found.data());
    if (first.empty()) first = found;
    EXPECT_EQ(found, first) << threads << " threads";
  }
}

TEST_P(Engine, PlacesInMemoryDoNotMatter) {
  const VarnetCase one{{2, 3, 2, 2}, 2, 21, 27};
  const PlainWeights weights = random_weights(one.sizes);
  const NoiseSlice slice = noise_slice(one, [this] { return normal(); });
  const Window window{1, 2, one.rows - 2, one.columns - 5};
  const auto pixels = static_cast<size_t>(window.rows * window.columns);
  std::vector<float> first;
  for (const size_t offset : {size_t{0}, size_t{1}, size_t{3}}) {
    std::vector<std::complex<float>> kspace(slice.kspace.size() + offset);
    std::ranges::copy(slice.kspace, kspace.begin() + static_cast<std::ptrdiff_t>(offset));
    std::vector<float> mask(slice.mask.size() + offset), out(pixels + offset);
    std::ranges::copy(slice.mask, mask.begin() + static_cast<std::ptrdiff_t>(offset));
    VarnetEngine engine(one.sizes, named(weights), 1, kernels());
    engine.reconstruct(
        {kspace.data() + offset, mask.data() + offset, one.coils, one.rows, one.columns}, slice.acs,
        window, out.data() + offset);
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(offset));
    if (first.empty()) first = out;
    EXPECT_EQ(out, first) << offset;
  }
}

/// Numbers below the least normal one here and there, and all so small that their squares are such
/// numbers. (Where all are, the definition in float32 divides 0 by 0.)
TEST_P(Engine, DenormalInputIsAsAnyOther) {
  const VarnetCase one{{1, 3, 2, 1}, 2, 20, 24};
  PlainWeights weights = random_weights(one.sizes);
  for (const float scale : {1.F, 3e-19F}) {
    NoiseSlice slice = noise_slice(one, [this] { return normal(); });
    for (size_t i = 0; i < slice.kspace.size(); ++i) {
      slice.kspace[i] *= scale == 1 && i % 5 == 0 ? 1e-39F : scale;
      const size_t pixels = slice.coils[0].size();
      slice.coils[i / pixels][i % pixels] = slice.kspace[i];
    }
    const std::vector<double> expected =
        plain_varnet(one.sizes, weights, slice.coils, slice.mask, one.rows, one.columns,
                     slice.acs.begin, slice.acs.end);
    const double most = *std::ranges::max_element(expected);
    VarnetEngine engine(one.sizes, named(weights), 1, kernels());
    std::vector<float> found(expected.size());
    engine.reconstruct({slice.kspace.data(), slice.mask.data(), one.coils, one.rows, one.columns},
                       slice.acs, {0, 0, one.rows, one.columns}, found.data());
    const double tolerance = scale == 1 ? 2e-4 : 2e-2;  // such numbers have few digits
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(static_cast<double>(found[i]), expected[i], tolerance * most)
          << scale << ", " << i;
  }
}

TEST_P(Engine, TransposesWholeVectors) {
  const auto lanes = static_cast<size_t>(kernels().lanes);
  const std::vector<float> given = noise(static_cast<int64_t>(lanes * lanes) + 1);
  std::vector<float> found(lanes * lanes);
  std::vector<const float*> in;
  std::vector<float*> out;
  for (size_t i = 0; i < lanes; ++i) {
    in.push_back(given.data() + 1 + i * lanes);  // aligned to nothing
    out.push_back(found.data() + i * lanes);
  }
  kernels().transpose(in.data(), out.data());
  for (size_t i = 0; i < lanes; ++i)
    for (size_t k = 0; k < lanes; ++k) ASSERT_EQ(found[i * lanes + k], in[k][i]);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Engine, testing::ValuesIn(usable_kernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

TEST(Kernels, AreChosenByNameOrBest) {
  ::unsetenv("RECONPROOF_ISA");
  EXPECT_EQ(&best_kernels(), usable_kernels().back());
  ::setenv("RECONPROOF_ISA", "portable", 1);
  EXPECT_STREQ(best_kernels().name, "portable");
  ::setenv("RECONPROOF_ISA", "mmx", 1);
  try {
    best_kernels();
    ADD_FAILURE();
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kUsage);
    EXPECT_NE(std::string(error.what())
                  .find("RECONPROOF_ISA is 'mmx'; this processor and program have portable"),
              std::string::npos)
        << error.what();
  }
  ::unsetenv("RECONPROOF_ISA");
}

TEST(Team, DoesEveryTaskOnce) {
  Team team(4);
  for (const int64_t tasks : {0, 1, 3, 1000}) {
    for (int round = 0; round < 50; ++round) {
      std::vector<std::atomic<int>> done(static_cast<size_t>(tasks));
      team.run(tasks, [&](int64_t task, int worker) {
        EXPECT_LT(worker, 4);
        ++done[static_cast<size_t>(task)];
      });
      for (const auto& count : done) ASSERT_EQ(count, 1);
    }
  }
}

TEST(Buffers, ChannelsThatLiveTogetherLieApart) {
  std::mt19937 generator(1);
  const auto number = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(generator);
  };
  for (int round = 0; round < 100; ++round) {
    std::vector<Buffer> buffers;
    int64_t sum = 0;
    for (int i = 0; i < 12; ++i) {
      const Planes planes = {nullptr, number(1, 9), number(1, 30), number(1, 30)};
      buffers.push_back({"", planes, std::vector<Life>(static_cast<size_t>(planes.count))});
      // Channels in front and behind, some of which nobody uses.
      const int front = number(0, static_cast<int>(planes.count));
      const int begins[] = {number(0, 20), number(-1, 20)};
      for (int channel = 0; channel < planes.count; ++channel) {
        const int first = begins[channel < front ? 0 : 1];
        if (first >= 0) buffers.back().lives[channel] = {first, first + number(0, 1) * 5};
      }
      sum += planes.floats() + 16;
    }
    std::vector<Buffer*> pointers;
    for (Buffer& buffer : buffers) pointers.push_back(&buffer);
    const int64_t all = place_buffers(pointers);
    EXPECT_LE(all, sum);
    struct Plane {
      int64_t begin, end;
      Life life;
    };
    std::vector<Plane> planes;
    for (const Buffer& buffer : buffers) {
      ASSERT_EQ(buffer.offset % kAlignment, 0);
      ASSERT_LE(buffer.offset + buffer.planes.floats(), all);
      for (int64_t channel = 0; channel < buffer.planes.count; ++channel) {
        const int64_t begin = buffer.offset + channel * buffer.planes.plane_floats();
        const Life& life = buffer.lives[static_cast<size_t>(channel)];
        if (life.first >= 0) planes.push_back({begin, begin + buffer.planes.plane_floats(), life});
      }
    }
    for (size_t a = 0; a < planes.size(); ++a) {
      for (size_t b = 0; b < a; ++b) {
        const bool overlap = planes[a].begin < planes[b].end && planes[b].begin < planes[a].end;
        ASSERT_FALSE(overlap && planes[a].life.meets(planes[b].life));
      }
    }
  }
}

/// The memory of the joined channels' front, which are made last, is others' until then.
TEST(Buffers, LieInTheFrontOfOneThatIsNotMadeYet) {
  const Planes joined = {nullptr, 8, 20, 20}, low = {nullptr, 4, 20, 20};
  Buffer joint{"joint", joined, {}}, early{"early", low, std::vector<Life>(4, Life{1, 2})};
  joint.lives.assign(4, Life{3, 4});
  joint.lives.insert(joint.lives.end(), 4, Life{0, 4});
  EXPECT_EQ(place_buffers({&joint, &early}), joined.floats());
  early.lives[3].last = 3;  // the front is there then
  EXPECT_GT(place_buffers({&joint, &early}), joined.floats());
}

}  // namespace
}  // namespace reconproof::baseline::engine
