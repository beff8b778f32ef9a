// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The section of a README that organisers ask for, from recorded evidence only: whatever was not
// measured is not in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "submission/project.h"

namespace reconproof::reports {

/// Of the last training that came to its end in the project's history.
struct TrainingEvidence {
  std::string run;  // its id
  double duration_s = 0;
  std::optional<double> best_val_loss;
  int64_t best_epoch = 0;  // as its log numbers it
};

struct ReadmeEvidence {
  nlohmann::json rehearse, check;  // of .reconproof/; null: there is none
  std::optional<TrainingEvidence> training;
};

/// kCorrupt for a record that is none.
ReadmeEvidence load_readme_evidence(const submission::Project& project);

struct ReadmeSection {
  std::string text;  // Markdown, between two comments that mark it
  /// What is left out for want of evidence, or is out of date, and the command that makes it.
  std::vector<std::string> notes;
};

/// kUsage for a language that there is not. kCorrupt where a record has fields of another type.
ReadmeSection readme_section(const ReadmeEvidence& evidence, const std::string& language);

std::vector<std::string> readme_languages();

/// A README with its section replaced, or with one at its end where there was none.
std::string with_section(const std::string& readme, const std::string& section);

}  // namespace reconproof::reports
