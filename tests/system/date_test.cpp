// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/date.h"

#include <gtest/gtest.h>

namespace reconproof::system {
namespace {

TEST(Date, IsADayOfTheCalendar) {
  for (const char* day : {"2026-08-31", "2024-02-29", "0001-01-01", "9999-12-31"})
    EXPECT_TRUE(is_date(day)) << day;
  for (const char* text : {"", "2026-8-31", "2026-08-32", "2026-02-29", "2026-00-10", "2026-13-01",
                           "2026/08/31", "2026-08-31 ", "+026-08-31", "20260831", "0000-01-01"})
    EXPECT_FALSE(is_date(text)) << text;
}

TEST(Date, OfAMomentInUtc) {
  EXPECT_EQ(date_of(0), "1970-01-01");
  EXPECT_EQ(date_of(1788134399), "2026-08-30");
  EXPECT_EQ(date_of(1788134400), "2026-08-31");
  EXPECT_TRUE(is_date(today()));
}

TEST(Moment, HasAnOffset) {
  const int64_t moment = 1787216400 * int64_t{1000000};
  for (const char* text : {"2026-08-20T18:00+09:00", "2026-08-20T09:00Z", "2026-08-20 09:00:00Z",
                           "2026-08-20T18:00:00.000+0900", "2026-08-20T03:30-05:30"})
    EXPECT_EQ(parse_moment(text), moment) << text;
  EXPECT_EQ(parse_moment("2026-08-20T09:00:30.25Z"), moment + 30250000);
  EXPECT_EQ(utc_text(moment + 30250000), "2026-08-20T09:00:30.250000Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(parse_moment(utc_text(moment + 1)), moment + 1);
}

TEST(Moment, IsNotGuessed) {
  for (const char* text :
       {"", "2026-08-20", "2026-08-20T18:00", "2026-08-20T18:00:00", "2026-08-20T18:00 KST",
        "2026-08-20T18:00+9", "2026-08-20T18:00+09:60", "2026-08-20T18:00+15:00",
        "2026-08-20T24:00Z", "2026-08-20T18:60Z", "2026-02-30T18:00Z", "2026-08-20T18:00:Z",
        "2026-08-20T18:00:00.Z", "2026-08-20T18:00Zx", "20260820T1800Z", "2026-08-20T18:00+09:0"})
    EXPECT_FALSE(parse_moment(text)) << text;
}

}  // namespace
}  // namespace reconproof::system
