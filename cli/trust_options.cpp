// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "cli/trust_options.h"

#include "system/error.h"

namespace reconproof::cli {

std::vector<system::PublicKey> public_keys(const std::vector<std::string>& options) {
  std::vector<system::PublicKey> keys;
  for (const std::string& option : options) keys.push_back(system::PublicKey::from_option(option));
  return keys;
}

std::vector<submission::Waiver> read_waivers(const char* command,
                                             const std::vector<std::string>& files,
                                             const char* key_option,
                                             const std::optional<system::PublicKey>& key) {
  if (!files.empty() && !key) {
    system::fail(system::Code::kUsage,
                 "{}: --waiver needs {}, the key of the organiser who signed it", command,
                 key_option);
  }
  std::vector<submission::Waiver> waivers;
  for (const std::string& file : files) waivers.push_back(submission::read_waiver(file, *key));
  return waivers;
}

}  // namespace reconproof::cli
