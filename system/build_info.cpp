// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/build_info.h"

#include <string_view>

#include "build_info.inc"  // generated: cmake/BuildInfo.cmake

namespace reconproof::system {

const BuildInfo& build_info() {
  static const BuildInfo info = [] {
    BuildInfo built{RECONPROOF_VERSION,
                    kRevision,
                    kDirty,
                    kSourceSha256,
                    RECONPROOF_COMPILER,
                    RECONPROOF_BUILD_TYPE,
                    RECONPROOF_LIBTORCH_VERSION,
                    {}};
    constexpr std::string_view kFolder = RECONPROOF_LIBTORCH_FOLDER;
    if (!kFolder.empty()) built.libtorch_folders.emplace_back(kFolder);
    return built;
  }();
  return info;
}

}  // namespace reconproof::system
