// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/layers.h"

#include <algorithm>
#include <cmath>

#include "submission/runs/run.h"

namespace reconproof::reports {

Layer image_layer(std::span<const float> values, double full_scale) {
  Layer layer;
  layer.reserve(values.size());
  for (float value : values) {
    const double share = std::isnan(value) ? 0 : std::clamp(value / full_scale, 0.0, 1.0);
    layer.push_back(static_cast<uint16_t>(std::lround(share * kHighestLevel)));
  }
  return layer;
}

std::string pack_layers(const std::vector<Layer>& layers, int64_t width) {
  std::string lower, upper;
  for (const Layer& layer : layers) {
    for (int64_t i = 0; i < std::ssize(layer); ++i) {
      const auto at = [&](int64_t place) { return int{layer[static_cast<size_t>(place)]}; };
      const int left = i % width > 0 ? at(i - 1) : 0, above = i >= width ? at(i - width) : 0;
      const int difference = at(i) - (left + above) / 2;
      const int folded = difference >= 0 ? 2 * difference : -2 * difference - 1;
      lower += static_cast<char>(folded & 255);
      upper += static_cast<char>(folded >> 8);
    }
  }
  return submission::deflate_text(lower + upper);
}

}  // namespace reconproof::reports
