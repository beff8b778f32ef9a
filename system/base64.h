// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reconproof::system {

/// RFC 4648, standard alphabet, padded, one line.
std::string base64_encode(std::string_view bytes);

/// Nothing for what base64_encode would not have written: blanks, missing padding, stray bits.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace reconproof::system
