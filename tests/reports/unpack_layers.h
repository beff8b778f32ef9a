// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What templates/viewer.js does with the layers of a slice.
#pragma once

#include <zlib.h>

#include <string>
#include <vector>

#include "reports/layers.h"

namespace reconproof::reports {

/// Empty where `packed` is no zlib stream of `count` layers.
inline std::vector<Layer> unpack_layers(const std::string& packed, size_t count, int64_t height,
                                        int64_t width) {
  const size_t pixels = static_cast<size_t>(height * width);
  std::string bytes(2 * count * pixels + 1, '\0');
  uLongf size = bytes.size();
  if (::uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                   reinterpret_cast<const Bytef*>(packed.data()), packed.size()) != Z_OK ||
      size != 2 * count * pixels)
    return {};
  std::vector<Layer> layers(count, Layer(pixels));
  for (size_t i = 0; i < count * pixels; ++i) {
    Layer& layer = layers[i / pixels];
    const size_t at = i % pixels, columns = static_cast<size_t>(width);
    const int left = at % columns > 0 ? layer[at - 1] : 0,
              above = at >= columns ? layer[at - columns] : 0;
    const int folded =
        static_cast<uint8_t>(bytes[i]) | static_cast<uint8_t>(bytes[i + count * pixels]) << 8;
    layer[at] =
        static_cast<uint16_t>((left + above) / 2 + (folded % 2 ? -(folded + 1) / 2 : folded / 2));
  }
  return layers;
}

}  // namespace reconproof::reports
