// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/prediction.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "system/error.h"

namespace reconproof::checks {
namespace {

// Estimates, not measurements: convolutions, Fourier transforms and memory-bound layers gain
// differently from a newer GPU, and still more differently from a CPU.
constexpr double kFromGpu = 1.5, kFromCpu = 3;

/// Three digits: more would pretend.
std::string rounded(double value) {
  const double digits = std::floor(std::log10(std::max(value, 1e-9)));
  const double step = std::pow(10, digits - 2);
  return fmt::format("{:.{}f}", std::round(value / step) * step,
                     std::clamp(static_cast<int>(2 - digits), 0, 6));
}

}  // namespace

Prediction predict(double measured, const std::string& unit, Timed timed, const Pace& there,
                   const std::string& certainty, const Pace& here) {
  RP_ASSERT(there.ms_per_slice > 0 && here.ms_per_slice > 0);
  const double factor = here.gpu ? kFromGpu : kFromCpu;
  Prediction prediction{
      .unit = unit, .there = there, .here = here, .certainty = certainty, .text = {}};
  prediction.value = measured * there.ms_per_slice / here.ms_per_slice;
  prediction.low = prediction.value / factor;
  prediction.high = prediction.value * factor;
  if (timed == Timed::kWholeRun) {
    prediction.low = std::min(prediction.low, measured);
    prediction.high = std::max(prediction.high, measured);
  }
  prediction.text = fmt::format(
      "predicted {} {} ({} to {} {}) on {}, from the baseline's {} ms a slice there ({}) and {} "
      "here ({})",
      rounded(prediction.value), unit, rounded(prediction.low), rounded(prediction.high), unit,
      there.device, rounded(there.ms_per_slice), certainty, rounded(here.ms_per_slice),
      here.device);
  return prediction;
}

}  // namespace reconproof::checks
