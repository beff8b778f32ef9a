// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A file of named tensors with text metadata, whatever its container: safetensors, or what
// torch.save writes.
#pragma once

#include <charconv>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/array.h"

namespace reconproof::formats {

/// Bytes of an element of a dtype as safetensors names it ("F32", "I64", "BOOL", ...); 0 for any
/// other name.
int64_t dtype_bytes(const std::string& dtype);

struct TensorInfo {
  std::string dtype;  // "F32", "F64", "I64", ...
  Shape shape;
  int64_t bytes = 0;  // of its elements, row-major
};

/// Headers are read and checked at construction; tensors on demand.
class TensorFile {
 public:
  virtual ~TensorFile() = default;

  const std::filesystem::path& path() const { return path_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }

  /// What else the file holds, and a conversion leaves out ("optimizer").
  const std::vector<std::string>& left_out() const { return left_out_; }

  /// A metadata value, or kCorrupt with the keys that are there.
  const std::string& require_metadata(const std::string& key) const;

  /// The tensor's description, or kCorrupt when there is none of that name.
  const TensorInfo& tensor(const std::string& name) const;

  /// Row-major little-endian elements; `out` has exactly the tensor's size.
  virtual void read(const std::string& name, std::span<std::byte> out) const = 0;
  std::vector<std::byte> read(const std::string& name) const;

  /// kUnsupported when the tensor is not F32.
  std::vector<float> read_floats(const std::string& name) const;

 protected:
  explicit TensorFile(std::filesystem::path path) : path_(std::move(path)) {}
  TensorFile(TensorFile&&) = default;
  TensorFile& operator=(TensorFile&&) = default;

  std::filesystem::path path_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorInfo> tensors_;
  std::vector<std::string> left_out_;
};

/// A metadata value as a number; nullopt when it is absent or something else.
template <typename T>
std::optional<T> metadata_number(const std::map<std::string, std::string>& metadata,
                                 const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A tensor to be written; `data`, row-major and little-endian, must outlive the call.
struct NamedTensor {
  std::string name;
  std::string dtype;
  Shape shape;
  std::span<const std::byte> data;
};

/// SHA-256 over tensors in byte order of their names: of each its name, a zero byte, its data
/// (docs/formats/checkpoint.md). The order of `tensors` does not matter.
std::string weights_sha256(std::span<const NamedTensor> tensors);
/// The same of a file's, one in memory at a time.
std::string weights_sha256(const TensorFile& file);

}  // namespace reconproof::formats
