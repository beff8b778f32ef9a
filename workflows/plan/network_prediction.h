// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the baseline's program says that networks take (`reconproof-baseline plan --json`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/array.h"

namespace reconproof::workflows {

/// The networks that are asked about: every number of cascades with every number of channels.
struct NetworkQuestion {
  std::string model = "varnet";
  std::vector<int64_t> cascades = {1}, chans = {9};
  int64_t sens_chans = 4, pools = 4;
  std::vector<formats::Shape> shapes;  // (coils, rows, columns)
  int64_t image_size = 384, batch_size = 1;
  bool gradient_checkpointing = false;
  std::string precision = "fp32";
  int threads = 0;  // 0: all cores
};

/// A network's slice of one shape. Times are of one slice, and of a training step on one, on the
/// device that was asked; nullopt: not calibrated.
struct ShapePrediction {
  formats::Shape shape;
  int64_t inference_bytes = 0, training_bytes = 0;          // of tensors, on this device
  int64_t gpu_inference_bytes = 0, gpu_training_bytes = 0;  // likewise, on a GPU
  int64_t gpu_checkpointed_bytes = 0;  // training with gradient checkpointing, on a GPU
  std::optional<double> inference_ms, training_ms;
};

struct NetworkPrediction {
  std::string model;
  std::map<std::string, int64_t> sizes;  // by the names of docs/formats/checkpoint.md
  int64_t parameters = 0;
  std::vector<ShapePrediction> shapes;  // in the order of the question; of a U-Net one alone

  const ShapePrediction& of(const formats::Shape& shape) const;
};

struct PlanDevice {
  std::string kind, name, libtorch;  // kind: "cpu" or "cuda"
  int64_t threads = 0;
};

struct PlanCalibration {
  int64_t measured_at = 0;  // seconds since 1970
  double inference_residual = 0, training_residual = 0;
};

struct NetworkAnswer {
  PlanDevice device;
  std::optional<PlanCalibration> calibration;
  std::vector<NetworkPrediction> networks;
};

/// kCorrupt where the text is not what the program prints.
NetworkAnswer parse_answer(std::string_view text, const std::string& name);

/// Runs the program; kNotFound where it is not beside the harness, kInvalidArgument with its words
/// where it refuses.
NetworkAnswer ask_baseline(const NetworkQuestion& question);

}  // namespace reconproof::workflows
