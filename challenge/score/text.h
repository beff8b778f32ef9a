// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A score as people, machines and the official scripts write it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "challenge/score/score.h"

namespace reconproof::challenge {

/// What the official script prints, byte for byte; with times per slice what the script prints that
/// measures them (2026: recon_eval.py). The score must be complete, of the edition's own metric.
std::string official_print(const Edition& edition, const ScoreResult& result);

/// Cells across, metrics down, then the worst slices; with `details` every volume. Plain text.
std::string score_table(const Edition& edition, const ScoreResult& result, bool details);

/// One line a slice, box or volume: cell,volume,metric,slice,box,value. Empty where it does not
/// count.
std::string to_csv(const ScoreResult& result);

/// docs/formats/score.md
nlohmann::json to_json(const ScoreResult& result);

/// A text between commas (RFC 4180).
std::string csv_field(const std::string& text);

}  // namespace reconproof::challenge
