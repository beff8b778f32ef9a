// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/inference.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstring>

#include "baseline/device.h"
#include "baseline/memory.h"
#include "baseline/model/varnet.h"
#include "system/error.h"
#include "tests/baseline/fake_recorder.h"

namespace reconproof::baseline {
namespace {

constexpr VarnetSizes kSmall{.cascades = 2, .chans = 4, .sens_chans = 3, .pools = 3};
constexpr UnetSizes kUnet{};

class InferenceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { meter_cpu_memory(); }
  InferenceTest() {
    torch::manual_seed(430);
    set_threads(2);
  }

  static NetworkInput random_slice(int64_t coils, int64_t rows, int64_t columns) {
    torch::Tensor mask = torch::zeros({columns});
    mask.slice(0, 0, columns, 4).fill_(1);
    mask.narrow(0, columns / 2 - 3, 6).fill_(1);
    return {torch::randn({1, coils, rows, columns}, torch::kComplexFloat) * mask, mask, {}};
  }

  static torch::Tensor image_by(Backend backend, Network& network, const NetworkInput& input) {
    return Inference(network, torch::kCPU, backend).reconstruct(input);
  }

  static double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
  }

  template <typename Work>
  static std::string failure(Work work, system::Code code) {
    try {
      work();
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  const torch::NoGradGuard no_gradients_;
};

TEST_F(InferenceTest, TheEngineGivesTheNetworksImage) {
  for (const Crop crop : {Crop::kZeroPad, Crop::kSlice}) {
    Varnet network(kSmall, 40, crop);
    // Larger than the image, of odd sizes, and smaller on one side or both.
    for (const auto& [rows, columns] : std::vector<std::pair<int64_t, int64_t>>{
             {64, 48}, {51, 77}, {33, 60}, {60, 33}, {30, 36}}) {
      const NetworkInput input = random_slice(3, rows, columns);
      const torch::Tensor expected = image_by(Backend::kLibTorch, *network, input);
      const torch::Tensor found = image_by(Backend::kAuto, *network, input);
      ASSERT_EQ(found.sizes(), expected.sizes());
      EXPECT_LE(largest_difference(found, expected), 5e-6) << rows << " x " << columns;
    }
  }
}

TEST_F(InferenceTest, WhatTheEngineCannotDoLibTorchDoes) {
  // Python's slice of a smaller image has other sizes; a single value has no deviation.
  Varnet slicing(kSmall, 40, Crop::kSlice);
  const NetworkInput narrow = random_slice(2, 64, 32);
  EXPECT_TRUE(torch::equal(image_by(Backend::kAuto, *slicing, narrow),
                           image_by(Backend::kLibTorch, *slicing, narrow)));
  EXPECT_NE(
      failure([&] { image_by(Backend::kEngine, *slicing, narrow); }, system::Code::kUnsupported)
          .find("64 x 32 pixels"),
      std::string::npos);
  Varnet deep(VarnetSizes{.cascades = 1, .chans = 2, .sens_chans = 2, .pools = 4}, 16,
              Crop::kZeroPad);
  const NetworkInput tiny = random_slice(2, 16, 16);
  EXPECT_TRUE(torch::equal(image_by(Backend::kAuto, *deep, tiny),
                           image_by(Backend::kLibTorch, *deep, tiny)));
  const NetworkInput two_values = random_slice(2, 16, 17);
  EXPECT_LE(largest_difference(image_by(Backend::kEngine, *deep, two_values),
                               image_by(Backend::kLibTorch, *deep, two_values)),
            1e-3);  // of two values the deviation may be next to nothing

  Varnet half(kSmall, 40, Crop::kZeroPad);
  half->set_execution({Precision::kBfloat16, false});
  const NetworkInput input = random_slice(2, 48, 48);
  EXPECT_TRUE(torch::equal(image_by(Backend::kAuto, *half, input),
                           image_by(Backend::kLibTorch, *half, input)));
  failure([&] { image_by(Backend::kEngine, *half, input); }, system::Code::kUnsupported);

  const std::shared_ptr<Network> unet = make_network(kUnet, {32, Crop::kZeroPad});
  unet->eval();
  const NetworkInput image{{}, {}, torch::rand({1, 32, 32})};
  EXPECT_TRUE(torch::equal(image_by(Backend::kAuto, *unet, image), unet->reconstruct(image)));
  failure([&] { image_by(Backend::kEngine, *unet, image); }, system::Code::kUnsupported);
}

TEST_F(InferenceTest, TheWeightsAreThoseOfTheNetworkNow) {
  Varnet network(kSmall, 40, Crop::kZeroPad);
  const NetworkInput input = random_slice(2, 48, 48);
  const torch::Tensor before = image_by(Backend::kEngine, *network, input);
  for (torch::Tensor& weights : network->parameters()) weights.mul_(1.5);
  EXPECT_FALSE(torch::equal(image_by(Backend::kEngine, *network, input), before));
  EXPECT_LE(largest_difference(image_by(Backend::kEngine, *network, input),
                               image_by(Backend::kLibTorch, *network, input)),
            2e-5);
}

TEST_F(InferenceTest, OneThreadOrMoreTheSameBits) {
  Varnet network(kSmall, 40, Crop::kZeroPad);
  const NetworkInput input = random_slice(3, 50, 44);
  const torch::Tensor of_two = image_by(Backend::kEngine, *network, input);
  set_threads(1);
  EXPECT_TRUE(torch::equal(image_by(Backend::kEngine, *network, input), of_two));
}

TEST_F(InferenceTest, TheEnginesMemoryIsCountedAndLimited) {
  Varnet network(kSmall, 40, Crop::kZeroPad);
  const NetworkInput input = random_slice(4, 64, 64);
  reset_peak_memory(torch::kCPU);
  const int64_t before = peak_memory(torch::kCPU).value();
  {
    Inference inference(*network, torch::kCPU, Backend::kEngine);
    inference.reconstruct(input);
    // Maps and images of four coils are not the half of it.
    EXPECT_GE(peak_memory(torch::kCPU).value() - before, 2 * 4 * 64 * 64 * 8);
  }
  reset_peak_memory(torch::kCPU);
  EXPECT_LE(peak_memory(torch::kCPU).value(), before);

  limit_cpu_memory(before + 200'000);
  try {
    image_by(Backend::kEngine, *network, input);
    ADD_FAILURE() << "no limit";
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
  }
  limit_cpu_memory(0);
}

TEST_F(InferenceTest, FreedTensorsGiveTheirMemoryToTheNextOfTheirSize) {
  const auto fresh_pages = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
  };
  const auto use = [](int64_t floats) {
    const torch::Tensor tensor = torch::empty({floats});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data_ptr<float>()) % 64, 0U) << floats;
    std::memset(tensor.data_ptr<float>(), 1, tensor.nbytes());
  };
  for (const int64_t floats : {1, 7, 1000, 20'000, 1'000'000}) {
    for (int i = 0; i < 5; ++i) use(floats);
    const auto before = fresh_pages();
    for (int i = 0; i < 100; ++i) use(floats);
    EXPECT_LT(fresh_pages() - before, 100) << floats;  // not one a tensor
  }
}

TEST_F(InferenceTest, NamesOfBackends) {
  EXPECT_EQ(backend_of("auto"), Backend::kAuto);
  EXPECT_EQ(backend_of("engine"), Backend::kEngine);
  EXPECT_EQ(backend_of("libtorch"), Backend::kLibTorch);
  EXPECT_EQ(backend_of("graph"), Backend::kGraph);
  EXPECT_NE(failure([] { backend_of("cuda"); }, system::Code::kUsage)
                .find("expected auto, engine, libtorch or graph"),
            std::string::npos);
}

TEST_F(InferenceTest, AForwardPassIsRecordedOnceForEachShape) {
  Varnet network(kSmall, 40, Crop::kZeroPad);
  FakeRecorder::Counts counts;
  const auto recorded =
      recorded_forward(*network, torch::kCPU, std::make_unique<FakeRecorder>(counts));
  const auto expect = [&](const NetworkInput& input, int times_recorded) {
    const torch::Tensor before = input.kspace.clone();
    const torch::Tensor image = recorded->run(input);
    EXPECT_TRUE(torch::equal(image, network->reconstruct(input)));
    EXPECT_TRUE(torch::equal(input.kspace, before));
    EXPECT_EQ(counts.recorded, times_recorded);
    return image;
  };
  const torch::Tensor first = expect(random_slice(3, 48, 44), 1);
  const torch::Tensor kept = first.clone();
  expect(random_slice(3, 48, 44), 1);
  EXPECT_TRUE(torch::equal(first, kept));  // no later slice writes into an image that was given
  expect(random_slice(2, 48, 44), 2);
  NetworkInput wider = random_slice(3, 48, 44);  // other columns in the middle: another ACS
  wider.mask.narrow(0, 18, 8).fill_(1);
  expect(wider, 2);
  EXPECT_EQ(counts.replayed, 4);
}

TEST_F(InferenceTest, ShapesInTurnDoNotHaveEachOtherRecordedAgainAndAgain) {
  Varnet network(kSmall, 40, Crop::kZeroPad);
  FakeRecorder::Counts counts;
  const auto recorded =
      recorded_forward(*network, torch::kCPU, std::make_unique<FakeRecorder>(counts));
  const auto expect = [&](int64_t rows, int times_recorded, int times_replayed) {
    const NetworkInput input = random_slice(2, rows, 44);
    EXPECT_TRUE(torch::equal(recorded->run(input), network->reconstruct(input)));
    EXPECT_EQ(counts.recorded, times_recorded) << rows;
    EXPECT_EQ(counts.replayed, times_replayed) << rows;
  };
  for (int n = 1; n <= 8; ++n) expect(40 + 2 * n, n, n);
  expect(60, 8, 8);  // full: it runs as it is
  expect(42, 8, 9);  // and puts nothing out
  expect(62, 8, 9);
  expect(60, 8, 9);
  expect(60, 9, 10);  // a second time in a row: in the place of what was not used for longest, 44
  expect(42, 9, 11);
  expect(44, 9, 11);
}

TEST_F(InferenceTest, CoilsThatPassInTurnTakeLessMemoryAndGiveTheSameImage) {
  constexpr VarnetSizes kWide{.cascades = 1, .chans = 2, .sens_chans = 4, .pools = 2};
  Varnet network(kWide, 384, Crop::kZeroPad);
  const NetworkInput slice = random_slice(7, 384, 96);
  const auto reconstructed = [&](int64_t coils, int64_t& peak) {
    network->set_coils_at_once(coils);
    reset_peak_memory(torch::kCPU);
    const int64_t before = *peak_memory(torch::kCPU);
    const torch::Tensor image = network->reconstruct(slice);
    peak = *peak_memory(torch::kCPU) - before;
    return image;
  };
  int64_t all = 0, three = 0, training = 0;
  const torch::Tensor expected = reconstructed(0, all);
  EXPECT_LE((reconstructed(3, three) - expected).abs().max().item<float>(),
            1e-6 * expected.max().item<float>());
  EXPECT_LT(three, 0.7 * static_cast<double>(all));
  const torch::AutoGradMode gradients(true);
  EXPECT_TRUE(torch::equal(reconstructed(3, training), expected));  // a way back takes them all
}

TEST_F(InferenceTest, AnErrorWhileRecordingLeavesNoPlaceBehind) {
  Varnet network(kSmall, 40, Crop::kZeroPad);
  FakeRecorder::Counts counts;
  const auto recorded =
      recorded_forward(*network, torch::kCPU, std::make_unique<FakeRecorder>(counts));
  const NetworkInput slice = random_slice(2, 48, 44);
  counts.fail = true;
  EXPECT_THROW(recorded->run(slice), std::runtime_error);
  counts.fail = false;
  EXPECT_TRUE(torch::equal(recorded->run(slice), network->reconstruct(slice)));
}

TEST_F(InferenceTest, GraphsNeedAGpu) {
  if (cuda_graph_recorder()) GTEST_SKIP() << "there is one: make test-gpu looks at it";
  Varnet network(kSmall, 40, Crop::kZeroPad);
  EXPECT_NE(failure([&] { Inference(*network, torch::kCPU, Backend::kGraph); },
                    system::Code::kUnsupported)
                .find("--backend graph: records VarNets on an NVIDIA GPU"),
            std::string::npos);
}

}  // namespace
}  // namespace reconproof::baseline
