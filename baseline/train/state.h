// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// All that the next step of a training depends on, in one file: a training that was killed goes on
// from it to the same weights, bit for bit. On disk: docs/formats/training-state.md.
#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "baseline/train/adam.h"
#include "formats/ledger.h"

namespace reconproof::baseline {

/// What moves while training runs, besides the weights and the optimizer's state.
struct TrainState {
  int64_t epoch = 0;      // epochs completed
  int64_t iteration = 0;  // optimizer steps completed
  int64_t position = 0;   // of them in the present epoch, steps left out included
  double loss_sum = 0;    // of the steps of the present epoch
  double best_val_loss = 1;
  std::vector<double> val_loss_log;  // epoch, loss, epoch, loss, ...
  torch::Tensor generator;  // LibTorch's default generator when the present epoch began, u8
  double loss_scale = 1;
  int64_t good_steps = 0;  // since the loss scale last changed
  formats::LedgerPosition ledger;
};

/// Writes atomically; `config` is what the training was started with.
void save_state(const std::filesystem::path& path, const nlohmann::json& config,
                const TrainState& state, const torch::nn::Module& model, const Adam& optimizer);

/// The `config` that was saved, without touching anything else: an object, its `config` as well.
nlohmann::json read_config(const std::filesystem::path& path);

/// Brings model and optimizer back to what they were. kCorrupt when the file does not fit them.
TrainState load_state(const std::filesystem::path& path, torch::nn::Module& model, Adam& optimizer);

}  // namespace reconproof::baseline
