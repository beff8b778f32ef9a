// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "formats/strict_json.h"
#include "system/error.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kPrefix = 8;               // the header's length, little-endian
constexpr int64_t kMaxHeader = 100'000'000;  // as the reference implementation
constexpr int64_t kMaxEntries = 8'192;
constexpr size_t kMaxRank = 8;
constexpr const char* kMetadataKey = "__metadata__";

int64_t bytes_of(const std::string& dtype) {
  static const std::map<std::string, int64_t> kBytes = {
      {"F64", 8}, {"F32", 4}, {"F16", 2},  {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
      {"I8", 1},  {"U8", 1},  {"BOOL", 1}, {"U16", 2},  {"U32", 4}, {"U64", 8}};
  const auto found = kBytes.find(dtype);
  return found == kBytes.end() ? 0 : found->second;
}

void read_at(const system::Descriptor& file, void* out, size_t size, int64_t offset,
             const fs::path& path) {
  char* bytes = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got = ::pread(file.get(), bytes, size, offset);
    if (got < 0) system::fail_errno(Code::kIo, path.string());
    if (got == 0)
      fail(Code::kCorrupt, "{}: ends {} bytes too early; copy it again", path.string(), size);
    bytes += got;
    offset += got;
    size -= static_cast<size_t>(got);
  }
}

/// A list of natural numbers that fit int64.
std::vector<int64_t> numbers(const json& list, size_t max_count, const std::string& what) {
  if (!list.is_array() || list.size() > max_count) {
    fail(Code::kCorrupt, "{}: expected a list of at most {} numbers", what, max_count);
  }
  std::vector<int64_t> values;
  for (const json& item : list) {
    if (!item.is_number_unsigned() || item.get<uint64_t>() > uint64_t{INT64_MAX}) {
      fail(Code::kCorrupt, "{}: {} is not a natural number below 2^63", what, item.dump());
    }
    values.push_back(item.get<int64_t>());
  }
  return values;
}

SafetensorsEntry parse_entry(const json& item, const std::string& what, int64_t data_begin) {
  if (!item.is_object() || item.size() != 3 || !item.contains("dtype") || !item.contains("shape") ||
      !item.contains("data_offsets") || !item["dtype"].is_string()) {
    fail(Code::kCorrupt, "{}: expected exactly dtype, shape and data_offsets", what);
  }
  SafetensorsEntry entry;
  entry.dtype = item["dtype"].get<std::string>();
  const int64_t element = bytes_of(entry.dtype);
  if (element == 0) fail(Code::kUnsupported, "{}: unknown dtype '{}'", what, entry.dtype);
  entry.shape = numbers(item["shape"], kMaxRank, what + ": shape");
  const std::vector<int64_t> offsets = numbers(item["data_offsets"], 2, what + ": data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    fail(Code::kCorrupt, "{}: data_offsets are not [begin, end]", what);
  }
  entry.bytes = offsets[1] - offsets[0];
  if (__builtin_add_overflow(data_begin, offsets[0], &entry.offset)) {
    fail(Code::kCorrupt, "{}: data_offsets beyond any file", what);
  }
  const int64_t needed = element_count(entry.shape, what) * element;
  if (needed != entry.bytes) {
    fail(Code::kCorrupt, "{}: shape {} of {} needs {} bytes, but its data_offsets span {}", what,
         shape_text(entry.shape), entry.dtype, needed, entry.bytes);
  }
  return entry;
}

}  // namespace

SafetensorsReader::SafetensorsReader(fs::path path)
    : path_(std::move(path)), file_(system::open_for_reading(path_)) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) system::fail_errno(Code::kIo, path_.string());
  const int64_t size = status.st_size;
  unsigned char prefix[kPrefix] = {};
  if (size < kPrefix) {
    fail(Code::kCorrupt, "{}: {} bytes is too short for a safetensors file", path_.string(), size);
  }
  read_at(file_, prefix, sizeof prefix, 0, path_);
  uint64_t length = 0;
  std::memcpy(&length, prefix, sizeof length);
  if (length > uint64_t{kMaxHeader} || static_cast<int64_t>(length) > size - kPrefix) {
    fail(Code::kCorrupt,
         "{}: claims a header of {} bytes, more than {} or than the file holds; is it a "
         "safetensors file?",
         path_.string(), length, kMaxHeader);
  }
  std::string text(length, '\0');
  read_at(file_, text.data(), text.size(), kPrefix, path_);
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
    const std::string what = path_.string() + ": '" + name + "'";
    if (name != kMetadataKey) {
      tensors_[name] = parse_entry(item, what, data_begin_);
      continue;
    }
    if (!item.is_object()) fail(Code::kCorrupt, "{}: expected an object of texts", what);
    for (const auto& [key, value] : item.items()) {
      if (!value.is_string()) fail(Code::kCorrupt, "{}: value of '{}' is not a text", what, key);
      metadata_[key] = value.get<std::string>();
    }
  }
}

