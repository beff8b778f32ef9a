// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A network against an edition's limits, before it is trained. Pure functions: what the baseline's
// program and the data's headers say goes in, figures and verdicts come out.
//
// Three words are kept apart: *predicted* (computed from what was measured elsewhere), *measured*
// (seen by us), *declared* (said by somebody, and not looked at by us).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "workflows/plan/data_shapes.h"
#include "workflows/plan/network_prediction.h"

namespace reconproof::workflows {

enum class Known { kPredicted, kMeasured, kDeclared };
const char* known_text(Known known);

/// A number and how it is known; the true one is expected between `low` and `high`.
struct Figure {
  double value = 0, low = 0, high = 0;
  Known known = Known::kPredicted;

  Figure operator*(double factor) const {
    return {value * factor, low * factor, high * factor, known};
  }
  Figure operator+(double more) const { return {value + more, low + more, high + more, known}; }
};

enum class Fit { kFits, kExceeds, kUnknown };
const char* fit_text(Fit fit);

/// kFits: `high` is within the limit; kExceeds: `low` is above what is surely too much; kUnknown
/// between them.
Fit judge(const Figure& figure, const challenge::Rule& rule);

/// One limit of the edition.
struct LimitVerdict {
  std::string what;  // "memory of training"
  const challenge::Rule* rule = nullptr;
  std::optional<Figure> figure;  // in the rule's unit; nullopt: see `reason`
  std::string reason;            // why there is none
  Fit fit = Fit::kUnknown;
  std::string advice;  // what would fit; or ""

  /// What is left of the limit, in its unit: below 0 where it is exceeded.
  std::optional<double> headroom() const;
};

/// How many slices there are, and what they look like.
struct PlanScale {
  formats::Shape worst;  // what decides memory
  formats::Shape usual;  // what decides times where one shape stands for all
  SliceShapes train;     // no slices: not known
  SliceShapes leaderboard;
  Known leaderboard_known = Known::kDeclared;  // kMeasured: counted in the files
  std::string leaderboard_text;                // "2 x 58 volumes of snu-2025 x 16 slices"
};

/// What may be said of times on one device.
struct DeviceTimes {
  std::string device;
  bool official = false;  // the edition's GPU
  std::string basis;      // why they are what they are, one sentence; or why there are none
  std::optional<Figure> slice_ms, step_ms, epoch_s, leaderboard_s;
};

struct Variant {
  NetworkPrediction network;
  double training_gib = 0, checkpointed_gib = 0, inference_gib = 0;  // on the GPU, context included
  std::optional<double> slice_ms, leaderboard_s, epoch_s;            // on the official GPU, or here
  bool checkpointing = false;  // it fits with gradient checkpointing alone
  Fit fit = Fit::kUnknown;
};

/// A class of models, and how far it goes within the limits.
struct ModelClass {
  std::string name;  // "Diffusion sampler"
  std::vector<std::string> sentences;
};

struct Plan {
  const challenge::Edition* edition = nullptr;
  NetworkQuestion question;
  NetworkAnswer answer;
  PlanScale scale;
  NetworkPrediction network;
  Figure training_gib, inference_gib;  // on a GPU, CUDA's context included
  int64_t here_training_bytes = 0, here_inference_bytes = 0;
  DeviceTimes here;
  std::optional<DeviceTimes> official;  // nullopt: this device is it, or none is named
  std::vector<LimitVerdict> limits;
  std::vector<Variant> variants;  // best first
  std::vector<ModelClass> classes;
  std::vector<std::string> notes;  // what a reader must know

  /// Times that the edition's limits speak of.
  const DeviceTimes& judged() const { return official ? *official : here; }
};

struct PlanInputs {
  const challenge::Edition* edition = nullptr;
  NetworkQuestion question;                // of the asked network
  NetworkAnswer network;                   // one network
  NetworkAnswer variants;                  // of the table; may be empty
  std::optional<NetworkAnswer> reference;  // the edition's reference network, where it has one
  PlanScale scale;
  int64_t now = 0;  // seconds since 1970
};

Plan make_plan(const PlanInputs& inputs);

/// Asks the baseline's program about the network, the table and the reference, and makes the plan.
Plan ask_and_plan(PlanInputs inputs);

/// 1: an error's limit would be exceeded; 6: one cannot be judged; else 0.
int exit_code(const Plan& plan);

}  // namespace reconproof::workflows
