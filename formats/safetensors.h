// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Safetensors: a JSON header that names tensors, then their bytes. Nothing in it can be executed,
// and every byte of the data belongs to exactly one tensor. On disk: docs/formats/checkpoint.md.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/tensor_file.h"
#include "system/files.h"

namespace reconproof::formats {

/// Reads the header at construction and checks it against the file's size; tensors are read on
/// demand. kNotFound, kCorrupt.
class SafetensorsReader : public TensorFile {
 public:
  explicit SafetensorsReader(std::filesystem::path path);

  using TensorFile::read;
  void read(const std::string& name, std::span<std::byte> out) const override;

 private:
  void parse_header(const std::string& text);
  void check_tiling(int64_t data_bytes) const;

  system::Descriptor file_;
  int64_t data_begin_ = 0;
  std::map<std::string, int64_t> offsets_;  // within the file
};

/// Same tensors and metadata, same bytes: tensors lie in byte order of their names. Atomic.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, std::string>& metadata,
                       std::vector<NamedTensor> tensors);
/// The tensors of another file, one in memory at a time.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, std::string>& metadata,
                       const TensorFile& source);

}  // namespace reconproof::formats
