// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tensor_file.h"

#include <algorithm>
#include <bit>

#include "system/error.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::formats {
using system::Code;
using system::fail;

static_assert(std::endian::native == std::endian::little,
              "tensors are copied as they lie in the file");

int64_t dtype_bytes(const std::string& dtype) {
  static const std::map<std::string, int64_t> kBytes = {
      {"F64", 8}, {"F32", 4}, {"F16", 2},  {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
      {"I8", 1},  {"U8", 1},  {"BOOL", 1}, {"U16", 2},  {"U32", 4}, {"U64", 8}};
  const auto found = kBytes.find(dtype);
  return found == kBytes.end() ? 0 : found->second;
}

const std::string& TensorFile::require_metadata(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found != metadata_.end()) return found->second;
  std::string keys;
  for (const auto& item : metadata_) keys += (keys.empty() ? "" : ", ") + item.first;
  fail(Code::kCorrupt, "{}: metadata has no '{}' (it has: {})", path_.string(), key,
       keys.empty() ? "nothing" : system::excerpt(keys));
}

const TensorInfo& TensorFile::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    fail(Code::kCorrupt, "{}: there is no tensor '{}'", path_.string(), name);
  return found->second;
}

std::vector<std::byte> TensorFile::read(const std::string& name) const {
  std::vector<std::byte> bytes(static_cast<size_t>(tensor(name).bytes));
  read(name, bytes);
  return bytes;
}

std::vector<float> TensorFile::read_floats(const std::string& name) const {
  const TensorInfo& info = tensor(name);
  if (info.dtype != "F32") {
    fail(Code::kUnsupported, "{}: '{}' has dtype {}, expected F32", path_.string(), name,
         info.dtype);
  }
  std::vector<float> values(static_cast<size_t>(info.bytes) / sizeof(float));
  read(name, std::as_writable_bytes(std::span(values)));
  return values;
}

std::string weights_sha256(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(),
            [](const NamedTensor* a, const NamedTensor* b) { return a->name < b->name; });
  system::Sha256 hash;
  for (const NamedTensor* tensor : order) {
    hash.update(tensor->name.c_str(), tensor->name.size() + 1);
    hash.update(tensor->data.data(), tensor->data.size());
  }
  return hash.hex();
}

std::string weights_sha256(const TensorFile& file) {
  system::Sha256 hash;
  for (const auto& [name, tensor] : file.tensors()) {
    const std::vector<std::byte> bytes = file.read(name);
    hash.update(name.c_str(), name.size() + 1);
    hash.update(bytes.data(), bytes.size());
  }
  return hash.hex();
}

}  // namespace reconproof::formats
