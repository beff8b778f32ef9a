// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The end-to-end variational network (Sriram et al. 2020; fastMRI varnet.py) as the SNU challenge
// gives it out: a network estimates the coil sensitivities, then each cascade pulls the k-space
// towards the measured samples and subtracts what its U-Net takes for artefact.
#pragma once

#include <vector>

#include "baseline/model/network.h"
#include "baseline/model/unet.h"

namespace reconproof::baseline {

/// Centre crop. [B, H, W] f32 -> [B, size, size]; kSlice of smaller images gives what Python's
/// slice gives.
torch::Tensor centre_crop(const torch::Tensor& image, int64_t size, Crop crop);

/// `mask` [W] f32 of 0 and 1, W >= 2. As the official code finds it: from the centre (W/2)
/// leftwards and rightwards to the first missing column; a symmetric range, at least one column,
/// also when a side has no missing column at all.
Acs find_acs(const torch::Tensor& mask);
/// The same as [W] f32 of 0 and 1, where `mask` is.
torch::Tensor acs_columns(const torch::Tensor& mask);

/// Coil sensitivities from the ACS. kspace [B, C, H, W] c64, acs_columns [W] f32 -> [B, C, H, W]
/// c64, unit root sum of squares.
class SensitivityModelImpl : public torch::nn::Module {
 public:
  SensitivityModelImpl(int64_t chans, int64_t pools);
  torch::Tensor forward(const torch::Tensor& kspace, const torch::Tensor& acs_columns);
  void set_execution(const Execution& execution) { norm_unet_->set_execution(execution); }
  /// How many coils pass the network together, where there is no way back: fewer take less memory.
  /// Each passes by itself, so that only rounding changes. 0: all.
  void set_coils_at_once(int64_t coils) { coils_at_once_ = coils; }

 private:
  torch::Tensor estimate(const torch::Tensor& images);

  NormUnet norm_unet_{nullptr};
  int64_t coils_at_once_ = 0;
};
TORCH_MODULE(SensitivityModel);

/// One cascade. All k-spaces and `sensitivities` [B, C, H, W] c64, mask [W] f32 -> [B, C, H, W]
/// c64.
class VarnetBlockImpl : public torch::nn::Module {
 public:
  VarnetBlockImpl(int64_t chans, int64_t pools);
  torch::Tensor forward(const torch::Tensor& current, const torch::Tensor& measured,
                        const torch::Tensor& mask, const torch::Tensor& sensitivities);
  void set_execution(const Execution& execution) { model_->set_execution(execution); }

 private:
  NormUnet model_{nullptr};
  torch::Tensor dc_weight_;  // [1] f32
};
TORCH_MODULE(VarnetBlock);

class VarnetImpl : public Network {
 public:
  /// Draws the initial weights from LibTorch's default generator, in the official order.
  VarnetImpl(const VarnetSizes& sizes, int64_t image_size, Crop crop);

  /// kspace [B, C, H, W] c64, zero where `mask` [W] f32 (of 0 and 1) is zero -> [B, image_size,
  /// image_size] f32.
  torch::Tensor forward(const torch::Tensor& kspace, const torch::Tensor& mask) {
    return forward(kspace, mask, acs_columns(mask));
  }
  torch::Tensor forward(const torch::Tensor& kspace, const torch::Tensor& mask,
                        const torch::Tensor& acs_columns);

  torch::Tensor reconstruct(const NetworkInput& input) override {
    return input.acs_columns.defined() ? forward(input.kspace, input.mask, input.acs_columns)
                                       : forward(input.kspace, input.mask);
  }
  Domain domain() const override { return Domain::kKspace; }
  bool takes_whole_batches() const override { return false; }
  void set_execution(const Execution& execution) override;
  void set_coils_at_once(int64_t coils) { sens_net_->set_coils_at_once(coils); }

  const VarnetSizes& sizes() const { return sizes_; }
  int64_t image_size() const { return image_size_; }
  Crop crop() const { return crop_; }
  Precision precision() const { return execution_.precision; }

 private:
  VarnetSizes sizes_;
  int64_t image_size_;
  Crop crop_;
  Execution execution_;
  SensitivityModel sens_net_{nullptr};
  std::vector<VarnetBlock> cascades_;
};
TORCH_MODULE(Varnet);

}  // namespace reconproof::baseline
