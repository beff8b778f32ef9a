// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Gradients of the first training step: against a plain network in double precision, and with
// gradient checkpointing.
#include <gtest/gtest.h>
#include <torch/types.h>

#include "baseline/data/volume.h"
#include "baseline/device.h"
#include "baseline/memory.h"
#include "baseline/model/precision.h"
#include "baseline/model/ssim_loss.h"
#include "baseline/model/varnet.h"
#include "baseline/train/memory_advice.h"
#include "system/error.h"
#include "tests/baseline/plain_varnet.h"

namespace reconproof::baseline {
namespace {

namespace fs = std::filesystem;
using Gradients = std::map<std::string, torch::Tensor>;

constexpr VarnetSizes kGoldenSizes{.cascades = 2, .chans = 4, .sens_chans = 2, .pools = 4};

class GradientTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { meter_cpu_memory(); }
  GradientTest() { set_threads(1); }

  Sample sample(int64_t index = 0) {
    PairedDataset data({fs::path(RECONPROOF_TEST_DATA) / "varnet/train"}, {384, Crop::kZeroPad},
                       Domain::kKspace);
    return data.load(index);
  }

  Varnet network(const VarnetSizes& sizes) {
    torch::manual_seed(430);
    return Varnet(sizes, 384, Crop::kZeroPad);
  }

  /// Of a step on `sample`; `peak` receives the most bytes that tensors held beyond what was there.
  Gradients gradients(Varnet& model, const Sample& sample, int64_t* peak = nullptr) {
    model->zero_grad();
    reset_peak_memory(torch::kCPU);
    const int64_t before = *peak_memory(torch::kCPU);
    const torch::Tensor output = model->reconstruct(sample.input);
    const torch::Tensor loss = ssim_loss(output, sample.target, sample.maximum);
    loss_ = loss.item<double>();
    loss.backward();
    if (peak != nullptr) *peak = *peak_memory(torch::kCPU) - before;
    Gradients all;
    for (const auto& item : model->named_parameters())
      all[item.key()] = item.value().grad().detach().clone();
    return all;
  }

