// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The challenge's folder layout: DIR/kspace/*.h5 and DIR/image/*.h5, same names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "challenge/edition.h"

namespace reconproof::challenge {

inline constexpr const char* kKspaceFolder = "kspace";
inline constexpr const char* kImageFolder = "image";
inline constexpr const char* kKspaceSet = "kspace";  // (slices, coils, H, W) complex64
inline constexpr const char* kMaskSet = "mask";      // (W,), 1 where a k-space column was sampled
inline constexpr const char* kLabelSet = "image_label";    // (slices, 384, 384) float32
inline constexpr const char* kInputSet = "image_input";    // zero-filled reconstruction, same shape
inline constexpr const char* kGrappaSet = "image_grappa";  // GRAPPA, same shape; not in every file
inline constexpr const char* kReconstructionSet = "reconstruction";
inline constexpr const char* kMaxAttribute = "max";
inline constexpr const char* kAnnotationsAttribute = "annotations";  // boxes as JSON text (2026)

/// The folder of a leaderboard that stands for a cell: its own, or the first of those that may.
std::filesystem::path cell_folder(const Edition& edition, const Cell& cell,
                                  const std::filesystem::path& leaderboard);

/// The folder that holds a cell's labels: its image/. Of a cell without a folder of its own (2021,
/// 2022, fastMRI) also the leaderboard itself, when it has no image/.
std::filesystem::path label_folder(const Edition& edition, const Cell& cell,
                                   const std::filesystem::path& leaderboard);

/// Whether a folder has the folder of every cell of the edition.
bool is_leaderboard(const Edition& edition, const std::filesystem::path& folder);

/// `--data` of the commands names a leaderboard, or a folder that holds leaderboard/ beside train/
/// and val/.
std::filesystem::path leaderboard_in(const Edition& edition, const std::filesystem::path& data);

/// The volumes (*.h5) of a folder, sorted by byte order of their names as the official loader does.
/// Hidden files and folders (.ipynb_checkpoints, .DS_Store) are left out. kNotFound when there is
/// no folder.
std::vector<std::filesystem::path> volumes_in(const std::filesystem::path& folder);

/// The two files of one volume of a training or validation set.
struct VolumeRef {
  std::filesystem::path kspace, image;
};

/// All volumes of DIR/kspace and DIR/image, sorted by name; no file is opened. kCorrupt when a file
/// has no partner, with the names of both; kNotFound when there is none.
std::vector<VolumeRef> paired_volumes(const std::filesystem::path& folder);

/// One slice of a training or validation set.
}  // namespace reconproof::challenge
