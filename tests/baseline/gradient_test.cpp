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
#include "baseline/train/adam.h"
#include "baseline/train/forward.h"
#include "baseline/train/memory_advice.h"
#include "system/error.h"
#include "tests/baseline/fake_recorder.h"
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
  Gradients gradients(Varnet& model, const Sample& sample, int64_t* peak = nullptr,
                      Backend backend = Backend::kLibTorch, bool recompute = false) {
    model->zero_grad();
    Forward forward(*model, {.precision = Precision::kFloat32, .recompute = recompute}, torch::kCPU,
                    backend);
    reset_peak_memory(torch::kCPU);
    const int64_t before = *peak_memory(torch::kCPU);
    const torch::Tensor output = forward.reconstruct(sample.input);
    const torch::Tensor loss = forward.loss(output, sample.target, sample.maximum);
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

/// What the network's definition gives in double precision.
struct Expected {
  double loss = 0;
  Gradients gradients;
};

Expected in_double(Varnet& model, const Sample& s, int64_t image_size) {
  Expected expected;
  std::map<std::string, torch::Tensor> weights;
  for (const auto& item : model->named_parameters())
    weights[item.key()] = item.value().detach().to(torch::kDouble).requires_grad_();
  const Acs acs = find_acs(s.input.mask);
  const torch::Tensor output =
      plain_varnet(weights, model->sizes(), s.input.kspace[0].to(torch::kComplexDouble),
                   s.input.mask.to(torch::kDouble), acs.begin, acs.end, image_size);
  const torch::Tensor loss =
      plain_ssim_loss(output, s.target[0].to(torch::kDouble), s.maximum.item<double>());
  loss.backward();
  expected.loss = loss.item<double>();
  for (const auto& [name, value] : weights) expected.gradients[name] = value.grad();
  return expected;
}

double worst_distance(const Gradients& found, const Gradients& expected) {
  double worst = 0;
  for (const auto& [name, value] : expected)
    if (const double distance = relative_distance(found.at(name), value); !(distance <= worst))
      worst = distance;  // or not a number
  return worst;
}

TEST_F(GradientTest, FirstStepAgreesWithAPlainNetworkInDoublePrecision) {
  const Sample s = sample();
  Varnet model = network(kGoldenSizes);
  const Gradients found = gradients(model, s);
  const Expected expected = in_double(model, s, 384);
  EXPECT_NEAR(loss_, expected.loss, 1e-6 * expected.loss);
  EXPECT_LE(relative_distance(found, expected.gradients), 1e-5);
  EXPECT_LE(worst_distance(found, expected.gradients), 1e-4);
}

/// Rounding moves a pixel now and then over LeakyReLU's kink, and its gradient jumps: in float32
/// about one slice in three is off by up to some hundredths, by LibTorch (slices 3 and 5 here) as
/// by the engine. A formula that is wrong is wrong on every slice.
TEST_F(GradientTest, TheEnginesGradientsAreThoseOfThePlainNetwork) {
  Varnet model = network(kGoldenSizes);
  for (torch::Tensor& parameter : model->parameters())
    if (parameter.numel() == 1) parameter.data().fill_(0.8);  // dc_weight
  int exact = 0;
  constexpr int kSlices = 6;
  for (int64_t i = 0; i < kSlices; ++i) {
    const Sample s = sample(i);
    const Expected expected = in_double(model, s, 384);
    const Gradients found = gradients(model, s, nullptr, Backend::kEngine);
    EXPECT_NEAR(loss_, expected.loss, 3e-7) << "slice " << i;  // of a 1 - SSIM in float32
    EXPECT_LE(relative_distance(found, expected.gradients), 0.1) << "slice " << i;
    const double worst = worst_distance(found, expected.gradients);
    exact += worst <= 1e-4 ? 1 : 0;
    RecordProperty("worst_tensor_of_slice_" + std::to_string(i), std::to_string(worst));
  }
  EXPECT_GE(exact, kSlices / 3);
}

TEST_F(GradientTest, TheEngineComputesActivationsAgainToTheSameBits) {
  const Sample s = sample();
  Varnet model = network({.cascades = 3, .chans = 9, .sens_chans = 4, .pools = 4});
  int64_t kept_peak = 0, spared_peak = 0;
  const Gradients kept = gradients(model, s, &kept_peak, Backend::kEngine);
  const double loss = loss_;
  const Gradients spared = gradients(model, s, &spared_peak, Backend::kEngine, true);
  EXPECT_EQ(loss_, loss);
  for (const auto& [name, value] : kept) EXPECT_TRUE(torch::equal(value, spared.at(name))) << name;
  EXPECT_LE(spared_peak, 0.9 * kept_peak);
  // What advice counts with.
  const formats::Shape shape = {s.input.kspace.size(1), s.input.kspace.size(2),
                                s.input.kspace.size(3)};
  for (const auto& [recompute, peak] : {std::pair{false, kept_peak}, {true, spared_peak}}) {
    const int64_t counted = training_bytes(
        {model->sizes(), {Precision::kFloat32, recompute}, torch::kCPU, Backend::kEngine}, shape);
    EXPECT_NEAR(static_cast<double>(counted), static_cast<double>(peak),
                0.15 * static_cast<double>(peak));
  }
  set_threads(2);
  const Gradients by_two = gradients(model, s, nullptr, Backend::kEngine);
  for (const auto& [name, value] : kept) EXPECT_TRUE(torch::equal(value, by_two.at(name))) << name;
}

TEST_F(GradientTest, TheEnginesLossIsThatOfDoublePrecision) {
  Varnet model = network(kGoldenSizes);
  const Forward by_engine(*model, {}, torch::kCPU, Backend::kEngine);
  const Forward by_libtorch(*model, {}, torch::kCPU, Backend::kLibTorch);
  for (const auto& [rows, columns] : {std::pair{7, 7}, {40, 9}, {33, 51}, {384, 384}}) {
    const torch::Tensor target = torch::rand({1, rows, columns}) * 3e-4;
    const torch::Tensor image = (target + torch::randn({1, rows, columns}) * 3e-5).requires_grad_();
    const torch::Tensor maximum = torch::full({1}, 3e-4);
    const torch::Tensor loss = by_engine.loss(image, target, maximum);
    (loss * 3).backward();  // as a share of a batch
    const torch::Tensor exact = image.detach()[0].to(torch::kDouble).requires_grad_();
    const torch::Tensor expected =
        plain_ssim_loss(exact, target[0].to(torch::kDouble), maximum.item<double>());
    expected.backward();
    EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-11) << rows << " x " << columns;
    EXPECT_NEAR(by_libtorch.loss(image, target, maximum).item<double>(), loss.item<double>(), 1e-6);
    const torch::Tensor gradient = image.grad()[0].to(torch::kDouble) / 3;
    EXPECT_LE(relative_distance(gradient, exact.grad()), 1e-6) << rows << " x " << columns;
  }
}

