// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/markdown.h"

#include <gtest/gtest.h>

#include "reports/markdown_text.h"

namespace reconproof::reports {
namespace {

TEST(MarkdownText, StaysText) {
  const std::pair<const char*, const char*> cases[] = {
      {"plain, 0.9762 (+0.01) - x", "plain, 0.9762 (+0.01) - x"},
      {"brain_test1.h5", "brain_test1.h5"},
      {"_emphasis_ and __init__", "\\_emphasis\\_ and \\_\\_init\\_\\_"},
      {"*a* `b` [c](d) ~~e~~ |f| $g$ {{h}}",
       "\\*a\\* \\`b\\` \\[c\\](d) \\~\\~e\\~\\~ \\|f\\| \\$g\\$ \\{\\{h\\}\\}"},
      {"<script>&amp;", "&lt;script&gt;&amp;amp;"},
      {"http://a.b www.c.d", "http\\://a.b www\\.c.d"},
      {"team@example.org", "team@<!-- -->example.org"},
      {"a\nb\tc", "a b c"},
      {"  # heading #", "\\# heading \\#"},
      {"#367", "#367"},
      {"- item", "\\- item"},
      {"-1.5", "-1.5"},
      {"---", "\\---"},
      {"===", "\\==="},
      {"12. item", "12\\. item"},
      {"1) item", "1\\) item"},
      {"0.97", "0.97"},
      {"", ""}};
  for (const auto& [text, markdown] : cases) EXPECT_EQ(markdown_text(text), markdown);
  EXPECT_EQ(markdown_alt("a@b <c>"), "a@b &lt;c&gt;");
}

TEST(MarkdownText, SentencesHaveCodeBetweenBackticks) {
  EXPECT_EQ(markdown_sentence("Run `reconproof pack` *now*."), "Run `reconproof pack` \\*now\\*.");
  EXPECT_EQ(markdown_sentence("`a | b` and `` <i>"), "a \\| b and  &lt;i&gt;");
  EXPECT_EQ(markdown_sentence("one ` alone"), "one \\` alone");
}

TEST(MarkdownText, Code) {
  EXPECT_EQ(markdown_code("python3 a.py <b>"), "`python3 a.py <b>`");
  EXPECT_EQ(markdown_code("a `b` | c"), "a \\`b\\` \\| c");
  EXPECT_EQ(markdown_code(""), "");
  EXPECT_EQ(markdown_fence({"a", "```` b"}, "sh"), "`````sh\na\n```` b\n`````\n");
  EXPECT_EQ(markdown_fence({}, ""), "```\n```\n");
}

TEST(MarkdownText, LinksHoldAnyName) {
  EXPECT_EQ(markdown_link("a_files/x-1.svg"), "a_files/x-1.svg");
  EXPECT_EQ(markdown_link("a) [b].svg"), "a%29%20%5Bb%5D.svg");
  EXPECT_EQ(markdown_link("보"), "%EB%B3%B4");
}

TEST(MarkdownText, TablesAreAlignedInTheSourceToo) {
  EXPECT_EQ(markdown_table({{"항목"}, {"n", true}}, {{"a", "1"}, {"abcdef", "10"}, {"b"}}),
            "| 항목   |   n |\n"
            "| ------ | --: |\n"
            "| a      |   1 |\n"
            "| abcdef |  10 |\n"
            "| b      |     |\n");
}

Document document_with(std::vector<Block> blocks) {
  Document document;
  document.language = "en";
  document.kind = "Submission report";
  document.project = "Team <7>";
  document.edition = "Edition";
  document.ruleset = "snu-2025@0";
  document.verdict_tone = Tone::kBroken;
  document.verdict = "Not within the rules";
  document.summary = {{Tone::kBroken, "Broken", "1", false}, {Tone::kPass, "Holds", "0", true}};
  document.sections = {{"scores", "Scores", std::move(blocks)}};
  document.footer = "reconproof 0";
  return document;
}

std::string text_of(std::vector<Block> blocks) {
  return render_markdown(document_with(std::move(blocks)), Texts("en"), "r_files").text;
}

void expect_holds(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}

TEST(Markdown, BeginsWithTheVerdictInWords) {
  const std::string text = text_of({});
  EXPECT_TRUE(text.starts_with("# Submission report: Team &lt;7&gt;\n"));
  expect_holds(text, "> **✗ Not within the rules**\n");
  expect_holds(text, "| ✗ Broken ");
  EXPECT_EQ(text.find("Holds"), std::string::npos);
  EXPECT_TRUE(text.ends_with("reconproof 0\n"));
}

TEST(Markdown, TablesFactsAndBars) {
  Value strong{"0.9762"};
  strong.is_strong = true;
  strong.detail = "0.97621";
  const std::string text =
      text_of({Table{"All items", {{"Item"}, {"Score", true}}, {{{"acc4"}, strong}}},
               Facts{"", {{"Command", {"a | b", "", true}}, {"Hash", {"ff", "", true}}}},
               Bars{"",
                    {{"Wall clock", "2 s", "1 s", "2 s of 1 s", 2, Tone::kBroken},
                     {"Memory", "1 GiB", "4 GiB", "1 of 4", 0.25, Tone::kPass}}}});
  expect_holds(text, "*All items*\n\n| Item |");
  expect_holds(text, "| acc4 | **0.9762** (0.97621) |");
  expect_holds(text, "a \\| b");
  expect_holds(text, "`ff`");
  expect_holds(text, "`████████████████████▶`");
  expect_holds(text, "`█████░░░░░░░░░░░░░░░`");
  expect_holds(text, "- 2 s of 1 s\n");
}

TEST(Markdown, FiguresAreFilesWithAlternativeTexts) {
  const MarkdownReport report = render_markdown(
      document_with({Drawing{"<svg viewBox=\"0 0 40 20\" role=\"img\"><title>t</title></svg>",
                             "A [drawing]", "What it is"}}),
      Texts("en"), "my report_files");
  ASSERT_EQ(report.figures.size(), 1U);
  EXPECT_EQ(report.figures[0].name, "scores-1.svg");
  const std::string& svg = report.figures[0].bytes;
  EXPECT_TRUE(
      svg.starts_with("<svg viewBox=\"0 0 40 20\" role=\"img\" width=\"40\" height=\"20\" "
                      "xmlns=\"http://www.w3.org/2000/svg\"><title>t</title><style>"));
  expect_holds(report.text, "![A \\[drawing\\]](my%20report_files/scores-1.svg)");
  expect_holds(report.text, "*What it is*");
}

TEST(Markdown, FindingsWithEvidenceStandAlone) {
  FindingCard broken{Tone::kBroken,
                     "time.total",
                     "Broken",
                     "severity: error",
                     "took *long*",
                     {{"Limit", {"3600 s"}}},
                     "Evidence (1 line)",
                     {"``` end"},
                     "",
                     true};
  FindingCard holds{Tone::kPass, "repeat.equal", "Holds", "", "all are equal", {}, "", {},
                    "",          false};
  const std::string text = text_of({FindingGroup{Tone::kBroken, "Broken rules", "1", {broken}},
                                    FindingGroup{Tone::kPass, "Rules that hold", "1", {holds}}});
  expect_holds(text, "### ✗ Broken rules (1)\n");
  expect_holds(text, "#### ✗ `time.total`\n\n**Broken (severity: error):** took \\*long\\*\n");
  expect_holds(text, "- Limit: 3600 s\n");
  expect_holds(text, "````text\n``` end\n````\n");
  expect_holds(text, "| ✓ `repeat.equal` | all are equal |");
}

}  // namespace
}  // namespace reconproof::reports
