// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How fast a device does each kind of work (shadow.h), fitted to a minute of measured steps, and
// kept for later (docs/formats/plan.md).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "baseline/plan/network_cost.h"

namespace reconproof::baseline {

/// What speeds belong to: another of these, and they say nothing.
struct PlannedDevice {
  std::string kind;  // "cpu" or "cuda"
  std::string name;  // as the system names it
  int64_t threads = 0;
  std::string libtorch, program;  // versions
};

/// The device that this process computes on, with the threads it is set to.
PlannedDevice planned_device(torch::Device device);

/// Seconds of a unit of each kind of work, for one of the two passes.
struct Speed {
  Work seconds{};
  double residual = 0;  // largest of |predicted / measured - 1| over what it was fitted to

  double of(const Work& work) const;
};

/// Of one kind of network: layers of the same work take different times in another surrounding.
struct Speeds {
  Speed inference, training;
};

struct Calibration {
  PlannedDevice device;
  int64_t measured_at = 0;  // seconds since 1970
  int64_t networks = 0;     // that were measured
  Speeds varnet, unet;

  const Speeds& of(const NetworkSizes& sizes) const {
    return std::holds_alternative<UnetSizes>(sizes) ? unet : varnet;
  }
};

/// A pass: its work, and how long it took.
struct TimedWork {
  Work work{};
  double seconds = 0;
};

/// The speeds, none negative, that come nearest to all of them, by relative error.
Speed fit_speed(const std::vector<TimedWork>& measured);

/// Measures; about a minute. `progress` hears of each network before it is measured.
Calibration calibrate(torch::Device device,
                      const std::function<void(int64_t done, int64_t of)>& progress);

/// Where the speeds of this device are kept, in the user's cache.
std::filesystem::path calibration_file(const PlannedDevice& device);
void keep(const Calibration& calibration);
/// nullopt where none was kept for this very device. kCorrupt where the file is no calibration:
/// calibrating again replaces it.
std::optional<Calibration> kept_calibration(const PlannedDevice& device);

}  // namespace reconproof::baseline