/// A slice that the engine does not take is LibTorch's, in the same training.
TEST_F(GradientTest, TheEnginesTrainingLeavesSlicesToLibTorch) {
  Varnet model = network({.cascades = 1, .chans = 2, .sens_chans = 2, .pools = 4});
  const torch::Tensor mask = torch::ones({16});
  const NetworkInput tiny{torch::randn({1, 2, 16, 16}, torch::kComplexFloat), mask, {}};
  Forward forward(*model, {}, torch::kCPU, Backend::kAuto);
  EXPECT_EQ(forward.backend_text().substr(0, 8), "engine (");
  EXPECT_TRUE(torch::equal(forward.reconstruct(tiny), model->reconstruct(tiny)));
  Forward strict(*model, {}, torch::kCPU, Backend::kEngine);
  EXPECT_THROW(strict.reconstruct(tiny), system::Error);
}

TEST_F(GradientTest, AnImageWhoseTurnIsOverHasNoWayBack) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const Sample s = sample();
  Varnet model = network(kGoldenSizes);
  Forward forward(*model, {}, torch::kCPU, Backend::kEngine);
  const torch::Tensor first = forward.reconstruct(s.input);
  const torch::Tensor second = forward.reconstruct(s.input).sum();
  second.backward({}, /*retain_graph=*/true);
  EXPECT_DEATH(second.backward(), "image == images_");
  EXPECT_DEATH(first.sum().backward(), "image == images_");
}

