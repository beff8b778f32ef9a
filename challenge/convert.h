// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Weights from one container to another: what torch.save writes, and safetensors with the metadata
// of docs/formats/checkpoint.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/network.h"

namespace reconproof::challenge {

struct Conversion {
  std::filesystem::path in, out;
  std::optional<NetworkSizes> network;  // nullopt: none of the official ones
  int64_t tensors = 0;
  std::string weights_sha256;
  std::string converted_from_sha256;  // of the file IN
  std::vector<std::string> left_out;  // what IN holds beside weights ("optimizer")
};

/// Writes OUT, whole or not at all; both names end in .pt, .pth or .safetensors. The tensors of OUT
/// are those of IN, bit by bit. kUsage when OUT is IN or a suffix is foreign; kNotFound, kCorrupt,
/// kUnsupported for what cannot be read or written; kIntegrity when IN states another hash of its
/// weights.
Conversion convert_checkpoint(const std::filesystem::path& in, const std::filesystem::path& out);

nlohmann::ordered_json to_json(const Conversion& conversion);

}  // namespace reconproof::challenge
