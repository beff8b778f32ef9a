// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace reconproof::cli {

/// After a run that failed or was killed: asks a person on a terminal for its lesson, in one line;
/// tells everybody else how to write it down later.
void ask_for_lesson(const std::filesystem::path& root, const std::string& id);

}  // namespace reconproof::cli
