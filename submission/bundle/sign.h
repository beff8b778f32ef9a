// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// An attestation goes into a bundle, or beside it. The bundle's id stays as it is.
#pragma once

#include <filesystem>
#include <string>

#include "submission/bundle/attestation.h"

namespace reconproof::submission {

struct BundleName {
  std::string id, project, edition;
};

/// What a bundle is. kCorrupt or kIntegrity, with its first problem, when it does not verify.
BundleName require_verified(const std::filesystem::path& bundle);

/// Writes the archive `bundle` to `out` (which may be the same) with `text` as the attestation
/// `path` in it, in place of one that stands there; every other entry is copied byte for byte.
/// Constant memory; `out` appears when it is complete, or not at all. kIntegrity when the archive
/// changes meanwhile.
void add_attestation(const std::filesystem::path& bundle, const std::filesystem::path& out,
                     const std::string& path, const std::string& text);

}  // namespace reconproof::submission
