// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/ssim_loss.h"

#include "baseline/shape.h"
#include "challenge/score/ssim.h"

namespace reconproof::baseline {
namespace {

constexpr double kK1 = 0.01, kK2 = 0.03;

}  // namespace

torch::Tensor ssim_loss(const torch::Tensor& output, const torch::Tensor& target,
                        const torch::Tensor& data_range) {
  RP_CHECK_SHAPE(output, torch::kFloat, kAny, kAny, kAny);
  RP_CHECK_SHAPE(target, torch::kFloat, output.size(0), output.size(1), output.size(2));
  RP_CHECK_SHAPE(data_range, data_range.scalar_type(), output.size(0));
  using challenge::kSsimWindow;
  constexpr double kPixels = kSsimWindow * kSsimWindow;
  constexpr double kCovarianceNorm = kPixels / (kPixels - 1);
  // A convolution, as in the official code: an average pooling would sum in another order.
  const torch::Tensor window =
      torch::ones({1, 1, kSsimWindow, kSsimWindow}, output.options().requires_grad(false)) /
      kPixels;
  const auto local_mean = [&](const torch::Tensor& image) { return torch::conv2d(image, window); };

  const torch::Tensor x = output.unsqueeze(1), y = target.unsqueeze(1);
  const torch::Tensor range = data_range.view({-1, 1, 1, 1});
  const torch::Tensor c1 = (range * kK1).square(), c2 = (range * kK2).square();
  // Statement by statement in the official order: it is the order in which gradients are summed.
  const torch::Tensor ux = local_mean(x);
  const torch::Tensor uy = local_mean(y);
  const torch::Tensor uxx = local_mean(x * x);
  const torch::Tensor uyy = local_mean(y * y);
  const torch::Tensor uxy = local_mean(x * y);
  const torch::Tensor vx = (uxx - ux * ux) * kCovarianceNorm;
  const torch::Tensor vy = (uyy - uy * uy) * kCovarianceNorm;
  const torch::Tensor vxy = (uxy - ux * uy) * kCovarianceNorm;
  const torch::Tensor luminance = ux * 2 * uy + c1;
  const torch::Tensor structure = vxy * 2 + c2;
  const torch::Tensor ux_squared = ux.square();
  const torch::Tensor luminance_norm = ux_squared + uy.square() + c1;
  const torch::Tensor structure_norm = vx + vy + c2;
  const torch::Tensor norm = luminance_norm * structure_norm;
  const torch::Tensor similarity = luminance * structure / norm;
  return 1 - similarity.mean();
}

}  // namespace reconproof::baseline
