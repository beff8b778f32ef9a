// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The slice contract of 2026: only recon_slice is timed, one slice at a time. The harness asks a
// team's functions for each slice (python/slice_contract), in the sandbox of the whole-run
// contract, and its own clock runs.
//
// Two ways to ask. As the official recon_eval.py does: the volumes lie there from the start, in
// their order, five slices of the same volume come first as a warm-up, and the clock stops when
// recon_slice returns. And hardened: a volume comes into being, under a random name, just before it
// is asked for; the warm-up is on a changed copy of it; slices come in random order; the clock
// stops when the image's bytes lie in our private memory; between two requests the team's processes
// stand still; and when the volume is done, its input is changed, which must change the image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checks/measure/whole_run.h"

namespace reconproof::checks {

enum class SliceMode { kOfficial, kHardened };

struct VolumeTimes {
  std::string cell, name;
  int64_t bytes = 0;                  // of its input
  double prep_s = 0, prep_cpu_s = 0;  // prep_volume: by the clock, and of all processors
  std::vector<double> slice_s;        // recon_slice, by slice
  std::vector<double> declared_s;     // the same by the clock of the team's process
  // Hardened only:
  int64_t altered = 0;           // arrays of prep_volume's result that held the input
  bool computed_before = false;  // the image stayed when they and the file were changed
};

struct SliceRun {
  WholeRunResult run;
  std::vector<VolumeTimes> volumes;  // in the order in which they came
  double busy_cores = 0;             // processors that other programs kept busy meanwhile
  std::string held_by;               // what made the processes stand still; empty: nothing did
};

/// The driver's command for a step: `python3 recon_eval.py -n NET` becomes `python3 DRIVER
/// DESCRIPTOR VOLUMES recon_eval.py -n NET`. kInvalidArgument when there is no script in it.
std::vector<std::string> driver_command(const submission::Step& step, const std::string& driver,
                                        int descriptor, const std::string& volumes);

/// Reconstructs every volume into `options.recon_folder`. What whole_run says of sandbox, errors
/// and the team's files holds here too. `options.view` is for the official way only.
SliceRun slice_run(const submission::Project& project, const challenge::Edition& edition,
                   WholeRunOptions options, SliceMode mode);

}  // namespace reconproof::checks
