// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The programs beside what they are measured by, in turn: `ratio` is how many times as long the
// other one takes, the median of the rounds. Unlike seconds it can be compared with another day's.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>

#include "challenge/score/official_ssim.h"
#include "system/clock.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/sha256.h"

namespace reconproof {
namespace {

namespace fs = std::filesystem;

double seconds_of(std::vector<std::string> argv) {
  system::ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.env = system::inherited_environment();
  const system::ProcessResult result = system::run_process(spec);
  if (result.exit_code != 0)
    throw std::runtime_error(fmt::format("{}: exit {}", spec.argv.front(), result.exit_code));
  return result.wall_s;
}

/// Seconds of ours and of the peer.
struct Pair {
  double ours, peer;
};

void measure(benchmark::State& state, double most, const std::function<Pair()>& round) {
  std::vector<double> ratios;
  for (auto _ : state) {
    const Pair pair = round();
    state.SetIterationTime(pair.ours);
    ratios.push_back(std::min(most, pair.peer / pair.ours));
  }
  std::ranges::sort(ratios);
  state.counters["ratio"] = ratios[ratios.size() / 2];
}
constexpr double kUnlimited = 1e9;

// ---- bundles ----

constexpr int64_t kWeights = int64_t{512} << 20, kVolume = int64_t{8} << 20;
constexpr int kVolumes = 16;
constexpr int64_t kProject = kWeights + kVolumes * kVolume;

/// A project, and its bundle once it is packed.
class Project {
 public:
  Project() {
    write("weights.pt", kWeights);
    for (int i = 0; i < kVolumes; ++i)
      write(fmt::format("recon/acc{}/brain_test{}.h5", i % 2 == 0 ? 4 : 8, i), kVolume);
    system::write_file(root_.path() / "project/reconproof.toml",
                       "[project]\nname = \"bench\"\nedition = \"snu-2025\"\n[steps.reconstruct]\n"
                       "command = [\"true\"]\nweights = \"weights.pt\"\noutputs = \"recon\"\n");
  }
  static const Project& one() {
    static const Project project;
    return project;
  }

  fs::path path(const char* name) const { return root_.path() / name; }

  /// Out of the kernel's cache, and nothing still on its way to the disk.
  void forget() const {
    ::sync();
    for (const auto& entry : fs::recursive_directory_iterator(root_.path())) {
      if (!entry.is_regular_file()) continue;
      const system::Descriptor file = system::open_for_reading(entry.path());
      ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    }
  }

 private:
  void write(const std::string& name, int64_t bytes) {
    const fs::path path = root_.path() / "project" / name;
    fs::create_directories(path.parent_path());
    // Bytes that nothing compresses, faster than the kernel gives them.
    seconds_of({"sh", "-c",
                fmt::format("head -c {} /dev/zero | openssl enc -aes-128-ctr -nosalt -pass pass:{} "
                            ">'{}' 2>/dev/null",
                            bytes, name, path.string())});
  }

