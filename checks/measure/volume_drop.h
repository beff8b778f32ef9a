// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Volumes that a running command is given one at a time, each under a random name, in a folder that
// it sees from its start. It cannot look ahead, and a name tells nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "challenge/dataset/random.h"
#include "checks/measure/slice_channel.h"

namespace reconproof::checks {

/// The files of one volume on the host; `image` is empty where the method reads k-space only.
struct HostVolume {
  std::filesystem::path kspace, image;
};

/// How large one volume's input is.
struct InputSize {
  int64_t slices = 0;
  int64_t bytes = 0;
};

/// Reads the heads of the files. kCorrupt when they cannot be what the step reads.
InputSize input_size(const HostVolume& volume);

class VolumeDrop {
 public:
  /// In memory where there is room for `bytes`, else on disk.
  VolumeDrop(int64_t bytes, uint64_t seed);
  ~VolumeDrop();
  VolumeDrop(const VolumeDrop&) = delete;
  VolumeDrop& operator=(const VolumeDrop&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  /// The volume as it is. One volume at a time: `clear` comes before the next.
  VolumeFiles drop(const HostVolume& volume);
  /// Its first slices, at most `slices`, with other values in the same shape.
  VolumeFiles drop_altered(const HostVolume& volume, int64_t slices);
  /// Changes the values of one slice in the files that were dropped, where they lie in one piece.
  /// Returns a number by which arrays that hold the slice as it was can be told: its largest real
  /// part.
  float alter(int64_t slice);
  void clear();

 private:
  std::filesystem::path place(const char* kind, const std::string& name) const;
  VolumeFiles new_files();

  std::filesystem::path folder_;
  challenge::Random random_;
  std::string name_;  // of the volume that is there
};

}  // namespace reconproof::checks
