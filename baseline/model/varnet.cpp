// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/varnet.h"

#include <torch/nn/modules/container/modulelist.h>

#include <algorithm>

#include "baseline/model/fft.h"
#include "baseline/model/recompute.h"
#include "baseline/shape.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

/// Floor division by two, as Python's //.
int64_t half(int64_t value) { return value >> 1; }

/// Brings one axis to `size`: from the middle of a longer one, zeros around a shorter one.
torch::Tensor fit_axis(const torch::Tensor& image, int64_t axis, int64_t size) {
  const int64_t extent = image.size(axis);
  if (extent >= size) return image.narrow(axis, (extent - size) / 2, size);
  const int64_t before = (size - extent) / 2, after = size - extent - before;
  std::vector<int64_t> padding(static_cast<size_t>(2 * (image.dim() - axis)), 0);
  padding[padding.size() - 2] = before;
  padding[padding.size() - 1] = after;
  return torch::constant_pad_nd(image, padding, 0);
}

}  // namespace

torch::Tensor centre_crop(const torch::Tensor& image, int64_t size, Crop crop) {
  RP_CHECK_SHAPE(image, torch::kFloat, kAny, kAny, kAny);
  if (crop == Crop::kZeroPad) return fit_axis(fit_axis(image, 1, size), 2, size);
  const int64_t top = half(image.size(1) - size), left = half(image.size(2) - size);
  return image.slice(1, top, size + top).slice(2, left, size + left);
}

Acs find_acs(const torch::Tensor& mask) {
  RP_CHECK_SHAPE(mask, torch::kFloat, kAny);
  const int64_t width = mask.size(0), centre = width / 2;
  RP_ASSERT(centre >= 1);
  const torch::Tensor host = mask.to(torch::kCPU).contiguous();
  const float* first = host.data_ptr<float>();
  // The official code takes the argmin of each half, that is its first smallest element: 0 when the
  // half begins with a gap, but also 0 when it has none.
  const auto reversed = std::make_reverse_iterator(first + centre);
  const int64_t left = std::min_element(reversed, reversed + centre) - reversed;
  const int64_t right = std::min_element(first + centre, first + width) - (first + centre);
  const int64_t count = std::max<int64_t>(2 * std::min(left, right), 1);
  const int64_t begin = (width - count + 1) / 2;
  return {begin, begin + count};
}

torch::Tensor acs_columns(const torch::Tensor& mask) {
  const Acs acs = find_acs(mask);
  torch::Tensor columns = torch::zeros({mask.size(0)});
  columns.slice(0, acs.begin, acs.end).fill_(1);
  return columns.to(mask.device());
}

SensitivityModelImpl::SensitivityModelImpl(int64_t chans, int64_t pools) {
  norm_unet_ = register_module("norm_unet", NormUnet(chans, pools));
}

torch::Tensor SensitivityModelImpl::estimate(const torch::Tensor& images) {
  const int64_t coils = images.size(0);
  if (torch::GradMode::is_enabled() || coils_at_once_ == 0 || coils <= coils_at_once_)
    return norm_unet_->forward(images);
  torch::Tensor maps = torch::empty_like(images);
  for (int64_t begin = 0; begin < coils; begin += coils_at_once_) {
    const int64_t end = std::min(begin + coils_at_once_, coils);
    maps.slice(0, begin, end).copy_(norm_unet_->forward(images.slice(0, begin, end)));
  }
  return maps;
}

torch::Tensor SensitivityModelImpl::forward(const torch::Tensor& kspace,
                                            const torch::Tensor& acs_columns) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, kAny, kAny, kAny, kAny);
  RP_CHECK_SHAPE(acs_columns, torch::kFloat, kspace.size(3));
  // Each coil image passes the network by itself, as an element of the batch.
  const torch::Tensor images = ifft2_centred(kspace * acs_columns).flatten(0, 1);
  const torch::Tensor maps = estimate(images).view(kspace.sizes());
  const torch::Tensor magnitude = root_sum_of_squares(maps).unsqueeze(1).unsqueeze(4);
  return torch::view_as_complex(torch::view_as_real(maps) / magnitude);
}

VarnetBlockImpl::VarnetBlockImpl(int64_t chans, int64_t pools) {
  model_ = register_module("model", NormUnet(chans, pools));
  dc_weight_ = register_parameter("dc_weight", torch::ones(1));
}

torch::Tensor VarnetBlockImpl::forward(const torch::Tensor& current, const torch::Tensor& measured,
                                       const torch::Tensor& mask,
                                       const torch::Tensor& sensitivities) {
  RP_CHECK_SHAPE(current, torch::kComplexFloat, kAny, kAny, kAny, kAny);
  const torch::Tensor maps = torch::view_as_real(sensitivities);
  const torch::Tensor consistency = torch::view_as_real((current - measured) * mask) * dc_weight_;
  const torch::Tensor coils = torch::view_as_real(ifft2_centred(current));
  const torch::Tensor image = multiply_pairs(coils, conjugate_pairs(maps)).sum(1);  // [B, H, W, 2]
  const torch::Tensor artefact = model_->forward(torch::view_as_complex(image));
  const torch::Tensor in_coils = multiply_pairs(torch::view_as_real(artefact).unsqueeze(1), maps);
  return current - torch::view_as_complex(consistency) -
         fft2_centred(torch::view_as_complex(in_coils));
}

VarnetImpl::VarnetImpl(const VarnetSizes& sizes, int64_t image_size, Crop crop)
    : sizes_(sizes), image_size_(image_size), crop_(crop) {
  sens_net_ = register_module("sens_net", SensitivityModel(sizes.sens_chans, sizes.pools));
  torch::nn::ModuleList cascades;
  for (int64_t i = 0; i < sizes.cascades; ++i) {
    cascades_.emplace_back(sizes.chans, sizes.pools);
    cascades->push_back(cascades_.back());
  }
  register_module("cascades", cascades);
}

void VarnetImpl::set_execution(const Execution& execution) {
  execution_ = execution;
  sens_net_->set_execution(execution);
  // A cascade is computed again as a whole: its U-Net sees one image, not one a coil.
  for (VarnetBlock& cascade : cascades_) cascade->set_execution({execution.precision, false});
}

torch::Tensor VarnetImpl::forward(const torch::Tensor& kspace, const torch::Tensor& mask,
                                  const torch::Tensor& acs_columns) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, kAny, kAny, kAny, kAny);
  RP_CHECK_SHAPE(mask, torch::kFloat, kspace.size(3));
  const torch::Tensor sensitivities = sens_net_->forward(kspace, acs_columns);
  torch::Tensor predicted = kspace;
  for (const VarnetBlock& cascade : cascades_) {
    auto step = [=](const torch::Tensor& current, const torch::Tensor& maps) mutable {
      return cascade.ptr()->forward(current, kspace, mask, maps);
    };
    predicted = execution_.recompute ? recomputed(step, predicted, sensitivities)
                                     : step(predicted, sensitivities);
  }
  return centre_crop(root_sum_of_squares(ifft2_centred(predicted)), image_size_, crop_);
}

}  // namespace reconproof::baseline