  system::TemporaryFolder root_;
};

/// Of SHA-256 of as many bytes as the project has, in this process.
double sha256_seconds() {
  static const std::string block(size_t{8} << 20, 'x');
  const double begin = system::monotonic_seconds();
  for (int64_t bytes = 0; bytes < kProject; bytes += std::ssize(block))
    benchmark::DoNotOptimize(system::sha256_hex(block));
  return system::monotonic_seconds() - begin;
}

double dd_seconds(const fs::path& from, const std::string& to) {
  std::vector<std::string> argv = {"dd", "if=" + from.string(), "of=" + to, "bs=1M", "status=none"};
  if (to != "/dev/null") argv.emplace_back("conv=fsync");
  return seconds_of(argv);
}

double pack_seconds() {
  const Project& project = Project::one();
  fs::remove(project.path("bundle.tar"));
  project.forget();
  return seconds_of({RECONPROOF_PROGRAM, "pack", project.path("project").string(), "--unchecked",
                     "-o", project.path("bundle.tar").string()});
}

/// Of the slower of SHA-256 and a copy; more than all of it is luck.
void pack(benchmark::State& state) {
  const Project& project = Project::one();
  measure(state, 1, [&] {
    const double ours = pack_seconds();
    project.forget();
    const double disk = dd_seconds(project.path("bundle.tar"), project.path("copy").string());
    return Pair{ours, std::max(sha256_seconds(), disk)};
  });
}

void verify(benchmark::State& state) {
  const Project& project = Project::one();
  pack_seconds();
  measure(state, 1, [&] {
    project.forget();
    const double ours =
        seconds_of({RECONPROOF_PROGRAM, "verify", project.path("bundle.tar").string()});
    project.forget();
    return Pair{ours,
                std::max(sha256_seconds(), dd_seconds(project.path("bundle.tar"), "/dev/null"))};
  });
}

// ---- start, scores, the engine ----

/// The program's beside one that does nothing. `ms`: of the former, the least.
void help(benchmark::State& state) {
  double least = 1e9;
  measure(state, kUnlimited, [&] {
    const Pair pair{seconds_of({RECONPROOF_PROGRAM, "--help"}), seconds_of({"true"})};
    least = std::min(least, pair.ours);
    return pair;
  });
  state.counters["ms"] = 1e3 * least;
}

/// Beside the official script, which the environment names: official_score.sh measures both.
void score_of_official(benchmark::State& state) {
  if (system::environment_variable("SNU").empty()) {
    state.SkipWithError("not measured: SNU=DIR names no checkout of the official repository");
    return;
  }
  const system::TemporaryFolder folder;
  const fs::path told = folder.path() / "told";
  double ratio = 0;
  for (auto _ : state) {
    state.SetIterationTime(
        seconds_of({"sh", "-c",
                    fmt::format("sh '{}/official_score.sh' '{}' >'{}'", RECONPROOF_BENCH_SOURCE,
                                RECONPROOF_PROGRAM, told.string())}));
    const std::string text = system::read_file(told);
    ratio = std::atof(text.c_str() + text.find("ratio") + std::string("ratio").size());
  }
  state.counters["ratio"] = ratio;
}

/// A slice by the code of this processor's instruction set beside the portable one.
void ssim_of_portable(benchmark::State& state) {
  constexpr int64_t kSize = 384;
  std::vector<float> label(kSize * kSize), image(label.size());
  for (size_t i = 0; i < label.size(); ++i) {
    label[i] = static_cast<float>(i % 97) * 4e-6F;
    image[i] = static_cast<float>(i % 89) * 4e-6F;
  }
  const auto seconds = [&](challenge::SsimCode code) {
    const double begin = system::monotonic_seconds();
    for (int i = 0; i < 20; ++i) {
      benchmark::DoNotOptimize(challenge::official_ssim({image.data(), kSize, kSize, kSize},
                                                        {label.data(), kSize, kSize, kSize}, 8e-4,
                                                        {}, code));
    }
    return system::monotonic_seconds() - begin;
  };
  measure(state, kUnlimited, [&] {
    return Pair{seconds(challenge::SsimCode::kFastest), seconds(challenge::SsimCode::kPortable)};
  });
}

/// A slice, or a step of a training, by the engine beside LibTorch.
void engine_of_libtorch(benchmark::State& state, bool training) {
  const system::TemporaryFolder folder;
  const auto pace = [&](const std::string& backend) {
    const fs::path out = folder.path() / "pace.json";
    seconds_of(
        {"sh", "-c",
         fmt::format("'{}' pace --backend {} --shape 8x384x320 --slices 3 --threads 1 --json "
                     "{} >'{}'",
                     RECONPROOF_BASELINE, backend, training ? "--training" : "", out.string())});
    return nlohmann::json::parse(system::read_file(out)).at("ms_per_slice").get<double>() / 1e3;
  };
  measure(state, kUnlimited, [&] { return Pair{pace("engine"), pace("libtorch")}; });
}

BENCHMARK(help)->UseManualTime()->Iterations(101)->Unit(benchmark::kMillisecond);
BENCHMARK(ssim_of_portable)->UseManualTime()->Iterations(11)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(engine_of_libtorch, inference, false)
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(engine_of_libtorch, training, true)
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(pack)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(verify)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(score_of_official)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reconproof
