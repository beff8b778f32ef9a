// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/npy.h"

#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

using formats::NpyArray;
using formats::NpyType;

int64_t element_bytes(NpyType type) { return type == NpyType::kFloat32 ? 4 : 8; }

void write(const NpyArray& array, const std::filesystem::path& path) {
  if (array.type == NpyType::kFloat32) return formats::write_npy(path, array.shape, array.floats());
  formats::write_npy(path, array.shape, array.doubles());
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  static fuzz::MemoryFile file;
  static const system::TemporaryFolder folder;
  file.set(fuzz::text_of(data, size));
  formats::NpyArray array;
  if (!fuzz::accepted([&] { array = formats::read_npy(file.path()); })) return 0;
  RP_ASSERT(formats::element_count(array.shape, "input") * fuzz::element_bytes(array.type) ==
            std::ssize(array.data));
  const bool writable = (array.shape.size() == 1 || array.shape.size() == 2) &&
                        array.type != formats::NpyType::kComplex64;
  if (!writable) return 0;
  const std::filesystem::path copy = folder.path() / "copy.npy";
  fuzz::write(array, copy);
  const formats::NpyArray again = formats::read_npy(copy);
  RP_ASSERT(again.type == array.type && again.shape == array.shape && again.data == array.data);
  return 0;
}
