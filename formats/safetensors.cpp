// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kPrefix = 8;                    // the header's length, little-endian
constexpr int64_t kMaxHeaderBytes = 100'000'000;  // as the reference implementation
constexpr int64_t kMaxEntries = 8'192;
constexpr size_t kMaxTensorRank = 8;
constexpr const char* kMetadataKey = "__metadata__";

/// A list of natural numbers that fit int64.
std::vector<int64_t> numbers(const json& list, size_t max_count, const std::string& what) {
  if (!list.is_array() || list.size() > max_count) {
    fail(Code::kCorrupt, "{}: expected a list of at most {} numbers", what, max_count);
  }
  std::vector<int64_t> values;
  for (const json& item : list) {
    if (!item.is_number_unsigned() || item.get<uint64_t>() > uint64_t{INT64_MAX}) {
      fail(Code::kCorrupt, "{}: {} is not a natural number below 2^63", what,
           system::excerpt(item.dump()));
    }
    values.push_back(item.get<int64_t>());
  }
  return values;
}

struct Entry {
  TensorInfo info;
  int64_t offset = 0;  // within the file
};

Entry parse_entry(const json& item, const std::string& what, int64_t data_begin) {
  if (!item.is_object() || item.size() != 3 || !item.contains("dtype") || !item.contains("shape") ||
      !item.contains("data_offsets") || !item["dtype"].is_string()) {
    fail(Code::kCorrupt, "{}: expected exactly dtype, shape and data_offsets", what);
  }
  Entry entry;
  TensorInfo& info = entry.info;
  info.dtype = item["dtype"].get<std::string>();
  const int64_t element = dtype_bytes(info.dtype);
  if (element == 0)
    fail(Code::kUnsupported, "{}: unknown dtype '{}'", what, system::excerpt(info.dtype));
  info.shape = numbers(item["shape"], kMaxTensorRank, what + ": shape");
  const std::vector<int64_t> offsets = numbers(item["data_offsets"], 2, what + ": data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    fail(Code::kCorrupt, "{}: data_offsets are not [begin, end]", what);
  }
  info.bytes = offsets[1] - offsets[0];
  if (__builtin_add_overflow(data_begin, offsets[0], &entry.offset)) {
    fail(Code::kCorrupt, "{}: data_offsets beyond any file", what);
  }
  const int64_t needed = element_count(info.shape, what) * element;
  if (needed != info.bytes) {
    fail(Code::kCorrupt, "{}: shape {} of {} needs {} bytes, but its data_offsets span {}", what,
         shape_text(info.shape), info.dtype, needed, info.bytes);
  }
  return entry;
}

}  // namespace

SafetensorsReader::SafetensorsReader(fs::path path)
    : TensorFile(std::move(path)), file_(system::open_for_reading(path_)) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) system::fail_errno(Code::kIo, path_.string());
  const int64_t size = status.st_size;
  unsigned char prefix[kPrefix] = {};
  if (size < kPrefix) {
    fail(Code::kCorrupt, "{}: {} bytes is too short for a safetensors file", path_.string(), size);
  }
  system::read_at(file_, prefix, sizeof prefix, 0, path_.string());
  uint64_t length = 0;
  std::memcpy(&length, prefix, sizeof length);
  if (length > uint64_t{kMaxHeaderBytes} || static_cast<int64_t>(length) > size - kPrefix) {
    fail(Code::kCorrupt,
         "{}: claims a header of {} bytes, more than {} or than the file holds; is it a "
         "safetensors file?",
         path_.string(), length, kMaxHeaderBytes);
  }
  std::string text(length, '\0');
  system::read_at(file_, text.data(), text.size(), kPrefix, path_.string());
  data_begin_ = kPrefix + static_cast<int64_t>(length);
  parse_header(text);
  check_tiling(size - data_begin_);
}

