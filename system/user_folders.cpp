// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/user_folders.h"

#include <cstdlib>

#include "system/error.h"

namespace reconproof::system {

namespace fs = std::filesystem;

namespace {

fs::path xdg_folder(const char* variable, const char* below_home) {
  const char* folder = std::getenv(variable);
  if (folder && fs::path(folder).is_absolute()) return fs::path(folder) / "reconproof";
  const char* home = std::getenv("HOME");
  if (home && fs::path(home).is_absolute()) return fs::path(home) / below_home / "reconproof";
  fail(Code::kNotFound, "neither {} nor HOME names a folder", variable);
}

}  // namespace

fs::path user_state_folder() { return xdg_folder("XDG_STATE_HOME", ".local/state"); }
fs::path user_config_folder() { return xdg_folder("XDG_CONFIG_HOME", ".config"); }
fs::path user_cache_folder() { return xdg_folder("XDG_CACHE_HOME", ".cache"); }

}  // namespace reconproof::system
