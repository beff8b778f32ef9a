// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Whether a sampling mask is what its volume's name says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace reconproof::checks {

/// The acceleration that a path states: "train/kspace/brain_acc4_1.h5", "acc8/kspace/a.h5". The
/// file name counts before the folders.
std::optional<int64_t> stated_acceleration(const std::string& path);

/// Columns [first, end) of the k-space that hold anything: outer columns may be zero-padded.
struct Band {
  int64_t first = 0, end = 0;
};

struct MaskFault {
  const char* kind;  // "mask-values", "mask-acceleration"
  std::string reason;
};

/// Of a mask (width,): nothing, or what is wrong with it.
std::optional<MaskFault> find_mask_fault(std::span<const float> mask, Band band,
                                         std::optional<int64_t> stated);

}  // namespace reconproof::checks
