// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A checkpoint whose pickle is the input and whose archive is sound: mutations do not find a CRC.
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/stored_zip.h"
#include "tests/fuzz/tensor_files.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  static fuzz::MemoryFile file;
  static const system::TemporaryFolder folder;
  std::string numbers;
  for (int i = 0; i < 256; ++i) numbers += static_cast<char>(i);
  file.set(fuzz::stored_zip({{"m/data.pkl", std::string(fuzz::text_of(data, size))},
                             {"m/byteorder", "little"},
                             {"m/data/0", numbers},
                             {"m/data/1", numbers.substr(0, 64)},
                             {"m/data/2", numbers.substr(0, 8)},
                             {"m/data/3", ""}}));
  fuzz::check_checkpoint(file.path(), folder.path() / "copy.pt");
  return 0;
}
