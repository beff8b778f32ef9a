// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What was found out about a submission, gathered once by workflows/check/check.cpp; checks only
// judge it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "challenge/score/score.h"
#include "checks/code/scan.h"
#include "checks/data/manifest_comparison.h"
#include "checks/data/near_duplicates.h"
#include "checks/data/overlap.h"
#include "checks/determinism/compare.h"
#include "checks/determinism/lineage.h"
#include "checks/measure/prediction.h"
#include "checks/measure/python_folder.h"
#include "checks/measure/slice_run.h"
#include "checks/measure/whole_run.h"
#include "checks/training/training_run.h"
#include "submission/hand_in.h"
#include "submission/project.h"
#include "system/host.h"

namespace reconproof::checks {

/// The same command on inputs that were changed in a way that it may not notice.
struct VariantRun {
  WholeRunResult run;
  Comparison comparison;  // with the first run
};

/// Times of the slice contract, by slice the least of all runs that asked in the same way.
struct SliceFacts {
  std::vector<VolumeTimes> official, hardened;
  std::string held_by;        // what made the processes stand still between requests
  double busy_cores = 0;      // processors that other programs kept busy, at most
  double spread_percent = 0;  // by which runs that asked in the same way differed, at most
};

/// A run that was not made anew: a check that was cut off had finished it.
struct ResumedRun {
  std::string name;   // of its folder below .reconproof/check/
  std::string ended;  // local time
};

/// The same command with another number of threads.
struct ThreadsRun {
  VariantRun variant;
  int64_t threads = 0, usual = 0;  // of it, and as declared; 0: not declared
};

/// The first updates of a declared training: twice with its seed, once with another.
struct TrainingReplays {
  std::string name;  // of the training; empty: the only one
  int64_t updates = 0;
  std::optional<TrainingRun> first, again, other;  // the latter two only where the first trained
};

struct Facts {
  submission::Project project;
  challenge::Edition edition;
  system::HostInfo host;
  std::shared_ptr<const PythonFolder> cpu_adapter;   // without a GPU: for code written for CUDA
  std::shared_ptr<const PythonFolder> gpu_reporter;  // with a GPU: what PyTorch says of its memory
  WholeRunResult run;                                // the measured run
  std::vector<ResumedRun> resumed;                   // of all runs, those that were not made anew
  int64_t gpu_ran_out_bytes = 0;  // left of the GPU when it ran out, before it was given more; or 0
  std::optional<Prediction> prediction;  // of the measured run's time on the official GPU
  std::string unpredicted_reason = "no prediction was asked for";
  std::optional<WholeRunResult> repeat;             // the same again; absent when the first failed
  std::optional<challenge::ScoreResult> score;      // of what the measured run wrote
  std::optional<challenge::ScoreResult> handed_in;  // of what lies in the result folder
  std::optional<Comparison> repeat_comparison;      // first run against second
  std::optional<Comparison> handed_in_comparison;   // first run against the result folder
  std::optional<VariantRun> renamed;                // random file names, another order
  std::optional<SliceFacts> slices;                 // of the slice contract
  std::optional<VariantRun> hardened;   // its slices in random order, under random names
  std::optional<VariantRun> exchanged;  // each cell's files in another's folder
  std::optional<VariantRun> poisoned;   // wrong labels, boxes and maxima in the image files' place
  std::string poisoned_absent_reason;
  std::optional<ThreadsRun> threads;
  std::vector<TrainingReplays> trainings;
  std::string trainings_absent_reason = "no training was to be repeated";
  std::vector<std::string> label_copies;  // label files and slices that the submission carries
  CodeScan code;                          // of the team's own files
  std::vector<Lineage> lineages;          // of the weights, a model each
  std::optional<OverlapResult> overlap;   // absent when there is no training data here
  std::optional<NearDuplicateResult> near_duplicates;  // likewise
  std::string overlap_absent_reason;       // also when a declared data folder is not there
  std::optional<ManifestResult> manifest;  // absent when no manifest was given
  std::string manifest_absent_reason;      // a manifest was given, but nothing to compare with it
  submission::HandIn hand_in;              // what is there of what is to be handed in
};

}  // namespace reconproof::checks
