// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/memory_advice.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "baseline/memory.h"

namespace reconproof::baseline {
namespace {

constexpr double kFloat = 4;

// Complex arrays of all coils that live at once beside the U-Nets' activations, measured with the
// meter for 1 to 6 cascades and 4 to 16 coils: of the sensitivity network with what passes, of each
// cascade that is kept; with gradient checkpointing of the two phases of backward whose larger one
// is the peak. There oneDNN's blocked copies of few channels count: it pads to 16 with AVX-512, to
// 8 with AVX2, so the sensitivity phase takes 17 or 13; a GPU takes neither.
constexpr double kArrays = 10, kCascadeArrays = 2.9;
constexpr double kSensitivityPhase = 14.5, kCascadePhase = 9, kKeptCascade = 1.3;
constexpr double kGradients = 0.4;  // of an image's activations, while its U-Net runs backward

double padded(int64_t extent) { return static_cast<double>((extent + 15) / 16 * 16); }

/// Values that autograd keeps of a U-Net of `chans` channels over an image of `pixels`: of each 3x3
/// convolution its result and the normalised one, 4 per block; on the way up also the transposed
/// convolution's two and the joined skip.
double unet_values(double chans, int64_t pools, double pixels) {
  const double levels = 2 - std::pow(2.0, 1.0 - static_cast<double>(pools));  // sum of (1/2)^level
  const double bottom = std::pow(0.5, static_cast<double>(pools));
  constexpr double kDown = 4, kPooled = 0.25, kUp = 8, kBottom = 4, kEnds = 4;
  return pixels * (chans * ((kDown + kPooled + kUp) * levels + kBottom * bottom) + kEnds);
}

/// With gradient checkpointing: what goes from block to block, and the inside of the largest block.
double recomputed_unet_values(double chans, int64_t pools, double pixels) {
  const double levels = 2 - std::pow(2.0, 1.0 - static_cast<double>(pools));
  constexpr double kDown = 1, kPooled = 0.25, kUp = 1, kLargest = 8, kEnds = 4;
  return pixels * (chans * ((kDown + kPooled + kUp) * levels + kLargest) + kEnds);
}

/// Bytes of the parameters, with their gradients and Adam's two moments.
double parameter_bytes(const NetworkSizes& sizes) {
  constexpr double kCopies = 4;
  double values = 0;
  for (const challenge::NetworkTensor& tensor : challenge::network_tensors(sizes)) {
    double count = 1;
    for (const int64_t extent : tensor.shape) count *= static_cast<double>(extent);
    values += count;
  }
  return kFloat * kCopies * values;
}

/// A change of the command line and what it leads to.
struct Variant {
  std::string option;
  VarnetSizes sizes;
  Execution execution;
};

std::vector<Variant> smaller_variants(const VarnetSizes& sizes, const Execution& execution) {
  std::vector<Variant> variants;
  Execution recompute = execution;
  recompute.recompute = true;
  if (!execution.recompute) variants.push_back({"--gradient-checkpointing", sizes, recompute});
  const auto smaller = [&](const char* option, int64_t VarnetSizes::*size) {
    for (int64_t value = sizes.*size - 1; value >= 1; --value) {
      VarnetSizes changed = sizes;
      changed.*size = value;
      variants.push_back({fmt::format("{} {}", option, value), changed, execution});
    }
  };
  smaller("--cascades", &VarnetSizes::cascades);
  smaller("--sens-chans", &VarnetSizes::sens_chans);
  smaller("--chans", &VarnetSizes::chans);
  return variants;
}

}  // namespace

int64_t training_bytes(const NetworkSizes& sizes, const Execution& execution,
                       const formats::Shape& shape) {
  const double coils = static_cast<double>(shape[0]);
  const double pixels = padded(shape[1]) * padded(shape[2]);
  if (std::holds_alternative<UnetSizes>(sizes))
    return static_cast<int64_t>(kFloat * unet_values(2, 1, pixels) * coils +
                                parameter_bytes(sizes));
  const auto& varnet = std::get<VarnetSizes>(sizes);
  const double array = 2 * coils * static_cast<double>(shape[1] * shape[2]);
  const double coil = unet_values(static_cast<double>(varnet.sens_chans), varnet.pools, pixels);
  const double image = unet_values(static_cast<double>(varnet.chans), varnet.pools, pixels);
  const double cascades = static_cast<double>(varnet.cascades);
  const double half = execution.precision == Precision::kFloat32 ? 1 : 0.6;
  const double spared =
      recomputed_unet_values(static_cast<double>(varnet.sens_chans), varnet.pools, pixels);
  const double values = execution.recompute
                            ? std::max(half * coils * spared + array * kSensitivityPhase,
                                       half * image * (1 + kGradients) +
                                           array * (kCascadePhase + kKeptCascade * cascades))
                            : half * (coils * coil + cascades * image) +
                                  array * (kArrays + kCascadeArrays * cascades);
  return static_cast<int64_t>(kFloat * values + parameter_bytes(sizes));
}

std::string memory_advice(const NetworkSizes& sizes, const Execution& execution,
                          const formats::Shape& shape, std::optional<int64_t> available) {
  std::string text =
      fmt::format("out of memory: a training step on {} takes about {}", formats::shape_text(shape),
                  bytes_text(training_bytes(sizes, execution, shape)));
  if (available) text += fmt::format(", and there are {}", bytes_text(*available));
  const auto* varnet = std::get_if<VarnetSizes>(&sizes);
  if (varnet == nullptr) {
    return text + (shape[0] > 1 ? "; take a smaller --batch-size"
                                : "; close what else runs on this machine or GPU");
  }
  std::string last_option, fitting;
  for (const Variant& variant : smaller_variants(*varnet, execution)) {
    const std::string name = variant.option.substr(0, variant.option.find(' '));
    const int64_t bytes = training_bytes(variant.sizes, variant.execution, shape);
    // Some memory goes to what is not counted; the first value of each option that fits is the
    // largest.
    const bool fits =
        !available || static_cast<double>(bytes) < 0.9 * static_cast<double>(*available);
    if (!fits || name == last_option) continue;
    last_option = name;
    fitting += fmt::format("{}{} (about {})", fitting.empty() ? "" : ", or ", variant.option,
                           bytes_text(bytes));
  }
  if (fitting.empty()) {
    return text +
           "; no single change is enough: use --gradient-checkpointing and smaller --cascades, "
           "--chans and --sens-chans together";
  }
  return text + "; what fits: " + fitting +
         ". Closing what else runs on this machine or GPU helps, too";
}

}  // namespace reconproof::baseline
