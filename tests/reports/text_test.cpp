// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <set>

#include "reports/embedded.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

std::set<std::string> placeholders(const std::string& text) {
  static const std::regex kPlaceholder("\\{[a-z_]+\\}");
  return {std::sregex_token_iterator(text.begin(), text.end(), kPlaceholder),
          std::sregex_token_iterator()};
}

TEST(ReportTexts, EveryTextOfTheTemplateIsThere) {
  static const std::regex kKey("\\{\\{t\\.([a-z0-9_]+)\\}\\}");
  const Texts texts("en");
  for (const system::EmbeddedFile& file : embedded_files()) {
    if (!file.name.ends_with(".html")) continue;
    const std::string html(file.contents);
    for (std::sregex_iterator it(html.begin(), html.end(), kKey), end; it != end; ++it) {
      EXPECT_TRUE(texts.all().contains((*it)[1])) << (*it)[1];
    }
  }
}

TEST(ReportTexts, AllLanguagesHaveTheSameKeysAndPlaceholders) {
  const Texts english("en");
  for (const std::string& language : report_languages()) {
    const Texts texts(language);
    EXPECT_EQ(texts.all().size(), english.all().size()) << language;
    for (const auto& [key, text] : english.all()) {
      ASSERT_TRUE(texts.all().contains(key)) << language << " " << key;
      EXPECT_EQ(placeholders(texts(key)), placeholders(text)) << language << " " << key;
    }
  }
}

TEST(ReportTexts, UnknownLanguageIsAUsageErrorThatListsTheKnownOnes) {
  try {
    Texts texts("xx");
    FAIL();
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kUsage);
    EXPECT_NE(std::string(error.what()).find("en"), std::string::npos);
  }
}

TEST(ReportTexts, ValuesAreNotFilledAgain) {
  const Texts texts("en");
  EXPECT_EQ(texts.fill("images_place", {{"volume", "{slice}"}, {"slice", "3"}}),
            "{slice}, slice 3; white is {white}");
  EXPECT_EQ(texts.count("verdict_broken", 1), "1 rule is broken.");
  EXPECT_EQ(texts.count("verdict_broken", 0), "0 rules are broken.");
  EXPECT_THROW(texts("no_such_key"), system::Error);
}

TEST(ReportTexts, StrangersTextIsMadeVisibleAndCut) {
  EXPECT_EQ(shown("a\x1b[31mb\n"), "a\\x1b[31mb\\n");
  const std::string cut = shown(std::string(1999, 'a') + "가" + std::string(100, 'b'));
  EXPECT_EQ(cut, std::string(1999, 'a') + " […]");
}

TEST(ReportTexts, Numbers) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(3600), "3600");
  EXPECT_EQ(number_text(1234567), "1\u202F234\u202F567");
  EXPECT_EQ(number_text(-2.5), "\u22122.5");
  EXPECT_EQ(number_text(0.00012), "0.00012");
  EXPECT_EQ(number_text(1e-5), "1.0\u202F×\u202F10⁻⁵");
  EXPECT_EQ(number_text(1e300), "1.0\u202F×\u202F10³⁰⁰");
  EXPECT_EQ(number_text(NAN), "NaN");
  EXPECT_EQ(number_text(-INFINITY), "\u2212∞");
  EXPECT_EQ(signed_text(0.01234, 4), "+0.0123");
  EXPECT_EQ(signed_text(-0.01234, 4), "\u22120.0123");
  EXPECT_EQ(signed_text(-0.00001, 4), "±0.0000");
  EXPECT_EQ(bytes_text(512), "512\u202Fbytes");
  EXPECT_EQ(bytes_text(1536), "1.5\u202FKiB");
  EXPECT_EQ(quantity_text(372.4, "s"), "372.4\u202Fs (6 min 12 s)");
  EXPECT_EQ(quantity_text(1.5, "s"), "1.5\u202Fs");
  EXPECT_EQ(quantity_text(8589934592.0, "bytes"), "8.0\u202FGiB");
  EXPECT_EQ(quantity_text(3, ""), "3");
}

}  // namespace
}  // namespace reconproof::reports
