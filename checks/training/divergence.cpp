// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/training/divergence.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace reconproof::checks {

namespace {

constexpr double kRounding = 1e-4;  // of a loss: beyond, it is not the order of float additions
constexpr size_t kMostLines = 8;

const char* const kSeedAll =
    "Before anything is drawn, seed torch, torch.cuda, numpy and random (the official seed_fix)";
const char* const kDeterministicKernels =
    "Call torch.use_deterministic_algorithms(True) and set CUBLAS_WORKSPACE_CONFIG=:4096:8 under "
    "[steps.train.env]; what has no deterministic kernel (bilinear F.interpolate, scatter, "
    "index_add) is then named by an error";

/// Whether the loaders asked for other examples, as far as both lists go.
bool asked_for_others(const WatchedTraining& a, const WatchedTraining& b) {
  const size_t both = std::min(a.indices.size(), b.indices.size());
  return !std::equal(a.indices.begin(), a.indices.begin() + static_cast<ptrdiff_t>(both),
                     b.indices.begin());
}

bool opened_others(const WatchedTraining& a, const WatchedTraining& b, int64_t update) {
  const auto at = static_cast<size_t>(update);
  return at < a.files.size() && at < b.files.size() && a.files[at] != b.files[at];
}

Diagnosis other_order() {
  return {"the data come in another order, although both runs began with the same weights",
          "Seed what shuffles: DataLoader(generator=torch.Generator().manual_seed(seed)), or "
          "torch.manual_seed before the loader is first used; sort lists of files (iterdir, "
          "os.listdir and set have no order)"};
}

Diagnosis other_inputs(int64_t iteration) {
  const std::string since =
      iteration == 0 ? "from the first step on"
                     : fmt::format(
                           "at iteration {}, while the weights before it are the same bit "
                           "for bit",
                           iteration);
  return {"the network was given other inputs " + since +
              ": an augmentation, a dropout or a noise that is not seeded",
          std::string(kSeedAll) +
              "; give every augmentation a generator of its own; in workers of a loader seed numpy "
              "and random by worker_init_fn"};
}

Diagnosis rounding(const WatchedTraining& a, const char* pass) {
  const bool cpu = a.device.starts_with("cpu");
  return {
      fmt::format("the same numbers are added in another order in the {} pass: threads, or a "
                  "kernel that is not deterministic",
                  pass),
      cpu ? fmt::format("Fix the number of threads (OMP_NUM_THREADS under [steps.train.env]). {}",
                        kDeterministicKernels)
          : kDeterministicKernels};
}

}  // namespace

Diagnosis diagnose(const WatchedTraining& a, const WatchedTraining& b, const Divergence& first) {
  switch (first.quantity) {
    case Quantity::kInitialWeights:
      return {a.seeds.empty() ? "nothing set a seed before the network was made"
                              : "the initial weights do not come from the seeds that were set: the "
                                "network is made before, or by a generator that is not seeded",
              std::string(kSeedAll) + ", and before the network is constructed"};
    case Quantity::kLoss:
      if (asked_for_others(a, b) || (a.indices.empty() && opened_others(a, b, first.iteration)))
        return other_order();
      return first.relative && *first.relative < kRounding ? rounding(a, "forward")
                                                           : other_inputs(first.iteration);
    case Quantity::kGradNorm:
      return rounding(a, "backward");
    default:
      return {
          "loss and gradient are the same and the weights are not: the optimizer's own kernels, "
          "or gradients whose norm hides what differs",
          kDeterministicKernels};
  }
}

std::vector<std::string> losses_beside_each_other(const StepSeries& a, const StepSeries& b,
                                                  const Divergence& first) {
  std::vector<std::string> lines;
  for (const StepRecord& step : a.steps) {
    const auto other = std::ranges::find(b.steps, step.iteration, &StepRecord::iteration);
    if (step.iteration < first.iteration || lines.size() == kMostLines || other == b.steps.end() ||
        !step.loss || !other->loss)
      continue;
    const double larger = std::max(std::abs(*step.loss), std::abs(*other->loss));
    lines.push_back(fmt::format("iteration {}: loss {} against {}, {:.2g} of it", step.iteration,
                                *step.loss, *other->loss,
                                larger > 0 ? std::abs(*step.loss - *other->loss) / larger : 0));
  }
  return lines;
}

EqualTensors equal_tensors(const WatchedTraining& a, const WatchedTraining& b) {
  std::map<std::string, const InitialTensor*> others;
  for (const InitialTensor& tensor : b.tensors) others[tensor.name] = &tensor;
  EqualTensors result;
  for (const InitialTensor& tensor : a.tensors) {
    const auto found = others.find(tensor.name);
    if (found == others.end() || found->second->values != tensor.values) continue;
    if (tensor.constant || found->second->constant) {
      ++result.constant;
      continue;
    }
    ++result.compared;
    result.compared_values += tensor.values;
    if (tensor.sha256 != found->second->sha256) continue;
    ++result.equal;
    result.equal_values += tensor.values;
    result.names.push_back(tensor.name + (tensor.optimized ? "" : " (not trained)"));
  }
  return result;
}

}  // namespace reconproof::checks
