// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/layers.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "system/error.h"

namespace reconproof::reports {
namespace {

/// Of differences that are mostly noise, Huffman codes take all there is to gain: matches longer
/// than a run cost twenty times as long and save nothing.
std::string deflate_runs(std::string bytes) {
  z_stream stream{};
  constexpr int kLevel = 6, kWindowBits = 15, kMemoryLevel = 9;
  RP_ASSERT(::deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_RLE) == Z_OK);
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  RP_ASSERT(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace

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
  return deflate_runs(lower + upper);
}

}  // namespace reconproof::reports
