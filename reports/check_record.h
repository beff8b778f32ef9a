// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What `reconproof check` wrote down (check.json, docs/formats/check.md), as plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "challenge/finding.h"
#include "challenge/score/score.h"

namespace reconproof::reports {

/// The machine that the check ran on. What was not recorded is empty.
struct Environment {
  std::string os, kernel, cpu;
  std::optional<double> threads, memory_bytes;
  std::vector<std::string> gpus;
  std::string gpu_driver, container;
  std::string sandbox_state, sandbox_reason;
  std::string python;                                         // of the command, by its own account
  std::vector<std::pair<std::string, std::string>> packages;  // that it loaded: name, version
};

/// What a run took of a GPU. A sampled peak is a lower bound.
struct GpuRecord {
  bool measured = false;
  std::string reason;  // why not
  std::string device, unenforced_reason;
  std::optional<double> peak_bytes;      // of the run's processes; else of the GPU above idle
  std::optional<double> device_bytes;    // that the GPU has
  std::optional<double> enforced_bytes;  // that a ballast left free
  std::optional<double> reserved_bytes;  // by the command's own account
};

/// The run of the reconstruct command, as the harness measured it.
struct RunRecord {
  std::optional<bool> isolated, timed_out;
  std::string refused_reason;
  std::optional<double> wall_s, peak_rss_bytes, exit_code, signal;
  std::optional<double> cpu_s;
  std::string limits_by, stopped;  // what bounded it; which limit ended it
  std::optional<GpuRecord> gpu;
};

/// Times of single slices (2026).
struct SliceTimes {
  int64_t slices = 0;
  double mean_ms = 0, median_ms = 0, p95_ms = 0;
};

struct VolumeTime {
  std::string cell, volume;
  int64_t slices = 0;
  double mean_ms = 0, slowest_ms = 0, prepared_s = 0;
};

struct SliceRecord {
  SliceTimes official, hardened;
  std::vector<VolumeTime> volumes;  // as the official clock took them
  std::optional<double> spread_percent;
};

/// Two trainings of the same seed, as far as they were repeated.
struct TrainingRecord {
  std::string name;
  int64_t updates = 0;  // asked for
  std::string device, torch;
  std::vector<std::pair<std::string, std::string>> seeds;
  struct Comparison {
    bool equal = false;
    int64_t steps = 0;
    std::optional<double> digits;  // of log lines, where there are no ledgers
    std::string quantity, a, b;    // of the first difference; empty when there is none
    std::optional<double> iteration, relative;
  };
  std::optional<Comparison> comparison;
};

/// The measured run's time as it would be on the official GPU.
struct PredictionRecord {
  double value = 0, low = 0, high = 0;
  std::string unit, device, certainty;
};

struct WeightsRecord {
  std::string path, sha256;
  std::optional<double> bytes;
};

struct CheckRecord {
  std::string edition, ruleset;
  int exit_code = 0;
  Environment environment;
  std::vector<std::pair<std::string, std::string>> build;  // of the reconproof that checked
  std::vector<std::string> reconstruct_command;
  std::optional<RunRecord> run;
  std::optional<challenge::ScoreResult> score, zero_filled;
  std::optional<WeightsRecord> weights;
  std::vector<std::string> only, skip;  // rules that were chosen, or left out
  std::optional<SliceRecord> slices;
  std::vector<TrainingRecord> trainings;
  std::optional<PredictionRecord> prediction;
  std::vector<challenge::Finding> findings;
};

/// kNotFound when the project was never checked; kCorrupt, with the key, when the file is malformed
/// or names a volume that is no plain file name (names from it become paths).
CheckRecord read_check(const std::filesystem::path& path);

/// The parts that a bundle has of it (meta/): what the check said of its machine, the build, the
/// score, the findings and, unless it is null, what it measured. `name` for messages.
CheckRecord check_of_bundle(const nlohmann::json& submission, const nlohmann::json& environment,
                            const nlohmann::json& claims, const nlohmann::json& findings,
                            const nlohmann::json& measured, const std::string& name);

}  // namespace reconproof::reports
