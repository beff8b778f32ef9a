// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace reconproof::system {

/// 64 random hexadecimal digits that only this user's programs know, made at the first call:
/// $XDG_STATE_HOME/reconproof/secret, or ~/.local/state/reconproof/secret. With it a program knows
/// again what it wrote itself. Throws where there is no such place (kNotFound), or where others may
/// read or write the file (kIntegrity).
std::string user_secret();

}  // namespace reconproof::system
