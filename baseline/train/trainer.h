// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Training by the official steps in the official order: one seed gives the official weights. What
// teams need beyond that (resuming, schedules, augmentation, less memory) changes nothing while it
// is off.
#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "baseline/data/reader.h"
#include "baseline/data/volume.h"
#include "baseline/model/network.h"
#include "baseline/train/adam.h"
#include "baseline/train/forward.h"
#include "baseline/train/loss_scaler.h"
#include "baseline/train/options.h"
#include "baseline/train/pace.h"
#include "baseline/train/state.h"
#include "challenge/edition.h"
#include "formats/ledger.h"
#include "system/files.h"

namespace reconproof::baseline {

class Trainer {
 public:
  /// Checks options and data, seeds, constructs the model and the optimizer. Writes
  /// OUT/data.sha256.
  Trainer(const challenge::Edition& edition, TrainOptions options);

  /// Trains, and writes after each epoch OUT/checkpoints/{last,best_model}.safetensors,
  /// OUT/val_loss_log.npy and OUT/reconstructions_val/, after each step a line of OUT/ledger.jsonl,
  /// and now and then OUT/checkpoints/training_state.safetensors. The official log goes to stdout.
  /// kCorrupt when a loss or a gradient is not finite; kInternal, with what to change, when memory
  /// runs out.
  void run();

  const Network& model() const { return *model_; }

 private:
  struct ValidatedEpoch {
    double loss = 0;
    bool is_best = true;  // without validation the last epoch is
    double seconds = 0, saving_seconds = 0;
  };

  void open_run();
  void resume_run();
  void remove_abandoned_files() const;
  void warn_of_other_machine(const nlohmann::json& saved) const;
  void train_epochs();
  void train_epoch();
  bool stopped() const;  // a replay has come to where it is to stop
  Sample load(const std::vector<int64_t>& order, int64_t position);

  /// One optimizer step; the loss.
  double step(SampleReader& reader, int64_t slices);
  void update(const std::vector<Sample>& samples, double loss);
  [[noreturn]] void stop(const std::vector<Sample>& samples, const char* what, double value);

  void report_step(double loss, double seconds);
  void finish_epoch(double train_loss, double train_seconds);
  ValidatedEpoch validate_epoch();
  void save_checkpoints(bool is_best);
  void save_training_state();
  void write_state(const std::string& name);
  bool keeps_epoch() const;  // the epoch that has just ended, for good
  nlohmann::json config() const;
  nlohmann::json surroundings() const;
  void write_weights(const char* kind, nlohmann::json extra = nlohmann::json::object());

  int64_t steps() const;  // of an epoch
  /// (coils, H, W) of the largest slice, or (batch, size, size) of networks of the image domain.
  formats::Shape largest_step() const;
  std::filesystem::path checkpoint(const std::string& name) const;

  const challenge::Edition& edition_;
  TrainOptions options_;
  system::Descriptor lock_;  // of the folder
  torch::Device device_;
  std::string data_sha256_;  // before the datasets: it takes a scan that names every unfit volume
  PairedDataset train_;
  std::unique_ptr<PairedDataset> val_;
  std::shared_ptr<Network> model_;
  std::unique_ptr<Forward> forward_;
  std::unique_ptr<Adam> optimizer_;
  std::unique_ptr<formats::LedgerWriter> ledger_;
  std::string initial_weights_sha256_;
  TrainState state_;
  int64_t saved_iteration_ = 0;
  LossScaler scaler_;
  Pace pace_;
};

}  // namespace reconproof::baseline
