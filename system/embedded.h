// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Data files compiled into the binary (cmake/Embed.cmake), so that rules cannot drift from the
// program.
#pragma once

#include <span>
#include <string_view>

namespace reconproof::system {

struct EmbeddedFile {
  std::string_view name;  // file name without its folder
  std::string_view contents;
};

}  // namespace reconproof::system
