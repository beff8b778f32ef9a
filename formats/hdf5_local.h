// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to formats/.
#pragma once

#include "formats/hdf5.h"

namespace reconproof::formats {

/// Opens `open_as` (such as /proc/self/fd/4) while messages speak of `path`.
std::unique_ptr<Hdf5Reader> open_local_as(const std::filesystem::path& path,
                                          const std::string& open_as);

/// Sets up the library once for all processes that are forked from this one.
void prepare_hdf5();

}  // namespace reconproof::formats
