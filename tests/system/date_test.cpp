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

}  // namespace
}  // namespace reconproof::system
