// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "challenge/edition.h"

namespace reconproof::baseline {

struct VolumeDifference {
  std::string cell, volume;
  double nmse = 0;  // |a - b|^2 / |b|^2, b the reference
};

/// Compares each REFERENCE/<cell>/*.h5 with OUT/<cell>/<same name>. kNotFound when a partner is
/// missing or a cell of the reference has no volumes, kCorrupt when the shapes differ.
std::vector<VolumeDifference> compare_reconstructions(const challenge::Edition& edition,
                                                      const std::filesystem::path& out,
                                                      const std::filesystem::path& reference);

}  // namespace reconproof::baseline
