// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A bundle becomes a folder again: whole and right, or not at all.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "formats/tar.h"
#include "submission/bundle/verify.h"

namespace reconproof::submission {

struct ExtractOptions {
  formats::TarLimits limits;    // what the archive may hold at most
  std::set<std::string> parts;  // of the payload ("weights", "recon", ...); empty: all of it
  int threads = 0;              // 0: one a core
  Trust trust;                  // who must have signed it
};

/// Writes the bag of an archive to the new folder `target`: regular files of mode 0644 (0755 for
/// executable code) and folders of mode 0755, less the umask, whatever the archive says. Nothing is
/// written elsewhere. The bytes are judged as `verify` judges them; where the result is not `ok`,
/// `target` is not there. kInvalidArgument when something stands at `target` or a part is unknown,
/// kUnsupported for an extracted bag, kNotFound when the archive cannot be opened, kIo when the
/// disk has no room.
VerifyResult extract(const std::filesystem::path& bundle, const std::filesystem::path& target,
                     const ExtractOptions& options = {});

}  // namespace reconproof::submission
