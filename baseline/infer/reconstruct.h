// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "baseline/infer/images.h"
#include "baseline/infer/inference.h"
#include "challenge/edition.h"

namespace reconproof::baseline {

/// Reads DATA/<cell folder>/kspace/*.h5 (of networks in the image domain: image/*.h5) of every cell
/// of the edition and writes OUT/<cell name>/<same name>, data set `reconstruction` (slices, size,
/// size) float32. Each file is whole or absent. OUT itself is never replaced, since it may be a
/// mount point. Kind and sizes of the network come from `weights` (.safetensors, .pt, .pth).
/// `threads` 0: all available cores.
RunCost reconstruct(const challenge::Edition& edition, const std::filesystem::path& weights,
                    const std::filesystem::path& data, const std::filesystem::path& out,
                    int threads, Backend backend = Backend::kAuto);

}  // namespace reconproof::baseline
