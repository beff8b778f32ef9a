// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A team's own model at the worst slices of its data, measured: the first updates of a training,
// and one reconstruction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/measure/checked_gpu.h"
#include "submission/project.h"
#include "workflows/plan/plan.h"

namespace reconproof::workflows {

/// What stands in a command for the folder of the data that it is given.
inline constexpr const char* kDataPlaceholder = "{data}";

struct ProbedTraining {
  int64_t updates = 0;             // that were seen
  std::optional<double> update_s;  // of one, the first left out
  int64_t peak_rss_bytes = 0;      // of its processes, sampled
  system::GpuUse gpu;
  double wall_s = 0;
  std::string failure;      // why it made no two updates; or ""
  std::string output_tail;  // a stranger's text
  bool out_of_memory = false;
};

struct ProbedReconstruction {
  std::string left_out;           // why it was not made; or ""
  std::optional<double> slice_s;  // of one more slice
  double start_s = 0;             // what a run takes without slices
  int64_t peak_rss_bytes = 0;
  system::GpuUse gpu;
  std::string failure;
  bool out_of_memory = false;
};

struct ProbeOptions {
  SliceShapes data;                  // of the training set; its largest volume is the probe's
  std::vector<std::string> command;  // of a training, with kDataPlaceholder; empty: none
  std::filesystem::path project;     // its reconstruct step is run, where it declares one
  int64_t updates = 6;
  double timeout_s = 0;
  std::function<void(std::string_view)> on_output;
};

/// Both, against the limits of an edition.
struct Probe {
  const challenge::Edition* edition = nullptr;
  formats::Shape shape;  // of the probe's slices
  std::optional<ProbedTraining> training;
  ProbedReconstruction reconstruction;
  std::optional<Figure> epoch_s, leaderboard_s, slice_ms;
  std::vector<LimitVerdict> limits;
};

/// Runs the training as it is, in its own folder, with the environment of this process; python's
/// updates are watched as `check` watches them. kUsage where the command has no placeholder.
ProbedTraining probe_training(const ProbeOptions& options, checks::CheckedGpu& gpu);

/// Runs the project's reconstruct step as `check` runs it, on the volume alone and on one slice of
/// it: the difference is what slices take.
ProbedReconstruction probe_reconstruction(const ProbeOptions& options,
                                          const challenge::Edition& edition,
                                          checks::CheckedGpu& gpu);

/// What was measured, projected to all data and held against the limits: a pure function.
/// `batch`: slices of an update.
Probe judge_probe(const challenge::Edition& edition, const PlanScale& scale,
                  std::optional<ProbedTraining> training, ProbedReconstruction reconstruction,
                  int64_t batch);

/// 1: a limit is exceeded, or memory ran out; 6: one was not measured; else 0.
int exit_code(const Probe& probe);
std::string probe_text(const Probe& probe);
/// docs/formats/plan.md.
nlohmann::json probe_json(const Probe& probe);

}  // namespace reconproof::workflows
