// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The small U-Net that the challenge gives out beside the E2E-VarNet (branches *_baby_unet): it
// works on the zero-filled image alone, has one halving, and batch norm where the VarNet has
// instance norm.
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include "baseline/model/network.h"

namespace reconproof::baseline {

/// Twice: 3x3 convolution with bias, batch norm, ReLU. [B, in, H, W] f32 -> [B, out, H, W].
class BatchNormBlockImpl : public torch::nn::Module {
 public:
  BatchNormBlockImpl(int64_t in_chans, int64_t out_chans);
  torch::Tensor forward(const torch::Tensor& image);

 private:
  torch::nn::Sequential layers_{nullptr};
};
TORCH_MODULE(BatchNormBlock);

/// [B, H, W] f32, H and W even -> [B, H, W]. In training mode every image of the batch counts in
/// the statistics of all; in evaluation mode images are independent.
class ImageUnetImpl : public Network {
 public:
  explicit ImageUnetImpl(const UnetSizes& sizes);
  torch::Tensor forward(const torch::Tensor& image);

  torch::Tensor reconstruct(const NetworkInput& input) override { return forward(input.image); }
  Domain domain() const override { return Domain::kImage; }
  bool takes_whole_batches() const override { return true; }

 private:
  BatchNormBlock first_{nullptr}, bottom_{nullptr}, joined_{nullptr};
  torch::nn::ConvTranspose2d up_{nullptr};
  torch::nn::Conv2d last_{nullptr};
};
TORCH_MODULE(ImageUnet);

}  // namespace reconproof::baseline
