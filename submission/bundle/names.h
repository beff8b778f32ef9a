// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Names that are two on this file system and one on another.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "submission/bundle/bag.h"

namespace reconproof::submission {

/// Two names that become one where case is ignored or characters are composed (macOS, Windows), in
/// any folder on the way; and files below a file.
std::vector<BundleProblem> name_collisions(const std::set<std::string>& files,
                                           const std::set<std::string>& folders);

}  // namespace reconproof::submission
