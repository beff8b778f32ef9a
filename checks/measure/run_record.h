// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Results of runs as JSON and back, without any loss: a check that was cut off takes them from its
// records. Not for readers: what check.json says of a run stands in workflows/check/check.cpp.
#pragma once

#include <nlohmann/json.hpp>

#include "checks/determinism/compare.h"
#include "checks/measure/slice_run.h"
#include "checks/measure/whole_run.h"

namespace reconproof::checks {

nlohmann::json record_of(const WholeRunResult& run);
nlohmann::json record_of(const SliceRun& run);
nlohmann::json record_of(const Comparison& comparison);

/// The opposite. Throws nlohmann::json::exception where something is missing or of another type.
void read_record(const nlohmann::json& record, WholeRunResult& run);
void read_record(const nlohmann::json& record, SliceRun& run);
void read_record(const nlohmann::json& record, Comparison& comparison);

}  // namespace reconproof::checks
