// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/date.h"

#include <fmt/core.h>

#include <chrono>
#include <ctime>

namespace reconproof::system {

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](size_t begin, size_t digits) {
    int value = 0;
    for (const char c : text.substr(begin, digits)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  return year > 0 && month > 0 && day > 0 &&
         std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
             .ok();
}

std::string date_of(int64_t seconds) {
  const time_t moment = seconds;
  struct tm date {};
  ::gmtime_r(&moment, &date);
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

std::string today() { return date_of(::time(nullptr)); }

}  // namespace reconproof::system
