// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/hdf5.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {

/// Opens a file in a confined child and reads what is small of it.
inline void read_confined(const std::filesystem::path& path) {
  std::unique_ptr<formats::Hdf5Reader> reader;
  if (!accepted([&] { reader = formats::open_confined(path); })) return;
  for (const auto& [name, set] : reader->info().datasets) {
    RP_ASSERT(!set.type_text().empty());
    for (int64_t extent : set.shape) RP_ASSERT(extent >= 0);
    constexpr int64_t kSmall = 1 << 12;
    if (formats::element_count(set.shape, name) > kSmall) continue;
    accepted([&, &set_name = name] { reader->read_floats(set_name); });
    accepted([&, &set_name = name] { reader->read_complex(set_name); });
  }
}

}  // namespace reconproof::fuzz
