// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a training is asked to do, what of it is refused, and what may differ when it is resumed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "baseline/data/augment.h"
#include "baseline/data/scan.h"
#include "baseline/model/backend.h"
#include "baseline/model/network.h"
#include "baseline/train/schedule.h"

namespace reconproof::baseline {

/// In OUT: the hashes of the data that were found fit.
inline constexpr const char* kHashesFile = "data.sha256";

struct TrainOptions {
  std::vector<std::filesystem::path> data_train;  // each with kspace/ and image/
  std::filesystem::path data_val;  // empty: no validation, the last epoch is the best
  std::filesystem::path out;
  NetworkSizes sizes;
  int64_t epochs = 1;
  int64_t batch_size = 1;  // slices of an optimizer step
  Schedule schedule;
  AugmentOptions augment;
  Execution execution;
  Backend backend = Backend::kLibTorch;  // the engine's losses differ by rounding
  uint64_t seed = 430;
  int threads = 0;  // 0: all available cores
  int64_t report_interval = 500;
  int64_t save_interval = 200;  // steps between two saves of the training state
  int64_t keep_every = 0;       // epochs between two checkpoints that are kept; 0: none is
  int64_t stop_at = 0;          // steps after which a replay stops within the training; 0: none
  Scan scan = Scan::kFull;
  bool resume = false;
};

/// The same options. kInvalidArgument, kUnsupported: all that can be refused before the hours that
/// reading all data can take. Makes the folder OUT.
TrainOptions checked(TrainOptions options);

/// What decides the weights, for ledger, checkpoints and a resumption (docs/formats/ledger.md).
nlohmann::json to_json(const TrainOptions& options);

/// Compares what a run began with and what it is asked to go on with, both as the trainer saves
/// them. The changed options that are allowed, each {"from": ..., "to": ...}; kInvalidArgument
/// where another training would come of it. `out` is named in messages.
nlohmann::json changes_on_resume(const nlohmann::json& saved, const nlohmann::json& now,
                                 const std::filesystem::path& out);

}  // namespace reconproof::baseline
