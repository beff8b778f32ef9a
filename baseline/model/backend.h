// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Who computes a network: LibTorch, or the engine, and what the engine is given.
#pragma once

#include <torch/types.h>

#include <string_view>

#include "baseline/engine/coils.h"
#include "baseline/model/varnet.h"

namespace reconproof::baseline {

enum class Backend {
  kAuto,      // the engine where it can, else LibTorch
  kEngine,    // baseline/engine: VarNets of float32 on a processor
  kLibTorch,  // baseline/model, operation by operation as the official code
  kGraph,     // the same, recorded for each shape and launched at once: VarNets on a GPU
};

/// "auto", "engine", "libtorch", "graph"; kUsage for others.
Backend backend_of(std::string_view name);

/// Whether the engine knows such networks and is wanted.
bool uses_engine(Domain domain, Precision precision, torch::Device device, Backend backend);

/// kUnsupported for Backend::kEngine where uses_engine() is false, and for Backend::kGraph as
/// require_recorder().
void require_backend(Domain domain, Precision precision, torch::Device device, Backend backend);

/// The network, if uses_engine(). kUnsupported as above.
VarnetImpl* varnet_for_engine(Network& network, torch::Device device, Backend backend);

/// Whether the engine can compute the slice. Not where LibTorch's image is smaller than its
/// geometry says, and where a U-Net's bottom has a single value, which has no deviation to be
/// brought to 1. kUnsupported for Backend::kEngine instead of false.
bool engine_takes(const VarnetImpl& network, const NetworkInput& input, Backend backend);

/// A slice as the engine takes it.
struct EngineInput {
  EngineInput(const VarnetImpl& network, const NetworkInput& input);

  torch::Tensor kspace, mask;
  engine::Slice slice;  // of these two
  engine::AcsColumns acs;
  engine::Window window;  // what of the image is not cropped away
};

/// By their names; they must not move while it lives.
engine::Weights engine_weights(const VarnetImpl& network);

}  // namespace reconproof::baseline
