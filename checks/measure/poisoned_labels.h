// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Image files whose labels are wrong: a method that uses them gives itself away.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "challenge/edition.h"

namespace reconproof::checks {

/// What k-space files of the leaderboard have no image file beside them, so that no labels of
/// theirs can be replaced; empty when all have.
std::string missing_labels(const challenge::Edition& edition,
                           const std::filesystem::path& leaderboard);

/// Writes OUT/<cell.folder>/image/*.h5 with the data sets and attributes of the leaderboard's image
/// files, but: labels are random values of their range, `max` is 1.7 times as large, boxes are
/// elsewhere, and unless `keep_inputs` so are the values of `image_input` and `image_grappa`.
/// kCorrupt where an image file cannot be read.
void write_poisoned_labels(const challenge::Edition& edition,
                           const std::filesystem::path& leaderboard, bool keep_inputs,
                           uint64_t seed, const std::filesystem::path& out);

/// Boxes as JSON text (challenge/dataset/folder.h) with each moved by a random way, inside the
/// image where it fits; what is no such text becomes one without boxes.
std::string moved_boxes(const std::string& annotations, int64_t image_size, uint64_t seed);

}  // namespace reconproof::checks