void SafetensorsReader::check_tiling(int64_t data_bytes) const {
  using Item = std::pair<const std::string, SafetensorsEntry>;
  std::vector<const Item*> order;
  for (const Item& item : tensors_) order.push_back(&item);
  std::sort(order.begin(), order.end(), [](const Item* a, const Item* b) {
    return std::pair(a->second.offset, a->second.bytes) <
           std::pair(b->second.offset, b->second.bytes);
  });
  int64_t cursor = data_begin_;
  for (const Item* item : order) {
    if (item->second.offset != cursor) {
      fail(Code::kCorrupt,
           "{}: '{}' begins at data byte {}, expected {}: tensors overlap or leave a gap",
           path_.string(), item->first, item->second.offset - data_begin_, cursor - data_begin_);
    }
    cursor += item->second.bytes;
    if (cursor - data_begin_ > data_bytes) {
      fail(Code::kCorrupt, "{}: '{}' ends beyond the {} bytes of data in the file; copy it again",
           path_.string(), item->first, data_bytes);
    }
  }
  if (cursor - data_begin_ != data_bytes) {
    fail(Code::kCorrupt, "{}: {} bytes after the last tensor belong to none", path_.string(),
         data_bytes - (cursor - data_begin_));
  }
}

const std::string& SafetensorsReader::require_metadata(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found != metadata_.end()) return found->second;
  std::string keys;
  for (const auto& item : metadata_) keys += (keys.empty() ? "" : ", ") + item.first;
  fail(Code::kCorrupt, "{}: metadata has no '{}' (it has: {})", path_.string(), key,
       keys.empty() ? "nothing" : keys);
}

const SafetensorsEntry& SafetensorsReader::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    fail(Code::kCorrupt, "{}: there is no tensor '{}'", path_.string(), name);
  return found->second;
}

void SafetensorsReader::read(const std::string& name, std::span<std::byte> out) const {
  const SafetensorsEntry& entry = tensor(name);
  RP_ASSERT(static_cast<int64_t>(out.size()) == entry.bytes);
  read_at(file_, out.data(), out.size(), entry.offset, path_);
}

std::vector<float> SafetensorsReader::read_floats(const std::string& name) const {
  const SafetensorsEntry& entry = tensor(name);
  if (entry.dtype != "F32") {
    fail(Code::kUnsupported, "{}: '{}' has dtype {}, expected F32", path_.string(), name,
         entry.dtype);
  }
  std::vector<float> values(static_cast<size_t>(entry.bytes) / sizeof(float));
  read(name, std::as_writable_bytes(std::span(values)));
  return values;
}

void write_safetensors(const fs::path& path, const std::map<std::string, std::string>& metadata,
                       std::vector<NamedFloats> tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const NamedFloats& a, const NamedFloats& b) { return a.name < b.name; });
  nlohmann::ordered_json header;
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  int64_t offset = 0;
  for (const NamedFloats& tensor : tensors) {
    RP_ASSERT(tensor.name != kMetadataKey && !header.contains(tensor.name));
    RP_ASSERT(element_count(tensor.shape, tensor.name) == static_cast<int64_t>(tensor.data.size()));
    const int64_t end = offset + static_cast<int64_t>(tensor.data.size_bytes());
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.is_null() ? "{}" : header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // so that float data stand aligned in a mapped file
  const uint64_t length = text.size();
  system::AtomicFile file(path);
  file.write(&length, sizeof length);
  file.write(text);
  for (const NamedFloats& tensor : tensors)
    file.write(tensor.data.data(), tensor.data.size_bytes());
  file.commit();
}

}  // namespace reconproof::formats
