// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The U-Net of fastMRI (Ronneberger et al. 2015; fastMRI unet.py) and its normalised form (fastMRI
// varnet.py). Parameter names and the order in which modules are constructed are those of the
// official code: names make checkpoints exchangeable, the order makes one seed give the same
// initial weights.
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <vector>

#include "baseline/model/network.h"

namespace reconproof::baseline {

/// Twice: 3x3 convolution, instance norm, LeakyReLU. [N, in, H, W] f32 -> [N, out, H, W].
class ConvBlockImpl : public torch::nn::Module {
 public:
  ConvBlockImpl(int64_t in_chans, int64_t out_chans);
  torch::Tensor forward(const torch::Tensor& image);

 private:
  torch::nn::Sequential layers_{nullptr};
};
TORCH_MODULE(ConvBlock);

/// 2x2 transposed convolution of stride 2, instance norm, LeakyReLU. [N, in, H, W] f32 -> [N, out,
/// 2H, 2W].
class TransposeConvBlockImpl : public torch::nn::Module {
 public:
  TransposeConvBlockImpl(int64_t in_chans, int64_t out_chans);
  torch::Tensor forward(const torch::Tensor& image);

 private:
  torch::nn::Sequential layers_{nullptr};
};
TORCH_MODULE(TransposeConvBlock);

/// [N, in_chans, H, W] f32 -> [N, out_chans, H, W]; `pools` halvings. kInvalidArgument where H or W
/// is below 2^pools.
class UnetImpl : public torch::nn::Module {
 public:
  UnetImpl(int64_t in_chans, int64_t out_chans, int64_t chans, int64_t pools);
  torch::Tensor forward(const torch::Tensor& image);
  /// With `recompute`, what goes from block to block is kept alone, and the inside of a block
  /// computed again in backward; always for whole batches, since LibTorch's convolutions round
  /// otherwise for other batch sizes.
  void set_execution(const Execution& execution) { execution_ = execution; }

 private:
  torch::Tensor ascend(size_t step, const torch::Tensor& low, const torch::Tensor& skip);

  Execution execution_;
  int64_t in_chans_;
  std::vector<ConvBlock> down_;
  ConvBlock bottom_{nullptr};
  std::vector<TransposeConvBlock> up_transpose_;
  std::vector<ConvBlock> up_;
  torch::nn::Conv2d final_{nullptr};
};
TORCH_MODULE(Unet);

/// A U-Net over complex images: real and imaginary part are two channels, each brought to mean 0
/// and standard deviation 1 before the network and back after it. [N, H, W] c64 -> same.
class NormUnetImpl : public torch::nn::Module {
 public:
  NormUnetImpl(int64_t chans, int64_t pools);
  torch::Tensor forward(const torch::Tensor& image);
  void set_execution(const Execution& execution) { unet_->set_execution(execution); }

 private:
  Unet unet_{nullptr};
};
TORCH_MODULE(NormUnet);

}  // namespace reconproof::baseline
