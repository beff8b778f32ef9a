// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What every fuzz target is made of. A target hands bytes of a stranger to a reader: it may refuse
// them, with a fault of the file; it may not crash, leak, hang, blame itself, or accept what it
// promises to refuse (RP_ASSERT).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "system/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace reconproof::fuzz {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Whether the reader took what it was given. An exception that is no fault of the file goes on,
/// and ends the run as a finding.
template <typename Action>
bool accepted(Action&& action) {
  try {
    action();
    return true;
  } catch (const system::Error& error) {
    const bool of_the_file =
        error.code() == system::Code::kCorrupt || error.code() == system::Code::kUnsupported ||
        error.code() == system::Code::kIntegrity || error.code() == system::Code::kUsage;
    if (!of_the_file) throw;
    return false;
  }
}

}  // namespace reconproof::fuzz
