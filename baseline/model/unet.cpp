// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/unet.h"

#include <torch/nn/functional/instancenorm.h>  // modules/instancenorm.h of LibTorch 1.13 lacks it
#include <torch/nn/functional/padding.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/instancenorm.h>

#include <algorithm>

#include "baseline/model/precision.h"
#include "baseline/model/recompute.h"
#include "baseline/shape.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;

constexpr double kNegativeSlope = 0.2;
constexpr int64_t kPadMultiple = 16;  // fixed in the official code, whatever the number of poolings

nn::Conv2d conv3x3(int64_t in_chans, int64_t out_chans) {
  return nn::Conv2d(nn::Conv2dOptions(in_chans, out_chans, 3).padding(1).bias(false));
}

nn::LeakyReLU leaky_relu() {
  return nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(kNegativeSlope).inplace(true));
}

/// Zeros on both sides up to a multiple of 16; of an odd number the larger half goes to the end.
struct Padding {
  explicit Padding(int64_t extent) {
    const int64_t total = (kPadMultiple - extent % kPadMultiple) % kPadMultiple;
    before = total / 2;
    after = total - before;
  }
  int64_t before = 0, after = 0;
};

/// With more than four poolings an extent can be odd where it is halved; doubling it again falls
/// one short.
torch::Tensor match_extents(const torch::Tensor& image, const torch::Tensor& skip) {
  torch::Tensor x = image;
  for (const int64_t axis : {3, 2}) {
    // The official code pads by reflection, whose way back has no deterministic kernel on a GPU.
    if (x.size(axis) != skip.size(axis))
      x = torch::cat({x, x.narrow(axis, x.size(axis) - 2, 1)}, axis);
  }
  return x;
}

}  // namespace

ConvBlockImpl::ConvBlockImpl(int64_t in_chans, int64_t out_chans) {
  // The official block has dropout of probability 0 at places 3 and 7: it does nothing, but it
  // counts in the names of what follows.
  const nn::Conv2d first = conv3x3(in_chans, out_chans);
  const nn::Conv2d second = conv3x3(out_chans, out_chans);
  layers_ = register_module("layers", nn::Sequential());
  layers_->push_back("0", first);
  layers_->push_back("1", nn::InstanceNorm2d(out_chans));
  layers_->push_back("2", leaky_relu());
  layers_->push_back("4", second);
  layers_->push_back("5", nn::InstanceNorm2d(out_chans));
  layers_->push_back("6", leaky_relu());
}

torch::Tensor ConvBlockImpl::forward(const torch::Tensor& image) { return layers_->forward(image); }

TransposeConvBlockImpl::TransposeConvBlockImpl(int64_t in_chans, int64_t out_chans) {
  layers_ = register_module(
      "layers",
      nn::Sequential(nn::ConvTranspose2d(
                         nn::ConvTranspose2dOptions(in_chans, out_chans, 2).stride(2).bias(false)),
                     nn::InstanceNorm2d(out_chans), leaky_relu()));
}

torch::Tensor TransposeConvBlockImpl::forward(const torch::Tensor& image) {
  return layers_->forward(image);
}

UnetImpl::UnetImpl(int64_t in_chans, int64_t out_chans, int64_t chans, int64_t pools)
    : in_chans_(in_chans) {
  nn::ModuleList down, up, up_transpose;
  for (int64_t level = 0; level < pools; ++level) {
    down_.emplace_back(level == 0 ? in_chans : chans << (level - 1), chans << level);
    down->push_back(down_.back());
  }
  bottom_ = ConvBlock(chans << (pools - 1), chans << pools);
  for (int64_t level = pools - 1; level >= 0; --level) {
    up_transpose_.emplace_back(chans << (level + 1), chans << level);
    up_.emplace_back(chans << (level + 1), chans << level);
    up_transpose->push_back(up_transpose_.back());
    if (level > 0) up->push_back(up_.back());
  }
  final_ = nn::Conv2d(nn::Conv2dOptions(chans, out_chans, 1));
  up->push_back(nn::Sequential(up_.back(), final_));

  register_module("down_sample_layers", down);
  register_module("conv", bottom_);
  register_module("up_conv", up);
  register_module("up_transpose_conv", up_transpose);
}

