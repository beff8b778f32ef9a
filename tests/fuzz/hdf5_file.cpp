// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// HDF5 files through the real confined child. libhdf5 may crash there: the parent says so, and
// lives.
#include <unistd.h>

#include <string_view>

#include "formats/hdf5_child.h"
#include "tests/fuzz/hdf5_readers.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  using namespace reconproof;
  if (*argc > 1 && std::string_view((*argv)[1]) == formats::kHdf5ReaderCommand)
    ::_exit(formats::serve_hdf5());
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof::fuzz;
  static ScratchFile file("input.h5");
  file.set(text_of(data, size));
  read_confined(file.path());
  return 0;
}
