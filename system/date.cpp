// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/date.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace reconproof::system {
namespace {

constexpr int64_t kSecond = 1'000'000;  // in microseconds

/// So many decimal digits from `begin` on; -1 where there is anything else.
int digits_at(std::string_view text, size_t begin, size_t digits) {
  if (begin + digits > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(begin, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// ":30.5" of a time, removed from the front of `text`. Microseconds; nothing where it is
/// malformed.
std::optional<int64_t> take_seconds(std::string_view& text) {
  if (text.empty() || text[0] != ':') return 0;
  const int seconds = digits_at(text, 1, 2);
  if (seconds < 0 || seconds > 59) return std::nullopt;
  text.remove_prefix(3);
  int64_t us = seconds * kSecond;
  if (text.empty() || text[0] != '.') return us;
  text.remove_prefix(1);
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || end > 9) return std::nullopt;
  int64_t unit = kSecond;
  for (const char c : text.substr(0, end)) us += (unit /= 10) * (c - '0');
  text.remove_prefix(end);
  return us;
}

/// "Z", "+09:00", "+0900". Seconds east of UTC.
std::optional<int64_t> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const size_t colon = text.size() == 6 && text[3] == ':';
  if (text.size() != 5 + colon) return std::nullopt;
  const int hours = digits_at(text, 1, 2), minutes = digits_at(text, 3 + colon, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
  const int64_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '+' ? seconds : -seconds;
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2),
            day = digits_at(text, 8, 2);
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

int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kSecond + now.tv_nsec / 1000;
}

std::string utc_text(int64_t us) {
  const int64_t fraction = ((us % kSecond) + kSecond) % kSecond;
  const time_t moment = (us - fraction) / kSecond;
  struct tm date {};
  ::gmtime_r(&moment, &date);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", date.tm_year + 1900,
                     date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec,
                     fraction);
}

std::string local_text(int64_t us) {
  const time_t moment = us / kSecond;
  struct tm date {};
  ::localtime_r(&moment, &date);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", date.tm_year + 1900, date.tm_mon + 1,
                     date.tm_mday, date.tm_hour, date.tm_min);
}

std::optional<int64_t> parse_moment(std::string_view text) {
  if (text.size() < 17 || !is_date(text.substr(0, 10)) || (text[10] != 'T' && text[10] != ' ') ||
      text[13] != ':')
    return std::nullopt;
  const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  std::string_view rest = text.substr(16);
  const std::optional<int64_t> seconds = take_seconds(rest);
  const std::optional<int64_t> offset = seconds ? parse_offset(rest) : std::nullopt;
  if (!offset) return std::nullopt;
  struct tm date {};
  date.tm_year = digits_at(text, 0, 4) - 1900;
  date.tm_mon = digits_at(text, 5, 2) - 1;
  date.tm_mday = digits_at(text, 8, 2);
  date.tm_hour = hour;
  date.tm_min = minute;
  return (::timegm(&date) - *offset) * kSecond + *seconds;
}

}  // namespace reconproof::system