  double loss_ = 0;
};

/// |a - b| / |b| over all values; 0 for two that are 0 (the first cascade's data consistency does
/// nothing, since it begins with the measured k-space).
double relative_distance(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor x = a.to(torch::kDouble), y = b.to(torch::kDouble);
  if (torch::equal(x, y)) return 0;
  return ((x - y).norm() / y.norm()).item<double>();
}

double relative_distance(const Gradients& a, const Gradients& b) {
  double square = 0, norm = 0;
  for (const auto& [name, value] : b) {
    const torch::Tensor y = value.to(torch::kDouble);
    square += (a.at(name).to(torch::kDouble) - y).square().sum().item<double>();
    norm += y.square().sum().item<double>();
  }
  return std::sqrt(square / norm);
}

TEST_F(GradientTest, FirstStepAgreesWithAPlainNetworkInDoublePrecision) {
  const Sample s = sample();
  Varnet model = network(kGoldenSizes);
  const Gradients found = gradients(model, s);

  std::map<std::string, torch::Tensor> weights;
  for (const auto& item : model->named_parameters())
    weights[item.key()] = item.value().detach().to(torch::kDouble).requires_grad_();
  const Acs acs = find_acs(s.input.mask);
  const torch::Tensor output =
      plain_varnet(weights, kGoldenSizes, s.input.kspace[0].to(torch::kComplexDouble),
                   s.input.mask.to(torch::kDouble), acs.begin, acs.end, 384);
  const torch::Tensor loss =
      plain_ssim_loss(output, s.target[0].to(torch::kDouble), s.maximum.item<double>());
  loss.backward();
  EXPECT_NEAR(loss_, loss.item<double>(), 1e-6 * loss.item<double>());
  Gradients expected;
  for (const auto& [name, value] : weights) expected[name] = value.grad();
  EXPECT_LE(relative_distance(found, expected), 1e-5);
  double worst = 0;
  for (const auto& [name, value] : expected) {
    const double distance = relative_distance(found.at(name), value);
    EXPECT_LE(distance, 1e-4) << name;
    worst = std::max(worst, distance);
  }
  RecordProperty("worst_tensor", std::to_string(worst));
  RecordProperty("all", std::to_string(relative_distance(found, expected)));
}

TEST_F(GradientTest, CheckpointingSparesMemoryAndKeepsGradients) {
  const Sample s = sample();
  Varnet model = network({.cascades = 4, .chans = 9, .sens_chans = 4, .pools = 4});
  int64_t plain_peak = 0, spared_peak = 0;
  const Gradients plain = gradients(model, s, &plain_peak);
  const double plain_loss = loss_;
  model->set_execution({.precision = Precision::kFloat32, .recompute = true});
  const Gradients spared = gradients(model, s, &spared_peak);
  EXPECT_NEAR(loss_, plain_loss, 1e-6 * plain_loss);
  const Gradients again = gradients(model, s);
  EXPECT_LE(spared_peak, 0.6 * plain_peak);
  EXPECT_LE(relative_distance(spared, plain), 1e-6);
  for (const auto& [name, value] : spared) EXPECT_TRUE(torch::equal(value, again.at(name))) << name;
  RecordProperty("peak_share", std::to_string(static_cast<double>(spared_peak) / plain_peak));
}

TEST_F(GradientTest, LowerPrecisionStaysNearAndChangesOnlyTheUnets) {
  try {
    require_precision(Precision::kBfloat16, torch::kCPU);
  } catch (const system::Error& refused) {  // no AVX-512: said before the first step, not in it
    EXPECT_EQ(refused.code(), system::Code::kUnsupported);
    return;
  }
  const Sample s = sample();
  Varnet model = network(kGoldenSizes);
  const Gradients full = gradients(model, s);
  const double full_loss = loss_;
  model->set_execution({.precision = Precision::kBfloat16, .recompute = false});
  const Gradients lower = gradients(model, s);
  EXPECT_NE(loss_, full_loss);
  EXPECT_NEAR(loss_, full_loss, 0.02 * full_loss);
  for (const auto& [name, value] : lower) {
    EXPECT_EQ(value.scalar_type(), torch::kFloat) << name;
    EXPECT_TRUE(torch::isfinite(value).all().item<bool>()) << name;
  }
}

TEST(MemoryAdvice, NamesWhatFits) {
  const VarnetSizes sizes{.cascades = 8, .chans = 18, .sens_chans = 8, .pools = 4};
  const formats::Shape shape = {20, 768, 396};
  const int64_t card = bytes_from_text("7.45GiB");
  EXPECT_GT(training_bytes(sizes, {}, shape, device_kind(torch::kCPU)), card);
  const std::string advice = memory_advice(sizes, {}, shape, card, device_kind(torch::kCPU));
  EXPECT_NE(advice.find("--gradient-checkpointing (about "), std::string::npos) << advice;
  EXPECT_NE(advice.find("there are 7.45 GiB"), std::string::npos) << advice;
  const Execution spared{Precision::kFloat32, true};
  EXPECT_LT(training_bytes(sizes, spared, shape, device_kind(torch::kCPU)), card);
  const std::string tiny =
      memory_advice(sizes, spared, shape, bytes_from_text("100MiB"), device_kind(torch::kCPU));
  EXPECT_NE(tiny.find("no single change is enough"), std::string::npos) << tiny;
  EXPECT_NE(memory_advice(UnetSizes{}, {}, {4, 384, 384}, card, device_kind(torch::kCPU))
                .find("--batch-size"),
            std::string::npos);
}

TEST(Memory, LimitIsKept) {
  meter_cpu_memory();
  const torch::Tensor held = torch::empty({1 << 20});
  limit_cpu_memory(1);
  try {
    const torch::Tensor more = torch::empty({1 << 20});
    limit_cpu_memory(0);
    FAIL() << "allocated";
  } catch (const std::exception& error) {
    limit_cpu_memory(0);
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
  }
  EXPECT_EQ(bytes_from_text("2 GiB"), int64_t{2} << 30);
  EXPECT_EQ(bytes_from_text("1.5MiB"), 3 << 19);
  EXPECT_EQ(bytes_from_text("123"), 123);
  for (const char* bad : {"", "8GB", "-1GiB", "nan", "GiB"})
    EXPECT_ANY_THROW(bytes_from_text(bad)) << bad;
}

}  // namespace
}  // namespace reconproof::baseline
