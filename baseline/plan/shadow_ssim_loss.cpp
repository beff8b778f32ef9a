// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/plan/shadow_ssim_loss.h"

#include "challenge/score/ssim.h"

namespace reconproof::baseline {
namespace {

Shadow with_one_channel(Shadow images) {
  images.shape = {images.shape[0], 1, images.shape[1], images.shape[2]};
  return images;
}

}  // namespace

Shadow shadow_ssim_loss(Layers& layers, const Shadow& output, const Shadow& target) {
  const auto local_mean = [&](const Shadow& image) {
    return layers.local_mean(image, challenge::kSsimWindow);
  };
  // A factor is kept for the other one's gradient where that is wanted.
  const auto product = [&](const Shadow& a, const Shadow& b) {
    std::vector<Shadow> saved;
    if (a.node) saved.push_back(b);
    if (b.node) saved.push_back(a);
    return layers.pointwise({a, b}, saved);
  };
  const auto sum = [&](const Shadow& a, const Shadow& b) {
    return layers.pointwise({a, b}, {}, true);
  };
  const auto scaled = [&](const Shadow& a) { return layers.pointwise({a}); };
  const auto shifted = [&](const Shadow& a) { return layers.pointwise({a}, {}, true); };

  const Shadow x = with_one_channel(output), y = with_one_channel(target);
  const Shadow ux = local_mean(x);
  const Shadow uy = local_mean(y);
  const Shadow uxx = local_mean(product(x, x));
  const Shadow uyy = local_mean(product(y, y));
  const Shadow uxy = local_mean(product(x, y));
  const Shadow vx = scaled(sum(uxx, product(ux, ux)));
  const Shadow vy = scaled(sum(uyy, product(uy, uy)));
  const Shadow vxy = scaled(sum(uxy, product(ux, uy)));
  const Shadow luminance = shifted(product(scaled(ux), uy));
  const Shadow structure = shifted(scaled(vxy));
  const Shadow ux_squared = layers.pointwise({ux}, {ux});
  const Shadow luminance_norm = shifted(sum(ux_squared, layers.pointwise({uy}, {uy})));
  const Shadow structure_norm = shifted(sum(vx, vy));
  const Shadow norm = product(luminance_norm, structure_norm);
  const Shadow both = product(luminance, structure);
  const Shadow similarity = layers.pointwise({both, norm}, {both, norm});
  return layers.reduce(similarity, {1});
}

}  // namespace reconproof::baseline
