// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Days as text, "2026-08-31", which sorts as time does. All of them in UTC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reconproof::system {

/// Ten characters that name a day of the calendar.
bool is_date(std::string_view text);

/// The day of a moment, in seconds since 1970.
std::string date_of(int64_t seconds);

std::string today();

}  // namespace reconproof::system
