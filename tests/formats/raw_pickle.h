// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Pieces of pickles, put together by hand.
#pragma once

#include <cstdint>
#include <string>

namespace reconproof::formats::raw {

inline const std::string kProtocol2("\x80\x02");

template <typename T>
std::string number(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::string text(const std::string& value) {
  return "X" + number(static_cast<uint32_t>(value.size())) + value;
}

inline std::string integer(int64_t value) { return "\x8a\x08" + number(value); }

inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

inline std::string repeated(const std::string& part, int count) {
  std::string whole;
  for (int i = 0; i < count; ++i) whole += part;
  return whole;
}

}  // namespace reconproof::formats::raw
