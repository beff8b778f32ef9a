// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// CUDA graphs on a real GPU: they compute what LibTorch computes there operation by operation.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "baseline/device.h"
#include "baseline/infer/inference.h"
#include "baseline/memory.h"
#include "baseline/model/varnet.h"
#include "baseline/train/adam.h"
#include "baseline/train/forward.h"

namespace reconproof::baseline {
namespace {

constexpr VarnetSizes kSizes{.cascades = 2, .chans = 4, .sens_chans = 3, .pools = 4};

/// Skipped without a GPU, unless one is required (`make test-gpu`).
class OnGpu : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(430);
    use_deterministic_algorithms();
    if (torch::cuda::is_available()) return;
    const char* required = std::getenv("RECONPROOF_REQUIRE_GPU");
    if (required != nullptr && std::string(required) == "1") FAIL() << "LibTorch finds no GPU";
    GTEST_SKIP() << "no GPU";
  }

  static std::shared_ptr<Network> network(const Execution& execution = {}) {
    torch::manual_seed(430);
    const std::shared_ptr<Network> made = make_network(kSizes, ImageGeometry());
    made->set_execution(execution);
    made->to(torch::kCUDA);
    return made;
  }

  static NetworkInput random_slice(int64_t coils, int64_t rows) {
    constexpr int64_t kColumns = 120;
    torch::Tensor mask = torch::zeros({kColumns});
    mask.slice(0, 0, kColumns, 4).fill_(1);
    mask.narrow(0, kColumns / 2 - 4, 8).fill_(1);
    return {torch::randn({1, coils, rows, kColumns}, torch::kComplexFloat) * mask, mask, {}};
  }

  static double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
  }
};

TEST_F(OnGpu, AGraphGivesTheImagesOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  const std::shared_ptr<Network> model = network();
  Inference by_graph(*model, torch::kCUDA, Backend::kGraph);
  std::vector<NetworkInput> slices;
  std::vector<torch::Tensor> expected;
  // More shapes than are kept, some of them in turn.
  for (int64_t n = 0; n < 10; ++n) slices.push_back(random_slice(2 + n % 3, 128 + 16 * n));
  {
    Inference by_libtorch(*model, torch::kCUDA, Backend::kLibTorch);
    for (const NetworkInput& slice : slices) expected.push_back(by_libtorch.reconstruct(slice));
  }
  for (const size_t n : {0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 0, 9, 8, 1}) {
    EXPECT_LE(largest_difference(by_graph.reconstruct(slices[n]), expected[n]), 5e-6) << n;
  }
}

TEST_F(OnGpu, AGraphGivesTheProcessorsImages) {
  const torch::NoGradGuard no_gradients;
  const std::shared_ptr<Network> there = network(), here = network();
  here->to(torch::kCPU);
  Inference by_graph(*there, torch::kCUDA, Backend::kGraph);
  Inference by_engine(*here, torch::kCPU);
  for (const int64_t rows : {200, 200, 160}) {
    const NetworkInput slice = random_slice(5, rows);
    EXPECT_LE(largest_difference(by_graph.reconstruct(slice), by_engine.reconstruct(slice)), 1e-5);
  }
}

class Trained : public OnGpu, public testing::WithParamInterface<Execution> {
 protected:
  /// Losses and norms of five steps on slices of two shapes.
  static std::vector<double> steps(Backend backend) {
    const std::shared_ptr<Network> model = network(GetParam());
    model->train();
    Adam adam(*model);
    Forward forward(*model, GetParam(), torch::kCUDA, backend);
    torch::manual_seed(1);
    std::vector<double> found;
    for (int step = 0; step < 5; ++step) {
      const NetworkInput slice = random_slice(4, step % 2 == 0 ? 160 : 192);
      const torch::Tensor target = torch::rand({1, 384, 384}), maximum = torch::ones({1});
      adam.zero_gradients();
      found.push_back(forward.accumulate(slice.pinned(), target, maximum, 0.5));
      found.push_back(adam.gradient_norm());
      adam.step(1e-3);
    }
    return found;
  }
};

TEST_P(Trained, StepsByGraphAreThoseOfLibTorch) {
  const std::vector<double> graph = steps(Backend::kGraph), libtorch = steps(Backend::kLibTorch);
  for (size_t i = 0; i < graph.size(); ++i)
    EXPECT_NEAR(graph[i], libtorch[i], 1e-4 * std::abs(libtorch[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(
    OnGpu, Trained,
    testing::Values(Execution{}, Execution{.precision = Precision::kFloat32, .recompute = true},
                    Execution{.precision = Precision::kFloat16, .recompute = false}),
    [](const auto& tested) {
      return std::string(tested.param.precision == Precision::kFloat16 ? "fp16" : "fp32") +
             (tested.param.recompute ? "_recomputed" : "");
    });

}  // namespace
}  // namespace reconproof::baseline
