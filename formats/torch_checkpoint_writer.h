// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A checkpoint that `torch.load` reads, with and without weights_only, and that the official
// scripts load: docs/formats/torch-checkpoint.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/tensor_file.h"

namespace reconproof::formats {

/// Where texts of ours stand that the official scripts do not look at.
inline constexpr const char* kOwnMetadataKey = "reconproof";

struct TorchCheckpointInfo {
  std::optional<int64_t> epoch;         // None where it is not known
  std::optional<double> best_val_loss;  // NaN where it is not known
  std::map<std::string, int64_t> args;
  std::map<std::string, std::string> metadata;  // kept under `reconproof`, unless empty
};

/// {'epoch', 'args': dict, 'model': OrderedDict in the order of `tensors`, 'best_val_loss': tensor
/// of no dimension, 'reconproof': dict of texts}. Same arguments, same bytes, whatever the file's
/// name. Atomic. kUnsupported for a dtype that torch has no storage class for, or beyond 4 GiB.
void write_torch_checkpoint(const std::filesystem::path& path, const TorchCheckpointInfo& info,
                            const std::vector<NamedTensor>& tensors);

}  // namespace reconproof::formats
