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

/// Compares each OUT/<cell>/*.h5 with REFERENCE/<cell>/<same name>. kNotFound when a partner is
/// missing, kCorrupt when the shapes differ.
std::vector<VolumeDifference> compare_reconstructions(const challenge::Edition& edition,
                                                      const std::filesystem::path& out,
                                                      const std::filesystem::path& reference);

}  // namespace reconproof::baseline
