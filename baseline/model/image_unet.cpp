// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/image_unet.h"

#include <torch/nn/functional/padding.h>
#include <torch/nn/functional/pooling.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>

#include "baseline/shape.h"

namespace reconproof::baseline {
namespace {

namespace nn = torch::nn;

constexpr int64_t kChans = 2;  // at full resolution; fixed in the official code

nn::Conv2d biased_conv3x3(int64_t in_chans, int64_t out_chans) {
  return nn::Conv2d(nn::Conv2dOptions(in_chans, out_chans, 3).padding(1));
}

nn::ReLU relu() { return nn::ReLU(nn::ReLUOptions().inplace(true)); }

/// A module of submodules under given names: the nesting of the official code, which shows in the
/// names of its parameters.
class GroupImpl : public nn::Module {
 public:
  void add(const std::string& name, const std::shared_ptr<nn::Module>& module) {
    register_module(name, module);
  }
};

}  // namespace

BatchNormBlockImpl::BatchNormBlockImpl(int64_t in_chans, int64_t out_chans) {
  // In statements, since the order in which modules draw their weights counts, and arguments are
  // evaluated in any order.
  const nn::Conv2d first = biased_conv3x3(in_chans, out_chans);
  const nn::BatchNorm2d first_norm(out_chans);
  const nn::Conv2d second = biased_conv3x3(out_chans, out_chans);
  const nn::BatchNorm2d second_norm(out_chans);
  layers_ = register_module("layers",
                            nn::Sequential(first, first_norm, relu(), second, second_norm, relu()));
}

torch::Tensor BatchNormBlockImpl::forward(const torch::Tensor& image) {
  return layers_->forward(image);
}

ImageUnetImpl::ImageUnetImpl(const UnetSizes& sizes) {
  first_ = register_module("first_block", BatchNormBlock(sizes.in_chans, kChans));

  bottom_ = BatchNormBlock(kChans, 2 * kChans);
  const auto down_layers = std::make_shared<GroupImpl>(), down = std::make_shared<GroupImpl>();
  down_layers->add("1", bottom_.ptr());  // 0 is the pooling, which has no parameters
  down->add("layers", down_layers);
  register_module("down1", down);

  up_ = nn::ConvTranspose2d(nn::ConvTranspose2dOptions(2 * kChans, kChans, 2).stride(2));
  joined_ = BatchNormBlock(2 * kChans, kChans);
  const auto up = std::make_shared<GroupImpl>();
  up->add("up", up_.ptr());
  up->add("conv", joined_.ptr());
  register_module("up1", up);

  last_ = register_module("last_block", nn::Conv2d(nn::Conv2dOptions(kChans, sizes.out_chans, 1)));
}

torch::Tensor ImageUnetImpl::forward(const torch::Tensor& image) {
  RP_CHECK_SHAPE(image, torch::kFloat, kAny, kAny, kAny);
  const int64_t n = image.size(0), height = image.size(1), width = image.size(2);
  const torch::Tensor pixels = image.view({n, height * width});
  const torch::Tensor mean = pixels.mean(1).view({n, 1, 1});
  const torch::Tensor deviation = pixels.std(1).view({n, 1, 1});  // unbiased
  const torch::Tensor normalised = ((image - mean) / deviation).unsqueeze(1);

  const torch::Tensor skip = first_->forward(normalised);
  const torch::Tensor low = bottom_->forward(torch::max_pool2d(skip, 2));
  const torch::Tensor joined = joined_->forward(torch::cat({skip, up_->forward(low)}, 1));
  return last_->forward(joined).squeeze(1) * deviation + mean;
}

}  // namespace reconproof::baseline
