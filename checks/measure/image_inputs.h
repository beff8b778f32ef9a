// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// For methods that start from images: the zero-filled and the GRAPPA image of each leaderboard
// volume, in files that hold nothing else.
#pragma once

#include <filesystem>

#include "challenge/edition.h"

namespace reconproof::checks {

/// Writes OUT/<cell.folder>/image/*.h5: copies of the leaderboard's image files with `image_input`
/// and, where it is there, `image_grappa`, as float32. Labels, `max` and boxes stay behind.
/// kCorrupt where an image file cannot be read or has no `image_input`.
void write_image_inputs(const challenge::Edition& edition, const std::filesystem::path& leaderboard,
                        const std::filesystem::path& out);

}  // namespace reconproof::checks