void SafetensorsReader::parse_header(const std::string& text) {
  if (!text.starts_with('{')) {
    fail(Code::kCorrupt, "{}: the header does not begin with '{{'; is it a safetensors file?",
         path_.string());
  }
  // Counted before parsing, whose time grows with the square of the number of objects.
  const int64_t objects = std::count(text.begin(), text.end(), '{') - 1;
  if (objects > kMaxEntries) {
    fail(Code::kCorrupt, "{}: {} tensors, at most {} are read", path_.string(), objects,
         kMaxEntries);
  }
  const json header = parse_strict_json(text, path_.string() + ": header");
  for (const auto& [name, item] : header.items()) {
    const std::string what = path_.string() + ": '" + system::excerpt(name) + "'";
    if (name != kMetadataKey) {
      const Entry entry = parse_entry(item, what, data_begin_);
      tensors_[name] = entry.info;
      offsets_[name] = entry.offset;
      continue;
    }
    if (!item.is_object()) fail(Code::kCorrupt, "{}: expected an object of texts", what);
    for (const auto& [key, value] : item.items()) {
      if (!value.is_string())
        fail(Code::kCorrupt, "{}: value of '{}' is not a text", what, system::excerpt(key));
      metadata_[key] = value.get<std::string>();
    }
  }
}

void SafetensorsReader::check_tiling(int64_t data_bytes) const {
  struct Item {
    int64_t offset, bytes;
    const std::string* name;
  };
  std::vector<Item> order;
  for (const auto& [name, offset] : offsets_)
    order.push_back({offset, tensors_.at(name).bytes, &name});
  std::sort(order.begin(), order.end(), [](const Item& a, const Item& b) {
    return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
  });
  int64_t cursor = data_begin_;
  for (const Item& item : order) {
    if (item.offset != cursor) {
      fail(Code::kCorrupt,
           "{}: '{}' begins at data byte {}, expected {}: tensors overlap or leave a gap",
           path_.string(), system::excerpt(*item.name), item.offset - data_begin_,
           cursor - data_begin_);
    }
    cursor += item.bytes;
    if (cursor - data_begin_ > data_bytes) {
      fail(Code::kCorrupt, "{}: '{}' ends beyond the {} bytes of data in the file; copy it again",
           path_.string(), system::excerpt(*item.name), data_bytes);
    }
  }
  if (cursor - data_begin_ != data_bytes) {
    fail(Code::kCorrupt, "{}: {} bytes after the last tensor belong to none", path_.string(),
         data_bytes - (cursor - data_begin_));
  }
}

void SafetensorsReader::read(const std::string& name, std::span<std::byte> out) const {
  RP_ASSERT(static_cast<int64_t>(out.size()) == tensor(name).bytes);
  system::read_at(file_, out.data(), out.size(), offsets_.at(name), path_.string());
}

namespace {

/// The header and the length in front of it; tensors lie in byte order of their names.
std::string header_bytes(const std::map<std::string, std::string>& metadata,
                         const std::map<std::string, TensorInfo>& tensors) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  int64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    RP_ASSERT(name != kMetadataKey);
    RP_ASSERT(dtype_bytes(tensor.dtype) > 0);
    RP_ASSERT(element_count(tensor.shape, name) * dtype_bytes(tensor.dtype) == tensor.bytes);
    header[name] = {{"dtype", tensor.dtype},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.bytes}}};
    offset += tensor.bytes;
  }
  std::string text = header.is_null() ? "{}" : header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // so that float data stand aligned in a mapped file
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text;
}

}  // namespace

void write_safetensors(const fs::path& path, const std::map<std::string, std::string>& metadata,
                       std::vector<NamedTensor> tensors) {
  std::map<std::string, TensorInfo> infos;
  std::map<std::string, std::span<const std::byte>> data;
  for (const NamedTensor& tensor : tensors) {
    RP_ASSERT(!infos.contains(tensor.name));
    infos[tensor.name] = {tensor.dtype, tensor.shape, static_cast<int64_t>(tensor.data.size())};
    data[tensor.name] = tensor.data;
  }
  system::AtomicFile file(path);
  file.write(header_bytes(metadata, infos));
  for (const auto& [name, bytes] : data) file.write(bytes.data(), bytes.size());
  file.commit();
}

void write_safetensors(const fs::path& path, const std::map<std::string, std::string>& metadata,
                       const TensorFile& source) {
  system::AtomicFile file(path);
  file.write(header_bytes(metadata, source.tensors()));
  for (const auto& [name, tensor] : source.tensors()) {
    const std::vector<std::byte> bytes = source.read(name);
    file.write(bytes.data(), bytes.size());
  }
  file.commit();
}

}  // namespace reconproof::formats
