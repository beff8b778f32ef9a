// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Weights with what is needed to use them and to say where they came from. On disk:
// docs/formats/checkpoint.md.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baseline/model/network.h"
#include "formats/safetensors.h"

namespace reconproof::baseline {

struct CheckpointInfo {
  NetworkSizes sizes;
  std::optional<uint64_t> seed;  // unknown in some converted checkpoints, as are edition and
  std::string edition;           // initial_weights_sha256: empty then
  int64_t epoch = 0;             // epochs completed
  double best_val_loss = 1;
  std::string weights_sha256, initial_weights_sha256;
};

/// kInvalidArgument ("<what>: ...") for sizes that no one trains, before anything is allocated for
/// them.
void check_sizes(const NetworkSizes& sizes, const std::string& what);

/// Parameters and buffers by their official names, on the CPU and contiguous.
std::map<std::string, torch::Tensor> named_weights(const torch::nn::Module& model);

/// SHA-256 over all of them in byte order of their names: name, a zero byte, the tensor's bytes.
std::string weights_sha256(const torch::nn::Module& model);

/// A tensor's name, shape and bytes for a file; the tensor must outlive it.
formats::NamedTensor named_tensor(const std::string& name, const torch::Tensor& tensor);

/// The same for all; `weights` must outlive them.
std::vector<formats::NamedTensor> as_named(const std::map<std::string, torch::Tensor>& weights);

/// The tensor of a file, of the shape and type of `like`. kCorrupt when it has another.
torch::Tensor read_tensor(const formats::TensorFile& file, const std::string& name,
                          const torch::Tensor& like);

/// Writes atomically; `info.weights_sha256` is computed from `model`.
void save_checkpoint(const std::filesystem::path& path, CheckpointInfo info,
                     const torch::nn::Module& model);

/// Metadata of a checkpoint: ours, whose stated sizes must ask for exactly the tensors that are
/// there, or a torch checkpoint of an official network, recognised by its tensors. kCorrupt,
/// kUnsupported.
CheckpointInfo read_checkpoint_info(const formats::TensorFile& file);

/// Copies the tensors into a model of the same sizes. kIntegrity when they do not have the hash
/// that the metadata states.
void load_weights(const formats::TensorFile& file, torch::nn::Module& model);

/// The network of a checkpoint (.safetensors, .pt, .pth), ready to reconstruct on `device`.
std::shared_ptr<Network> load_network(const std::filesystem::path& weights,
                                      const ImageGeometry& geometry, torch::Device device);

}  // namespace reconproof::baseline
