// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reconproof::challenge {

/// The official foreground of a label [height, width]: pixels above `threshold`, then with a 3 x 3
/// square erode once (specks vanish), dilate 15 times (holes close), erode 14 times (the outline
/// returns). 1 inside, 0 outside. Beyond the border OpenCV's erode sees foreground and its dilate
/// background, as its default border is.
std::vector<uint8_t> foreground_mask(std::span<const float> label, int64_t height, int64_t width,
                                     double threshold);
/// The same into memory of the caller's, height * width bytes: allocating them for every slice
/// costs as much as a third of the mask.
void foreground_mask(std::span<const float> label, int64_t height, int64_t width, double threshold,
                     std::span<uint8_t> mask);

}  // namespace reconproof::challenge