torch::Tensor UnetImpl::ascend(size_t step, const torch::Tensor& low, const torch::Tensor& skip) {
  // Apart, so that the doubled image is gone when the block runs.
  const auto joined = [&] {
    const torch::Tensor doubled = match_extents(up_transpose_[step]->forward(low), skip);
    return torch::cat({doubled, skip}, 1);
  };
  const torch::Tensor x = up_[step]->forward(joined());
  return step + 1 == up_.size() ? final_->forward(x) : x;
}

torch::Tensor UnetImpl::forward(const torch::Tensor& image) {
  RP_CHECK_SHAPE(image, torch::kFloat, kAny, in_chans_, kAny, kAny);
  if (std::min(image.size(2), image.size(3)) >> down_.size() == 0) {
    system::fail(system::Code::kInvalidArgument,
                 "a U-Net with {} poolings halves an image of {} x {} pixels until none is left; "
                 "choose fewer --pools",
                 down_.size(), image.size(2), image.size(3));
  }
  const auto run = [this](auto function, const torch::Tensor& a, const torch::Tensor& b) {
    auto block = [=, precision = execution_.precision](const torch::Tensor& first,
                                                       const torch::Tensor& second) mutable {
      const LowerPrecision lower(precision, first.device());
      return function(first, second);
    };
    return execution_.recompute ? recomputed(block, a, b) : block(a, b);
  };
  const auto through = [&](ConvBlock block, const torch::Tensor& x) {
    return run([block](const torch::Tensor& a, const torch::Tensor&) mutable { return block(a); },
               x, {});
  };
  std::vector<torch::Tensor> skips;
  torch::Tensor x = image;
  for (const ConvBlock& block : down_) {
    skips.push_back(through(block, x));
    x = torch::avg_pool2d(skips.back(), 2, 2);
  }
  x = through(bottom_, x);
  for (size_t i = 0; i < up_.size(); ++i) {
    x = run([this, i](const torch::Tensor& low,
                      const torch::Tensor& skip) { return ascend(i, low, skip); },
            x, skips.back());
    skips.pop_back();
  }
  return x;
}

NormUnetImpl::NormUnetImpl(int64_t chans, int64_t pools) {
  unet_ = register_module("unet", Unet(2, 2, chans, pools));
}

torch::Tensor NormUnetImpl::forward(const torch::Tensor& image) {
  RP_CHECK_SHAPE(image, torch::kComplexFloat, kAny, kAny, kAny);
  const int64_t n = image.size(0), height = image.size(1), width = image.size(2);
  torch::Tensor x = torch::view_as_real(image).permute({0, 3, 1, 2}).contiguous();  // [N, 2, H, W]

  // fastMRI varnet.py, NormUnet.norm: the unbiased standard deviation (division by HW - 1).
  const torch::Tensor pixels = x.view({n, 2, height * width});
  const torch::Tensor mean = pixels.mean(2).view({n, 2, 1, 1});
  const torch::Tensor deviation = pixels.std(2).view({n, 2, 1, 1});
  x = (x - mean) / deviation;

  const Padding rows(height), columns(width);
  x = F::pad(x, F::PadFuncOptions({columns.before, columns.after, rows.before, rows.after}));
  x = unet_->forward(x).to(torch::kFloat);
  x = x.slice(2, rows.before, rows.before + height)
          .slice(3, columns.before, columns.before + width);
  x = x * deviation + mean;
  return torch::view_as_complex(x.permute({0, 2, 3, 1}).contiguous());
}

}  // namespace reconproof::baseline
