// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target once over the empty input and over every file of the named folders: how a
// corpus is tested where there is no libFuzzer.
#include <fmt/core.h>

#include "system/files.h"
#include "tests/fuzz/target.h"

extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

void run(std::string_view input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  namespace system = reconproof::system;
  if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
  run("");
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : system::sorted_entries(argv[i])) {
      fmt::print(stderr, "{}\n", file.string());  // the last one is the one that it died of
      run(system::read_file(file));
      ++files;
    }
  }
  if (files > 0) return 0;
  fmt::print(stderr, "no corpus: name a folder that holds one\n");
  return 2;
}
