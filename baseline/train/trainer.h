// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Training by the official steps in the official order: one seed gives the official weights.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "baseline/data/volume.h"
#include "baseline/model/varnet.h"
#include "baseline/train/checkpoint.h"
#include "baseline/train/validation.h"
#include "challenge/edition.h"
#include "formats/ledger.h"

namespace reconproof::baseline {

struct TrainOptions {
  std::filesystem::path data_train, data_val;  // each with kspace/ and image/
  std::filesystem::path out;
  VarnetSizes sizes;
  int64_t epochs = 1;
  double learning_rate = 1e-3;
  uint64_t seed = 430;
  int threads = 0;  // 0: all available cores
  int64_t report_interval = 500;
};

/// What moves while training runs: together with the weights, the optimizer's state and the
/// generator's, all that the next step depends on.
struct TrainState {
  int64_t epoch = 0;      // epochs completed
  int64_t iteration = 0;  // optimizer steps completed
  double best_val_loss = 1;
  std::vector<double> val_loss_log;  // epoch, loss, epoch, loss, ...
};

class Trainer {
 public:
  /// Checks options and data, seeds, constructs the model and the optimizer. Writes nothing.
  Trainer(const challenge::Edition& edition, TrainOptions options);

  /// Trains, and writes OUT/checkpoints/{last,best_model}.safetensors and OUT/val_loss_log.npy
  /// after each epoch, OUT/ledger.jsonl after each step. The official log goes to stdout. kCorrupt
  /// when a loss or a gradient is not finite.
  void run();

  const Varnet& model() const { return model_; }

 private:
  void train_epoch();
  /// One optimizer step; the loss.
  double step(const Sample& sample);
  double backward(const Sample& sample, const torch::Tensor& loss);
  void finish_epoch(double train_loss, double train_seconds);
  void save(bool is_best);
  void write_start(formats::LedgerWriter& ledger);
  void write_weights(const char* kind);

  const challenge::Edition& edition_;
  TrainOptions options_;
  torch::Device device_;
  PairedDataset train_, val_;
  Varnet model_{nullptr};
  std::unique_ptr<torch::optim::Adam> optimizer_;
  std::unique_ptr<formats::LedgerWriter> ledger_;
  std::string initial_weights_sha256_;
  TrainState state_;
};

}  // namespace reconproof::baseline
