// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What python/training_ledger saw of a training: a stranger's process wrote it, and may have lied.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checks/determinism/ledger_compare.h"

namespace reconproof::checks {

/// A parameter of a network before the first update.
struct InitialTensor {
  std::string name;
  int64_t values = 0;
  std::string sha256;      // first 32 digits
  bool constant = false;   // of at most two different values: computed or given, nobody can tell
  bool optimized = false;  // of a network that an optimizer changes

  bool operator==(const InitialTensor&) const = default;
};

/// The first updates of one process that trained.
struct WatchedTraining {
  StepSeries series;  // `slices` are left empty: see below
  std::vector<InitialTensor> tensors;
  std::vector<std::vector<std::string>> files;  // data files that were opened for each update
  std::vector<int64_t> indices;                 // examples, in the order they were asked for
  std::vector<std::pair<std::string, int64_t>> seeds;  // what set a seed, and which, beforehand
  std::string torch, device;
  std::string backend;  // of an own ledger that tells
  int64_t threads = 0;
  bool own = false;      // it keeps a ledger itself, which has no tensors
  bool stopped = false;  // by us, after as many updates as were asked for

  int64_t updates() const { return std::ssize(series.steps); }
};

struct WatchedRun {
  std::vector<WatchedTraining> trainings;  // in the order in which the processes began
  std::string altered;             // a ledger that somebody else wrote into: what is wrong with it
  std::string fault;               // why a ledger says nothing, in words
  std::vector<std::string> asked;  // of the network, by name; at most 100
};

/// Reads the folder that the watched processes wrote into. Nothing in it makes this throw.
WatchedRun read_watched(const std::filesystem::path& folder);

}  // namespace reconproof::checks
