// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The engine against the network of LibTorch; tests/engine holds it against the definition.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "baseline/engine/choice.h"
#include "baseline/engine/varnet_engine.h"
#include "baseline/model/unet.h"
#include "baseline/model/varnet.h"

namespace reconproof::baseline::engine {
namespace {

struct Case {
  challenge::VarnetSizes sizes;
  int64_t coils, rows, columns;
};

Weights weights_of(const torch::nn::Module& module) {
  auto tensors = std::make_shared<std::map<std::string, torch::Tensor>>();
  for (const auto& item : module.named_parameters())
    (*tensors)[item.key()] = item.value().detach().contiguous();
  return [tensors](const std::string& name) { return tensors->at(name).data_ptr<float>(); };
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

torch::Tensor random_mask(int64_t columns, int64_t acceleration) {
  torch::Tensor mask = torch::zeros({columns});
  mask.slice(0, 0, columns, acceleration).fill_(1);
  const int64_t centre = std::max<int64_t>(2, columns / 12);
  mask.narrow(0, (columns - centre) / 2, centre).fill_(1);
  return mask;
}

class EngineAndLibTorch : public testing::TestWithParam<const Kernels*> {
 protected:
  EngineAndLibTorch() { torch::manual_seed(430); }
  const Kernels& kernels() const { return *GetParam(); }

  torch::Tensor reconstructed(VarnetEngine& engine, const torch::Tensor& kspace,
                              const torch::Tensor& mask) const {
    const int64_t coils = kspace.size(1), rows = kspace.size(2), columns = kspace.size(3);
    const Acs acs = find_acs(mask);
    torch::Tensor out = torch::empty({1, rows, columns});
    engine.reconstruct(
        {reinterpret_cast<const std::complex<float>*>(kspace.data_ptr<c10::complex<float>>()),
         mask.data_ptr<float>(), coils, rows, columns},
        {acs.begin, acs.end}, {0, 0, rows, columns}, out.data_ptr<float>());
    return out;
  }
};

constexpr std::array<std::array<int64_t, 4>, 10> kUnets = {{{4, 4, 64, 48},  // chans, pools, size
                                                            {9, 4, 80, 66},
                                                            {1, 1, 17, 31},
                                                            {2, 2, 33, 20},
                                                            {5, 3, 47, 90},
                                                            {6, 5, 96, 80},
                                                            {7, 2, 16, 100},
                                                            {11, 1, 40, 40},
                                                            {18, 2, 30, 30},
                                                            {3, 6, 144, 176}}};

/// [1, rows, columns] complex -> [2, rows, columns]
torch::Tensor parts_of(const torch::Tensor& image) {
  return torch::view_as_real(image)[0].permute({2, 0, 1}).contiguous();
}

UnetEngine::Image engine_image(const torch::Tensor& parts) {
  return {parts[0].data_ptr<float>(), parts[1].data_ptr<float>()};
}
UnetEngine::MutableImage mutable_image(const torch::Tensor& parts) {
  return {parts[0].data_ptr<float>(), parts[1].data_ptr<float>()};
}

TEST_P(EngineAndLibTorch, UnetIsThatOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  for (const auto& [chans, pools, rows, columns] : kUnets) {
    NormUnet module(chans, pools);
    UnetEngine engine({chans, pools, rows, columns}, "unet.", kernels());
    engine.load(weights_of(*module));
    const torch::Tensor image = torch::randn({1, rows, columns}, torch::kComplexFloat) * 3 + 1;
    const torch::Tensor parts = parts_of(image);
    Arena arena(engine.scratch_floats());
    for (int threads : {1, 3}) {
      Team team(threads);
      const torch::Tensor found = torch::empty_like(parts);
      // What an earlier run left behind is no part of the next one.
      std::fill_n(arena.data(), arena.floats(), threads == 1 ? 0.F : 1e30F);
      engine.run(engine_image(parts), mutable_image(found), {arena.data()}, team);
      EXPECT_LT(largest_difference(found, parts_of(module->forward(image))), 1e-5)
          << chans << " chans, " << pools << " pools, " << rows << " x " << columns << ", "
          << threads << " threads";
    }
  }
}

/// The largest relative distance of any tensor's gradient, of the image's too where it is asked
/// for, from autograd's, for one image of noise.
double gradient_distance(const std::array<int64_t, 4>& unet, Backward backward,
                         const Kernels& kernels) {
  const auto [chans, pools, rows, columns] = unet;
  NormUnet module(chans, pools);
  const torch::Tensor image =
      (torch::randn({1, rows, columns}, torch::kComplexFloat) * 3 + 1).requires_grad_();
  const torch::Tensor gradient = torch::randn({1, rows, columns}, torch::kComplexFloat);
  module->forward(image).backward(gradient);
  UnetEngine engine({chans, pools, rows, columns}, "unet.", kernels, backward);
  engine.load(weights_of(*module));
  Arena scratch(engine.scratch_floats()), kept(engine.kept_floats());
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> weights(static_cast<size_t>(engine.gradient_floats()), kNan);
  std::fill_n(scratch.data(), scratch.floats(), kNan);
  std::fill_n(kept.data(), kept.floats(), kNan);
  const Memory memory{scratch.data(), kept.data(), weights.data()};
  Team team(2);
  const torch::Tensor parts = parts_of(image.detach()), out = torch::empty_like(parts);
  engine.run(engine_image(parts), mutable_image(out), memory, team);
  // Other runs are between the two.
  std::fill_n(scratch.data(), scratch.floats(), kNan);
  const bool with_input = backward == Backward::kWeightsAndInput;
  const torch::Tensor found = torch::empty_like(parts);
  engine.run_back(engine_image(parts_of(gradient)),
                  with_input ? mutable_image(found) : UnetEngine::MutableImage{}, memory, team);
  const auto distance = [](const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).norm() / b.norm()).item<double>();
  };
  constexpr double kNowhere = 1e9;
  double worst = with_input ? distance(found, parts_of(image.grad())) : 0;
  EXPECT_EQ(engine.weight_places().size(), module->parameters().size());
  const auto parameters = module->named_parameters();
  for (const WeightPlace& place : engine.weight_places()) {
    const torch::Tensor wanted = parameters["unet." + place.name].grad();
    EXPECT_EQ(wanted.numel(), place.count) << place.name;
    const torch::Tensor values =
        torch::from_blob(weights.data() + place.at, {place.count}).view(wanted.sizes());
    const double one = distance(values, wanted);
    worst = std::max(worst, std::isfinite(one) ? one : kNowhere);
  }
  return worst;
}

TEST_P(EngineAndLibTorch, GradientsOfTheUnetAreThoseOfAutograd) {
  for (const auto& unet : kUnets) {
    for (const Backward backward : {Backward::kWeights, Backward::kWeightsAndInput}) {
      // Where rounding moves a pixel over LeakyReLU's kink gradients jump: seldom, and not for
      // every image.
      double least = 1;
      for (int draw = 0; draw < 5 && least > 1e-4; ++draw) {
        const double distance = gradient_distance(unet, backward, kernels());
        EXPECT_LT(distance, 0.2);
        least = std::min(least, distance);
      }
      EXPECT_LE(least, 1e-4) << unet[0] << " chans, " << unet[1] << " pools, " << unet[2] << " x "
                             << unet[3];
    }
  }
}

TEST_P(EngineAndLibTorch, VarnetIsThatOfLibTorch) {
  const torch::NoGradGuard no_gradients;
  for (const Case& one : {Case{{1, 9, 4, 4}, 3, 64, 48}, Case{{2, 5, 2, 3}, 1, 50, 37},
                          Case{{3, 4, 3, 2}, 5, 31, 45}, Case{{2, 2, 1, 1}, 2, 23, 29}}) {
    Varnet module(one.sizes, one.rows, Crop::kZeroPad);
    for (torch::Tensor& parameter : module->parameters())
      if (parameter.numel() == 1) parameter.fill_(0.7);
    VarnetEngine engine(one.sizes, weights_of(*module), 2, kernels());
    for (const int64_t acceleration : {4, 2}) {
      const torch::Tensor mask = random_mask(one.columns, acceleration);
      const torch::Tensor kspace =
          torch::randn({1, one.coils, one.rows, one.columns}, torch::kComplexFloat) * mask;
      const torch::Tensor found = reconstructed(engine, kspace, mask);
      const torch::Tensor whole = centre_crop(found, one.rows, Crop::kZeroPad);
      // Noise has pixels where all maps are near 0, and division by their size makes errors larger.
      EXPECT_LT(largest_difference(whole, module->forward(kspace, mask)), 5e-5)
          << one.sizes.cascades << " cascades, " << one.coils << " x " << one.rows << " x "
          << one.columns;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EngineAndLibTorch, testing::ValuesIn(usable_kernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace reconproof::baseline::engine
