// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Simulated multi-coil k-space: the same seed gives the same bytes, whatever the machine's threads,
// and every volume depends on the seed and its own number alone.
#pragma once

#include <cstdint>

#include "challenge/dataset/anatomy.h"
#include "challenge/dataset/volume_writer.h"

namespace reconproof::challenge {

struct SimulationOptions {
  uint64_t seed = 430;
  int64_t slices = 4, coils = 8;
  int64_t height = 256, width = 216;  // of the matrix
  /// Standard deviation of the real and of the imaginary part of each coil image over the peak of
  /// the volume's noiseless image. The default is that of a real T1 slice; each volume varies by a
  /// third.
  double noise = 0.007;
};

inline constexpr double kTypicalPeak =
    8e-4;  // of image_label; volumes vary by a factor of 0.6 to 1.4

/// Complete k-space of volume `number`. `head`: its anatomy; null: a random phantom.
/// kInvalidArgument when an option is out of range (coils 4 to 20, sides 32 to 1024, slices 1 to
/// 64, noise 0 to 1).
KspaceVolume simulate_volume(const SimulationOptions& options, int64_t number,
                             const HeadModel* head);

/// The range checks of simulate_volume.
void check_options(const SimulationOptions& options);

}  // namespace reconproof::challenge
