// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "system/clock.h"
#include "system/error.h"

namespace reconproof::formats {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string error_of(const std::string& text) {
  try {
    parse_strict_json(text, "x.json");
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kCorrupt);
    return error.what();
  }
  return "no error";
}

TEST(StrictJson, ReadsWhatTheLibraryReads) {
  for (const char* text : {"null", "3", "-2", "1.5e3", "\"a\\u00e9\"", "[]", "{}",
                           "[1,[2,{\"a\":[]}],{\"b\":{\"c\":null}}]",
                           "{\"z\":1,\"a\":{\"z\":[true,false]},\"b\":[[],[1]]}"}) {
    EXPECT_EQ(parse_strict_json(text, "x"), json::parse(text)) << text;
  }
}

TEST(StrictJson, CountsValues) {
  const auto list = [](size_t numbers) {
    std::string text = "[0";
    for (size_t i = 1; i < numbers; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_EQ(parse_strict_json(list(kMaxJsonValues - 1), "x").size(), kMaxJsonValues - 1);
  EXPECT_THAT(error_of(list(kMaxJsonValues)), HasSubstr("x.json: more than 1000000 values"));
}

TEST(StrictJson, SaysWhatIsWrong) {
  EXPECT_THAT(error_of(""), HasSubstr("x.json: not JSON"));
  EXPECT_THAT(error_of("{\"a\":1"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{} x"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("[NaN]"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("\"\xff\""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("\xEF\xBB\xBF{}"), HasSubstr("byte-order mark"));
  EXPECT_THAT(error_of("{\"a\":1,\"b\":{\"a\":2},\"a\":3}"), HasSubstr("the key 'a' stands twice"));
  EXPECT_THAT(error_of(std::string(33, '[') + std::string(33, ']')),
              HasSubstr("nested deeper than 32"));
  EXPECT_EQ(error_of(std::string(32, '[') + std::string(32, ']')), "no error");
}

TEST(StrictJson, TakesTimeInProportion) {
  std::string text = "[{}";
  for (int i = 0; i < 100'000; ++i) text += ",{}";
  const double start = system::monotonic_seconds();
  EXPECT_EQ(parse_strict_json(text + "]", "x").size(), 100'001u);
  EXPECT_LT(system::monotonic_seconds() - start, 5);
}

}  // namespace
}  // namespace reconproof::formats
