// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/cpu_adapter.h"

#include <span>

#include "system/embedded.h"

namespace reconproof::checks {

std::span<const system::EmbeddedFile> embedded_files();  // python/ (cmake/Embed.cmake)

CpuAdapter::CpuAdapter() {
  for (const system::EmbeddedFile& file : embedded_files()) {
    if (file.name == "sitecustomize.py")
      system::write_file(folder_.path() / file.name, file.contents);
  }
}

}  // namespace reconproof::checks
