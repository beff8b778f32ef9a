// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "formats/hdf5_child.h"
#include "system/sandbox_child.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // The confined helpers are the harness itself, not the test program.
  reconproof::formats::set_hdf5_reader_program(RECONPROOF_PROGRAM);
  reconproof::system::set_sandbox_helper_program(RECONPROOF_PROGRAM);
  return RUN_ALL_TESTS();
}
