// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What surrounds the arithmetic: hashing, the confined HDF5 reader against the local one, start-up.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "formats/hdf5.h"
#include "system/files.h"
#include "system/process.h"
#include "system/sha256.h"

namespace reconproof {
namespace {

constexpr int64_t kSlices = 16, kSize = 384;

void sha256(benchmark::State& state) {
  const std::string block(8 << 20, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(system::sha256_hex(block));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(block.size()));
}
BENCHMARK(sha256)->Unit(benchmark::kMillisecond);

/// One volume of reconstructions, opened and read: 9.4 MB.
void read_volume(benchmark::State& state,
                 std::unique_ptr<formats::Hdf5Reader> (*open)(const std::filesystem::path&)) {
  const system::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "volume.h5";
  formats::Hdf5Writer writer(path);
  writer.write("reconstruction", {kSlices, kSize, kSize},
               std::vector<float>(kSlices * kSize * kSize, 1e-4f));
  writer.commit();
  for (auto _ : state) benchmark::DoNotOptimize(open(path)->read_floats("reconstruction"));
  state.SetBytesProcessed(state.iterations() * kSlices * kSize * kSize * 4);
}
BENCHMARK_CAPTURE(read_volume, local, &formats::open_local)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(read_volume, confined, &formats::open_confined)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void start_help(benchmark::State& state) {
  system::ProcessSpec spec;
  spec.argv = {RECONPROOF_PROGRAM, "--help"};
  for (auto _ : state) {
    const system::ProcessResult result = system::run_process(spec);
    state.SetIterationTime(result.wall_s);
  }
}
BENCHMARK(start_help)->Unit(benchmark::kMillisecond)->UseManualTime();

}  // namespace
}  // namespace reconproof
