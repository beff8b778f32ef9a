// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Whom a command trusts: keys that the caller names, and what is signed with them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "submission/waiver.h"
#include "system/ed25519.h"

namespace reconproof::cli {

/// Each "ed25519:..." or a file.
std::vector<system::PublicKey> public_keys(const std::vector<std::string>& options);

/// Only a key that the caller names makes a waiver one: kUsage without, naming `key_option`.
std::vector<submission::Waiver> read_waivers(const char* command,
                                             const std::vector<std::string>& files,
                                             const char* key_option,
                                             const std::optional<system::PublicKey>& key);

}  // namespace reconproof::cli
