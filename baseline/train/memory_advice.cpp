// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/memory_advice.h"

#include <fmt/core.h>

#include <vector>

#include "baseline/memory.h"

namespace reconproof::baseline {
namespace {

/// Of the loss, which takes little of a step's memory.
constexpr int64_t kLabelSize = 384;

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
                       const formats::Shape& shape, DeviceKind device) {
  return network_cost(sizes, execution, shape, kLabelSize, device).training.peak_bytes;
}

std::string memory_advice(const NetworkSizes& sizes, const Execution& execution,
                          const formats::Shape& shape, std::optional<int64_t> available,
                          DeviceKind device) {
  std::string text =
      fmt::format("out of memory: a training step on {} takes about {}", formats::shape_text(shape),
                  bytes_text(training_bytes(sizes, execution, shape, device)));
  if (available) text += fmt::format(", and there are {}", bytes_text(*available));
  const auto* varnet = std::get_if<VarnetSizes>(&sizes);
  if (varnet == nullptr) {
    return text + (shape[0] > 1 ? "; take a smaller --batch-size"
                                : "; close what else runs on this machine or GPU");
  }
  std::string last_option, fitting;
  for (const Variant& variant : smaller_variants(*varnet, execution)) {
    const std::string name = variant.option.substr(0, variant.option.find(' '));
    const int64_t bytes = training_bytes(variant.sizes, variant.execution, shape, device);
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
