// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Days as text, "2026-08-31", which sorts as time does, and moments. All of them in UTC unless it
// is said otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reconproof::system {

/// Ten characters that name a day of the calendar.
bool is_date(std::string_view text);

/// The day of a moment, in seconds since 1970.
std::string date_of(int64_t seconds);

std::string today();

/// A moment in microseconds since 1970, by the clock of the wall.
int64_t now_us();

/// "2026-08-20T09:00:00.000000Z": sorts as time does.
std::string utc_text(int64_t us);
/// "2026-08-20 18:00", at this machine's place.
std::string local_text(int64_t us);

/// A moment as ISO 8601 writes it, with its offset from UTC: "2026-08-20T18:00+09:00",
/// "2026-08-20T09:00:30.5Z" (seconds and their fraction may be left out, a blank may stand for the
/// T). Microseconds since 1970. Nothing for anything else, above all where the offset is missing:
/// whose six o'clock it would be is not to be guessed.
std::optional<int64_t> parse_moment(std::string_view text);

}  // namespace reconproof::system
