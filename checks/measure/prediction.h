// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a time that was measured here would be on the official GPU: *predicted*, never a pass.
//
// The bridge is the official VarNet, whose time for a slice is known there (the edition's
// [reference]) and measured here. Networks do not all scale alike, so a prediction is an interval.
#pragma once

#include <string>

namespace reconproof::checks {

/// A device, and what the official VarNet takes for a slice on it.
struct Pace {
  double ms_per_slice = 0;
  bool gpu = true;     // else a CPU
  std::string device;  // "NVIDIA H100"
};

/// What the clock was around.
enum class Timed {
  kForward,  // a network's work on a slice, and nothing else
  kWholeRun  // a command from start to exit: reading and writing do not scale as a network does
};

struct Prediction {
  double value = 0, low = 0, high = 0;
  std::string unit;  // of what was measured
  Pace there, here;
  std::string certainty;  // of the time there, as the edition says
  std::string text;       // "predicted 812 s (541 to 1218 s) on NVIDIA GeForce GTX 1080, from ..."
};

/// value = measured * there / here. The interval: a factor of 1.5 up and down from one GPU to
/// another, of 3 from a CPU, for networks that scale otherwise than the official VarNet; and of a
/// whole run it also reaches to `measured` itself, as if none of it scaled.
/// `unit`: of `measured`, "s" or "ms"; times must be positive.
Prediction predict(double measured, const std::string& unit, Timed timed, const Pace& there,
                   const std::string& certainty, const Pace& here);

}  // namespace reconproof::checks
