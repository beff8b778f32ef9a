// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "baseline/classical/method.h"
#include "baseline/infer/images.h"
#include "challenge/edition.h"

namespace reconproof::baseline {

struct ClassicalRun {
  ClassicalOptions options;
  std::filesystem::path maps;  // of CG-SENSE (MapFile); empty: from each slice's ACS
  int threads = 0;             // 0: all available cores
};

/// As `reconstruct`, without a network. On the CPU, also where there is a GPU.
RunCost reconstruct_classical(const challenge::Edition& edition, const ClassicalRun& run,
                              const std::filesystem::path& data, const std::filesystem::path& out);

/// Fills `image_grappa` (slices, size, size) float32 of image/*.h5 from kspace/*.h5. DATA is a
/// folder with both, a leaderboard, or a folder that holds some of train/, val/ and leaderboard/.
/// Each file is replaced as a whole; everything else in it stays as it is. kInvalidArgument, before
/// anything is done, when a file has the data set already and `force` is off.
RunCost fill_image_grappa(const challenge::Edition& edition, const ClassicalRun& run,
                          const std::filesystem::path& data, bool force);

}  // namespace reconproof::baseline
