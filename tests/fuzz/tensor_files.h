// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "formats/torch_checkpoint.h"
#include "formats/torch_checkpoint_writer.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {

inline std::map<std::string, std::vector<std::byte>> all_tensors(const formats::TensorFile& file) {
  std::map<std::string, std::vector<std::byte>> tensors;
  for (const auto& [name, info] : file.tensors()) {
    RP_ASSERT(info.bytes >= 0);
    tensors[name] = file.read(name);
  }
  return tensors;
}

/// A checkpoint that is accepted is written, and read again as the same.
inline void check_checkpoint(const std::filesystem::path& path, const std::filesystem::path& copy) {
  accepted([&] {
    const formats::TorchCheckpoint checkpoint(path);
    const auto data = all_tensors(checkpoint);
    std::vector<formats::NamedTensor> tensors;
    for (const auto& [name, info] : checkpoint.tensors())
      tensors.push_back({name, info.dtype, info.shape, data.at(name)});
    formats::write_torch_checkpoint(copy, {}, tensors);
    const formats::TorchCheckpoint again(copy);
    RP_ASSERT(all_tensors(again) == data);
    for (const auto& [name, info] : checkpoint.tensors())
      RP_ASSERT(again.tensor(name).shape == info.shape && again.tensor(name).dtype == info.dtype);
  });
}

}  // namespace reconproof::fuzz
