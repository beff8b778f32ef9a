// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// From a deadline backwards: what must end by when, and when the final training must begin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "challenge/edition.h"
#include "workflows/plan/plan.h"

namespace reconproof::workflows {

/// A moment with the zone that it was given in.
struct Deadline {
  int64_t moment_s = 0;  // seconds since 1970
  int64_t offset_s = 0;  // of its zone, east of UTC
};

/// Value of an option. kUsage for what is no moment, or one without an offset from UTC: 18:00 is
/// another moment in Seoul than on a server that runs on UTC.
Deadline parse_moment_option(const char* option, const std::string& text);

/// "2026-08-20 18:00 +09:00".
std::string moment_text(int64_t moment_s, int64_t offset_s);

/// How long an epoch takes, and how that is known.
struct EpochTime {
  Figure seconds;      // validation included, where the log has any
  int64_t epochs = 0;  // that the training was asked for; 0: not known
  int64_t finished = 0;
  bool validated = false;
  std::string basis;  // "median of 4 epochs of train.log, with validation"

  /// What is planned with: the median of what was measured; of a prediction its upper end.
  double planned_s() const {
    return seconds.known == Known::kMeasured ? seconds.value : seconds.high;
  }
};

/// From a log of the official trainers. kCorrupt where no line tells of a step.
EpochTime epoch_time_of(std::string_view log, const std::string& name);

/// As a plan predicts it: on the official GPU where that can be said. kUsage, with what to do,
/// where there is no prediction.
EpochTime predicted_epoch(const Plan& plan);

/// Time that is kept free behind the training, with its parts named.
struct Reserve {
  double seconds = 0;
  std::string basis;
};

/// `hours`: as asked for. Otherwise four reconstructions, as `check` makes them, and half an hour
/// to pack and hand in. A reconstruction takes what the last check of the project measured, else
/// the edition's limit, else an hour.
Reserve reserve_for(std::optional<double> hours, const std::filesystem::path& project,
                    const challenge::Edition* edition);

struct BackwardPlan {
  Deadline deadline;
  int64_t now_s = 0;
  EpochTime epoch;
  Reserve reserve;
  int64_t epochs = 0;           // of the final training
  int64_t epochs_that_fit = 0;  // from now on
  int64_t last_start_s = 0;     // of the final training
  bool past() const { return deadline.moment_s <= now_s; }
  bool fits() const { return !past() && last_start_s >= now_s; }
};

/// `epochs` 0: as many as the log's training has. kUsage where that is not known either.
BackwardPlan plan_backwards(const Deadline& deadline, int64_t now_s, const EpochTime& epoch,
                            const Reserve& reserve, int64_t epochs);

std::string backward_text(const BackwardPlan& plan);
/// docs/formats/plan.md.
nlohmann::json backward_json(const BackwardPlan& plan);

}  // namespace reconproof::workflows
