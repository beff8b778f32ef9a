// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/memory_advice.h"

#include <fmt/core.h>
#include <torch/utils.h>

#include <vector>

#include "baseline/device.h"
#include "baseline/engine/varnet_training.h"
#include "baseline/memory.h"
#include "baseline/plan/network_cost.h"

namespace reconproof::baseline {
namespace {

/// Of the loss, which takes little of a step's memory.
constexpr int64_t kLabelSize = 384;
/// Images of that size which LibTorch holds at once for it.
constexpr int64_t kLossPlanes = 5;

/// A change of the command line and what it leads to.
struct Variant {
  std::string option;
  TrainedNetwork network;
};

std::vector<Variant> smaller_variants(const TrainedNetwork& network) {
  std::vector<Variant> variants;
  const auto& sizes = std::get<VarnetSizes>(network.sizes);
  if (network.backend == Backend::kLibTorch &&
      uses_engine(Domain::kKspace, network.execution.precision, network.device, Backend::kAuto)) {
    variants.push_back({"--backend engine", network});
    variants.back().network.backend = Backend::kEngine;
  }
  if (!network.execution.recompute) {
    variants.push_back({"--gradient-checkpointing", network});
    variants.back().network.execution.recompute = true;
  }
  const auto smaller = [&](const char* option, int64_t VarnetSizes::*size) {
    for (int64_t value = sizes.*size - 1; value >= 1; --value) {
      VarnetSizes changed = sizes;
      changed.*size = value;
      variants.push_back({fmt::format("{} {}", option, value), network});
      variants.back().network.sizes = changed;
    }
  };
  smaller("--cascades", &VarnetSizes::cascades);
  smaller("--sens-chans", &VarnetSizes::sens_chans);
  smaller("--chans", &VarnetSizes::chans);
  return variants;
}

}  // namespace

int64_t training_bytes(const TrainedNetwork& network, const formats::Shape& shape) {
  if (uses_engine(domain_of(network.sizes), network.execution.precision, network.device,
                  network.backend)) {
    using Activations = engine::VarnetTraining::Activations;
    const int64_t engine_bytes = engine::VarnetTraining::planned_bytes(
        std::get<VarnetSizes>(network.sizes),
        network.execution.recompute ? Activations::kRecomputed : Activations::kKept,
        torch::get_num_threads(), shape[0], shape[1], shape[2]);
    return engine_bytes + kLossPlanes * kLabelSize * kLabelSize * int64_t{sizeof(float)};
  }
  return network_cost(network.sizes, network.execution, shape, kLabelSize,
                      device_kind(network.device))
      .training.peak_bytes;
}

std::string memory_advice(const TrainedNetwork& network, const formats::Shape& shape,
                          std::optional<int64_t> available) {
  std::string text =
      fmt::format("out of memory: a training step on {} takes about {}", formats::shape_text(shape),
                  bytes_text(training_bytes(network, shape)));
  if (available) text += fmt::format(", and there are {}", bytes_text(*available));
  if (!std::holds_alternative<VarnetSizes>(network.sizes)) {
    return text + (shape[0] > 1 ? "; take a smaller --batch-size"
                                : "; close what else runs on this machine or GPU");
  }
  std::string last_option, fitting;
  for (const Variant& variant : smaller_variants(network)) {
    const std::string name = variant.option.substr(0, variant.option.find(' '));
    const int64_t bytes = training_bytes(variant.network, shape);
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
