// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "formats/hdf5_child.h"
#include "system/build_info.h"
#include "system/host.h"

int main(int argc, char** argv) {
  using namespace reconproof;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  // A figure without its program and machine proves nothing.
  const system::BuildInfo& build = system::build_info();
  benchmark::AddCustomContext("revision", build.revision + (build.dirty ? " (modified)" : ""));
  benchmark::AddCustomContext("compiler", build.compiler + " " + build.build_type);
  benchmark::AddCustomContext("cpu", system::host_info().cpu);
  formats::set_hdf5_reader_program(RECONPROOF_PROGRAM);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
