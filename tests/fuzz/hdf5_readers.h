// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/hdf5.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {

/// Opens a file of at most a few kilobytes in a confined child, reads what is small of it, and sees
/// what is huge refused before it is allocated.
inline void read_confined(const std::filesystem::path& path) {
  std::unique_ptr<formats::Hdf5Reader> reader;
  if (!accepted([&] { reader = formats::open_confined(path); })) return;
  for (const auto& item : reader->info().datasets) {
    const std::string& name = item.first;
    RP_ASSERT(!item.second.type_text().empty());
    for (int64_t extent : item.second.shape) RP_ASSERT(extent >= 0);
    constexpr int64_t kSmall = 1 << 12, kHuge = 1 << 25;
    const int64_t elements = formats::element_count(item.second.shape, name);
    if (elements > kSmall && elements <= kHuge) continue;
    const bool floats = accepted([&] { reader->read_floats(name); });
    const bool complexes = accepted([&] { reader->read_complex(name); });
    RP_ASSERT(elements <= kSmall || !(floats || complexes));
  }
}

}  // namespace reconproof::fuzz
