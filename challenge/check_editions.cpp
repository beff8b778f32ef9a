// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Run by the build: reconproof-check-editions FILE... reads rule files and names every faulty one.
#include <fmt/core.h>

#include "challenge/edition.h"
#include "system/error.h"

int main(int argc, char** argv) {
  bool all_good = argc > 1;
  for (int i = 1; i < argc; ++i) {
    try {
      reconproof::challenge::read_edition(argv[i]);
    } catch (const reconproof::system::Error& error) {
      fmt::print(stderr, "{}\n", error.what());
      all_good = false;
    }
  }
  return all_good ? 0 : 1;
}
