// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace reconproof::system {

/// Asks the kernel to bring part of a file into its cache, from `begin` to `end` of it (0 to 1),
/// and does not wait: what is computed meanwhile hides the disk, and none of it is this process's
/// memory. A file that cannot be opened is left to who reads it.
void prefetch(const std::filesystem::path& file, double begin, double end);

}  // namespace reconproof::system
