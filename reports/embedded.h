// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: templates and texts compiled into the binary (cmake/Embed.cmake).
#pragma once

#include <span>

#include "system/embedded.h"

namespace reconproof::reports {

std::span<const system::EmbeddedFile> embedded_files();

/// Contents of one of them; kInternal when there is none.
std::string_view embedded_file(std::string_view name);

}  // namespace reconproof::reports
