// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/slides.h"

#include <gtest/gtest.h>

#include "formats/office_package.h"
#include "reports/slide_programs.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/reports/html_markup.h"

namespace reconproof::reports {
namespace {

Document deck_document(std::vector<Block> blocks, const std::string& id = "scores") {
  Document document;
  document.project = "Team \"7\": <b>";
  document.verdict_tone = Tone::kPass;
  document.verdict = "Within the rules";
  document.kind = "Submission report";
  document.edition = "Edition";
  document.sections = {{id, "Scores", std::move(blocks)}};
  return document;
}

SlideDeck deck_of(std::vector<Block> blocks, const std::string& id = "scores") {
  return make_deck(deck_document(std::move(blocks), id), Texts("en"));
}

Table table_of(size_t rows) {
  Table table{"A caption", {{"Volume"}, {"SSIM", true}}, {}};
  for (size_t i = 0; i < rows; ++i)
    table.rows.push_back({{"brain_test" + std::to_string(i) + ".h5"}, {"0.97"}});
  return table;
}

TEST(SlideDeck, BeginsWithTheTeamAndTheVerdict) {
  const SlideDeck deck = deck_of({});
  EXPECT_TRUE(
      deck.markdown.starts_with("---\ntitle: \"Team \\\\\\\"7\\\\\\\"\\\\: "
                                "\\\\<b\\\\>\"\nsubtitle: \"✓ Within the rules\"\n"))
      << deck.markdown;
}

TEST(SlideDeck, LongTablesGoOnOverSlidesAndSayWhatIsLeftOut) {
  const SlideDeck few = deck_of({table_of(5)});
  EXPECT_EQ(times_in(few.markdown, "\n## Scores\n"), 1U);
  ASSERT_EQ(few.tables.size(), 1U);
  EXPECT_EQ(few.tables[0].type_size, 14);
  const SlideDeck some = deck_of({table_of(20)});
  EXPECT_EQ(times_in(some.markdown, "\n## Scores \\(1\\/2\\)\n"), 1U);
  EXPECT_EQ(times_in(some.markdown, "brain\\_test"), 20U);
  EXPECT_EQ(some.tables.size(), 2U);
  EXPECT_EQ(times_in(deck_of({table_of(116)}).markdown, "brain\\_test"), 116U);
  const SlideDeck many = deck_of({table_of(116)}, "volumes");  // a list of files
  EXPECT_EQ(times_in(many.markdown, "\n## Scores"), 3U);
  EXPECT_NE(many.markdown.find("more rows stand in the full report"), std::string::npos);
  EXPECT_LT(times_in(many.markdown, "brain\\_test"), 60U);
}

TEST(SlideDeck, NothingRunsOverTheEdge) {
  Table table{"", {{"File"}, {"SHA-256"}}, {}};
  for (int i = 0; i < 30; ++i)
    table.rows.push_back({{std::string(300, 'n')}, {std::string(64, 'f')}});
  const SlideDeck deck = deck_of({table});
  for (const TableLook& look : deck.tables) {
    double width = 0;
    for (const double column : look.column_widths) width += column;
    EXPECT_LE(width, 649);
  }
  EXPECT_EQ(deck.markdown.find(std::string(181, 'n')), std::string::npos);  // cut, with an ellipsis
  Items items;
  items.items.assign(40, std::string(100, 'i'));
  const SlideDeck text = deck_of({items});
  EXPECT_GE(times_in(text.markdown, "\n## Scores\n"), 6U);
}

TEST(SlideDeck, ColumnsThatNobodyFillsAreLeftOut) {
  const SlideDeck deck = deck_of({Table{"", {{"A"}, {"B"}, {"C"}}, {{{"1"}, {""}, {"3"}}}}});
  EXPECT_EQ(deck.tables[0].column_widths.size(), 2U);
  EXPECT_EQ(deck.markdown.find("| B |"), std::string::npos);
}

TEST(SlideDeck, RemarksStandWithTheirTable) {
  const SlideDeck deck =
      deck_of({Paragraph{"These are not the official labels.", true}, table_of(2)});
  EXPECT_EQ(times_in(deck.markdown, "\n## Scores\n"), 1U);
  EXPECT_NE(deck.markdown.find("\n: These are not the official labels\\. A caption\n"),
            std::string::npos)
      << deck.markdown;
  const SlideDeck alone = deck_of({Paragraph{"There is no score.", true}});
  EXPECT_NE(alone.markdown.find("\n## Scores\n\nThere is no score\\.\n"), std::string::npos);
}

TEST(SlideDeck, CommandsAreWholeLines) {
  const SlideDeck deck = deck_of({Commands{"Run", {"git clone x", "sh `y`"}}});
  EXPECT_NE(deck.markdown.find("```\ngit clone x\nsh `y`\n```\n"), std::string::npos)
      << deck.markdown;
}

TEST(SlideMending, TablesGetTheirColumnsAndPicturesTheirTexts) {
  SlideDeck deck;
  deck.tables = {{14, {100, 50}}};
  deck.alt_texts["figure-1.png"] = "What \"it\" shows";
  formats::PackageParts parts = {
      {"ppt/slides/slide1.xml",
       "<p:cNvPr id=\"2\" name=\"\"/><p:graphicFrame><p:xfrm><a:off x=\"1\" y=\"1193800\" />"
       "<a:ext cx=\"8229600\" cy=\"9\" /></p:xfrm><a:gridCol w=\"1\" /><a:gridCol w=\"1\" />"
       "<a:r><a:rPr /></a:r></p:graphicFrame><p:sp><p:cNvPr id=\"2\" /><p:cNvSpPr txBox=\"1\" />"
       "<a:off x=\"1\" y=\"4076700\" /><a:ext cx=\"1\" cy=\"508000\" /><a:rPr b=\"1\" /></p:sp>"},
      {"ppt/slides/slide2.xml", "<p:cNvPr descr=\"fig:\n\nfigure-1.png\" id=\"0\" />"}};
  mend_slides(parts, deck, "ko-KR");
  EXPECT_EQ(parts["ppt/slides/slide1.xml"],
            "<p:cNvPr id=\"1\" name=\"\"/><p:graphicFrame><p:xfrm><a:off x=\"1\" y=\"1701800\" />"
            "<a:ext cx=\"1905000\" cy=\"9\" /></p:xfrm><a:gridCol w=\"1270000\" /><a:gridCol "
            "w=\"635000\" /><a:r><a:rPr lang=\"ko-KR\" sz=\"1400\" /></a:r></p:graphicFrame><p:sp>"
            "<p:cNvPr id=\"2\" /><p:cNvSpPr txBox=\"1\" /><a:off x=\"1\" y=\"1193800\" /><a:ext "
            "cx=\"1\" cy=\"508000\" /><a:rPr lang=\"ko-KR\" sz=\"1100\" b=\"1\" /></p:sp>");
  EXPECT_EQ(parts["ppt/slides/slide2.xml"],
            "<p:cNvPr descr=\"What &quot;it&quot; shows\" id=\"1\" />");
}

TEST(SlideMaster, LayoutsAreFoundByTypeInAnyLanguage) {
  const std::string layouts = "ppt/slideLayouts/slideLayout";
  formats::PackageParts parts = {
      {layouts + "1.xml",
       R"(<p:sldLayout type="title"><p:cSld name="제목 슬라이드"><p:ph type="title"/>)"},
      {layouts + "2.xml",
       R"(<p:sldLayout type="obj"><p:cSld name="제목 및 내용"><p:ph type="title"/>)"},
      {layouts + "3.xml", R"(<p:sldLayout type="obj"><p:cSld name="둘째"/>)"},
      {"ppt/slideLayouts/_rels/slideLayout1.xml.rels", "<Relationships/>"}};
  EXPECT_EQ(adapt_layouts(parts), "");
  EXPECT_EQ(parts[layouts + "1.xml"],
            R"(<p:sldLayout type="title"><p:cSld name="Title Slide"><p:ph type="ctrTitle"/>)");
  EXPECT_EQ(parts[layouts + "2.xml"],
            R"(<p:sldLayout type="obj"><p:cSld name="Title and Content"><p:ph type="title"/>)");
  EXPECT_EQ(parts[layouts + "3.xml"], R"(<p:sldLayout type="obj"><p:cSld name="둘째"/>)");

  // What has the name keeps it, whatever its type.
  formats::PackageParts named = {
      {layouts + "1.xml",
       R"(<p:sldLayout type="tx"><p:cSld name="Title Slide"><p:ph type="ctrTitle"/>)"},
      {layouts + "2.xml", R"(<p:sldLayout type="title"><p:cSld name="Other"/>)"},
      {layouts + "3.xml", R"(<p:sldLayout><p:cSld name="Title and Content"/>)"}};
  const formats::PackageParts before = named;
  EXPECT_EQ(adapt_layouts(named), "");
  EXPECT_EQ(named, before);

  named.erase(layouts + "3.xml");
  EXPECT_EQ(adapt_layouts(named), "Title and Content");
}

TEST(Slides, WithoutProgramsOneLineSaysWhatToInstall) {
  const char* before = std::getenv("PATH");
  const std::string path = before ? before : "";
  ::setenv("PATH", "/nowhere", 1);
  try {
    require_slide_programs();
    ADD_FAILURE();
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kUsage);
    EXPECT_NE(std::string(error.what()).find("apt-get install pandoc librsvg2-bin"),
              std::string::npos);
  }
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace reconproof::reports