/// What a recording is for: nothing but the way it is launched changes. Several slices add up,
/// their shares differ, and what ran before the recording leaves no trace.
TEST_F(GradientTest, ARecordedStepIsThatOfLibTorch) {
  const Sample s = sample();
  FakeRecorder::Counts counts;
  const auto trained = [&](bool by_recording) {
    Varnet model = network(kGoldenSizes);
    Adam adam(*model);
    Forward forward(*model, {}, torch::kCPU, Backend::kLibTorch);
    std::unique_ptr<RecordedWork> recorded;
    if (by_recording) {
      recorded = recorded_accumulation(*model, torch::kCPU, std::make_unique<FakeRecorder>(counts));
    }
    const auto accumulate = [&](const NetworkInput& input, double factor) {
      if (!recorded) return forward.accumulate(input, s.target, s.maximum, factor);
      return recorded->run(input, {s.target, s.maximum, torch::full({}, factor, torch::kDouble)})
          .item<double>();
    };
    NetworkInput fewer = s.input;  // another shape
    fewer.kspace = s.input.kspace.narrow(1, 0, 3).contiguous();
    std::vector<double> losses;
    for (int step = 0; step < 3; ++step) {
      adam.zero_gradients();
      losses.push_back(accumulate(s.input, 0.25));
      losses.push_back(accumulate(fewer, 0.75));
      losses.push_back(adam.gradient_norm());
      adam.step(1e-3);
    }
    return losses;
  };
  EXPECT_EQ(trained(true), trained(false));
  EXPECT_EQ(counts.recorded, 2);
  EXPECT_EQ(counts.replayed, 6);
}

TEST_F(GradientTest, ARecordingThatFailsLeavesTheGradientsAsTheyWere) {
  const Sample s = sample();
  FakeRecorder::Counts counts;
  Varnet model = network(kGoldenSizes);
  Adam adam(*model);
  const auto recorded =
      recorded_accumulation(*model, torch::kCPU, std::make_unique<FakeRecorder>(counts));
  const RecordedWork::Tensors further = {s.target, s.maximum, torch::ones({}, torch::kDouble)};
  counts.fail = true;
  EXPECT_THROW(recorded->run(s.input, further), std::runtime_error);
  EXPECT_EQ(adam.gradient_norm(), 0);
  counts.fail = false;
  recorded->run(s.input, further);
  EXPECT_GT(adam.gradient_norm(), 0);
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
  EXPECT_GT(training_bytes({sizes, {}, torch::kCPU}, shape), card);
  const std::string advice = memory_advice({sizes, {}, torch::kCPU}, shape, card);
  EXPECT_NE(advice.find("--gradient-checkpointing (about "), std::string::npos) << advice;
  EXPECT_NE(advice.find("there are 7.45 GiB"), std::string::npos) << advice;
  EXPECT_NE(advice.find("--backend engine (about "), std::string::npos) << advice;
  EXPECT_EQ(memory_advice({sizes, {}, torch::kCUDA}, shape, card).find("engine"),
            std::string::npos);
  const Execution spared{Precision::kFloat32, true};
  EXPECT_LT(training_bytes({sizes, spared, torch::kCPU}, shape), card);
  const std::string tiny =
      memory_advice({sizes, spared, torch::kCPU}, shape, bytes_from_text("100MiB"));
  EXPECT_NE(tiny.find("no single change is enough"), std::string::npos) << tiny;
  EXPECT_NE(memory_advice({UnetSizes{}, {}, torch::kCPU}, {4, 384, 384}, card).find("--batch-size"),
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
