// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to manifest.cpp and manifest_writer.cpp.
#pragma once

#include <cstdint>

namespace reconproof::challenge {

inline constexpr const char* kManifestSchema = "reconproof.data-manifest";
inline constexpr int64_t kManifestVersion = 1;
inline constexpr const char* kManifestPredicate = "urn:reconproof:data-manifest:1";

}  // namespace reconproof::challenge
