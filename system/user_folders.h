// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Where this user's programs keep things, as the XDG base directory specification says. A relative
// path in a variable does not count. kNotFound where neither the variable nor HOME names a folder.
#pragma once

#include <filesystem>

namespace reconproof::system {

/// $XDG_STATE_HOME/reconproof, or ~/.local/state/reconproof: what outlives a run.
std::filesystem::path user_state_folder();

/// $XDG_CONFIG_HOME/reconproof, or ~/.config/reconproof: keys.
std::filesystem::path user_config_folder();

/// $XDG_CACHE_HOME/reconproof, or ~/.cache/reconproof: what can be made again.
std::filesystem::path user_cache_folder();

}  // namespace reconproof::system
