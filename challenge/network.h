// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The networks that the challenge gives out, known by the names and shapes of their weights. No
// LibTorch here: the harness recognises and converts checkpoints too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "formats/tensor_file.h"

namespace reconproof::challenge {

/// Names a checkpoint of ours in its metadata (docs/formats/checkpoint.md).
inline constexpr const char* kCheckpointSchema = "reconproof.checkpoint";
inline constexpr const char* kCheckpointVersion = "1";

/// E2E-VarNet (Sriram et al. 2020; fastMRI varnet.py).
struct VarnetSizes {
  int64_t cascades = 1;
  int64_t chans = 9;       // channels of a cascade's U-Net at full resolution
  int64_t sens_chans = 4;  // the same of the sensitivity network
  int64_t pools = 4;       // halvings in both

  bool operator==(const VarnetSizes&) const = default;
};

/// The small image-domain U-Net of the challenge: one halving, 2 and 4 channels, batch norm.
struct UnetSizes {
  int64_t in_chans = 1;
  int64_t out_chans = 1;

  bool operator==(const UnetSizes&) const = default;
};

using NetworkSizes = std::variant<VarnetSizes, UnetSizes>;

/// "varnet" or "unet".
const char* network_name(const NetworkSizes& sizes);

/// Sizes by the names of docs/formats/checkpoint.md: {"cascades", 1}, {"chans", 9}, ...
std::map<std::string, int64_t> size_fields(const NetworkSizes& sizes);

/// Why no one trains a network of these sizes ("cascades is 0, expected 1 to 64"), or "".
std::string absurd_size_reason(const NetworkSizes& sizes);

struct NetworkTensor {
  std::string name;
  std::string dtype;  // "F32"; "I64" of a batch norm's num_batches_tracked
  formats::Shape shape;
};

/// All tensors of the official state_dict in its order, buffers included. `sizes` must not be
/// absurd.
std::vector<NetworkTensor> network_tensors(const NetworkSizes& sizes);

/// The official network with exactly these tensors: none missing, none foreign, none of another
/// shape or dtype. nullopt for any other.
std::optional<NetworkSizes> recognise_network(
    const std::map<std::string, formats::TensorInfo>& tensors);

}  // namespace reconproof::challenge
