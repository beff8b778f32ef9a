// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Weights with what is needed to use them and to say where they came from. On disk:
// docs/formats/checkpoint.md.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "baseline/model/varnet.h"
#include "formats/tensor_file.h"

namespace reconproof::baseline {

/// What a converted checkpoint does not know is absent or empty.
struct CheckpointInfo {
  VarnetSizes sizes;
  std::optional<uint64_t> seed;
  std::string edition;
  int64_t epoch = 0;         // epochs completed
  double best_val_loss = 1;  // as the official trainer begins
  std::string weights_sha256, initial_weights_sha256;
};

/// kInvalidArgument ("<what>: ...") for sizes that no one trains, before anything is allocated for
/// them.
void check_sizes(const VarnetSizes& sizes, const std::string& what);

/// SHA-256 over all parameters in byte order of their names: name, a zero byte, float32 data.
std::string weights_sha256(const torch::nn::Module& model);

/// Writes atomically; `info.weights_sha256` is computed from `model`.
void save_checkpoint(const std::filesystem::path& path, CheckpointInfo info,
                     const torch::nn::Module& model);

/// Metadata of a checkpoint, its sizes compared with the tensors that are really there.
CheckpointInfo read_checkpoint_info(const formats::TensorFile& file);

/// Copies the tensors into a model of the same sizes. kCorrupt on a missing, foreign or mis-shaped
/// tensor, kIntegrity when they do not have the hash that the metadata states.
void load_weights(const formats::TensorFile& file, torch::nn::Module& model);

}  // namespace reconproof::baseline
