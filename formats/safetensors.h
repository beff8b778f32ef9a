// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Safetensors: a JSON header that names tensors, then their bytes. Nothing in it can be executed,
// and every byte of the data belongs to exactly one tensor. On disk: docs/formats/checkpoint.md.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/array.h"
#include "system/files.h"

namespace reconproof::formats {

struct SafetensorsEntry {
  std::string dtype;  // "F32", "F64", "I64", ...
  Shape shape;
  int64_t offset = 0, bytes = 0;  // within the file
};

/// Reads the header at construction and checks it against the file's size; tensors are read on
/// demand. kNotFound, kCorrupt.
class SafetensorsReader {
 public:
  explicit SafetensorsReader(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, SafetensorsEntry>& tensors() const { return tensors_; }

  /// A metadata value, or kCorrupt with the keys that are there.
  const std::string& require_metadata(const std::string& key) const;

  /// The tensor's description, or kCorrupt when there is none of that name.
  const SafetensorsEntry& tensor(const std::string& name) const;

  /// Raw bytes; `out` has exactly the tensor's size.
  void read(const std::string& name, std::span<std::byte> out) const;

  /// kUnsupported when the tensor is not F32.
  std::vector<float> read_floats(const std::string& name) const;

 private:
  void parse_header(const std::string& text);
  void check_tiling(int64_t data_bytes) const;

  std::filesystem::path path_;
  system::Descriptor file_;
  int64_t data_begin_ = 0;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, SafetensorsEntry> tensors_;
};

/// A float32 tensor to be written; `data` must outlive the call.
struct NamedFloats {
  std::string name;
  Shape shape;
  std::span<const float> data;
};

/// Same tensors and metadata, same bytes: tensors lie in byte order of their names. Atomic.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, std::string>& metadata,
                       std::vector<NamedFloats> tensors);

}  // namespace reconproof::formats
