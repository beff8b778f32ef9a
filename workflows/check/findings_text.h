// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "challenge/finding.h"

namespace reconproof::workflows {

/// How many pieces of evidence a file of findings gives; check.json has them all.
inline constexpr size_t kMaxEvidenceInFiles = 100;

/// Text of strangers for a person: printable (system/terminal.h), one line, cut after 2000 bytes.
std::string shown(std::string_view text);

/// The first pieces of evidence, shown; the last says how many there are besides.
std::vector<std::string> shown_evidence(const challenge::Finding& finding, size_t most);

/// The finding with paths below the project, or beside it, relative to it: a file that goes
/// elsewhere need not tell where a team's folders are.
challenge::Finding with_relative_paths(challenge::Finding finding,
                                       const std::filesystem::path& project);

/// What was measured, or null when it was nothing or not finite, which neither format can say.
nlohmann::json finite_measured(const challenge::Finding& finding);

/// One block a finding, failures first, with evidence and what to do; text of strangers is made
/// printable.
std::string findings_text(const std::vector<challenge::Finding>& findings);

/// "9 pass, 1 fail, 2 inconclusive"
std::string count_text(const std::vector<challenge::Finding>& findings);

}  // namespace reconproof::workflows
