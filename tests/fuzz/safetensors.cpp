// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors.h"

#include <cstring>

#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

struct Weights {
  std::map<std::string, std::string> metadata;
  std::map<std::string, formats::TensorInfo> infos;
  std::map<std::string, std::vector<std::byte>> data;
};

Weights read(const std::filesystem::path& path) {
  const formats::SafetensorsReader reader(path);
  Weights weights{reader.metadata(), reader.tensors(), {}};
  for (const auto& [name, info] : reader.tensors()) {
    RP_ASSERT(info.bytes >= 0);
    RP_ASSERT(formats::element_count(info.shape, name) * formats::dtype_bytes(info.dtype) ==
              info.bytes);
    weights.data[name] = reader.read(name);
  }
  return weights;
}

void write(const Weights& weights, const std::filesystem::path& path) {
  std::vector<formats::NamedTensor> tensors;
  for (const auto& [name, info] : weights.infos)
    tensors.push_back({name, info.dtype, info.shape, weights.data.at(name)});
  formats::write_safetensors(path, weights.metadata, tensors);
}

/// What is read is written, and read again as the same.
void check(std::string_view bytes) {
  static MemoryFile file;
  static const system::TemporaryFolder folder;
  file.set(bytes);
  Weights weights;
  if (!accepted([&] { weights = read(file.path()); })) return;
  const std::filesystem::path copy = folder.path() / "copy.safetensors";
  write(weights, copy);
  const Weights again = read(copy);
  RP_ASSERT(again.metadata == weights.metadata && again.data == weights.data);
  for (const auto& [name, info] : weights.infos) {
    RP_ASSERT(again.infos.at(name).dtype == info.dtype);
    RP_ASSERT(again.infos.at(name).shape == info.shape);
  }
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof::fuzz;
  const std::string_view text = text_of(data, size);
  check(text);
  // A header in plain sight, up to the first newline: its length is put before it.
  const size_t end = text.find('\n');
  const uint64_t length = end;
  if (!text.starts_with('{') || end == std::string_view::npos) return 0;
  check(std::string(reinterpret_cast<const char*>(&length), sizeof length) +
        std::string(text.substr(0, end)) + std::string(text.substr(end + 1)));
  return 0;
}
