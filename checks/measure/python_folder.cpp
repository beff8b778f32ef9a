// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/python_folder.h"

#include <algorithm>
#include <span>

#include "system/embedded.h"
#include "system/error.h"

namespace reconproof::checks {

std::span<const system::EmbeddedFile> embedded_files();  // python/ (cmake/Embed.cmake)

PythonFolder::PythonFolder(const PythonFile& file) {
  constexpr PythonFile kShared = {"reconproof_hooks.py", "reconproof_hooks.py"};
  const auto files = embedded_files();
  for (const PythonFile& needed : {file, kShared}) {
    const auto found = std::ranges::find(files, needed.embedded, &system::EmbeddedFile::name);
    RP_ASSERT(found != files.end());
    system::write_file(folder_.path() / needed.name, found->contents);
  }
}

}  // namespace reconproof::checks
