// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Whole reports of one synthetic project against files of golden/: the Markdown, what the slides
// are made of, and the bones of the HTML. `golden/renew.sh` writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "reports/html.h"
#include "reports/markdown.h"
#include "reports/slides.h"
#include "system/build_info.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

void replace_each(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// The report without what another version or rule file changes.
std::string stable(std::string text, const Report& report) {
  for (const std::string& ruleset : {report.edition.ruleset(), report.check.ruleset}) {
    replace_each(text, ruleset, "RULESET");
    std::string escaped = ruleset;  // as slides have it
    replace_each(escaped, "-", "\\-");
    replace_each(escaped, "@", "\\@");
    replace_each(text, escaped, "RULESET");
  }
  replace_each(text, "reconproof " + system::build_info().version, "reconproof VERSION");
  return text;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(RECONPROOF_TEST_DATA).parent_path() / "reports" / "golden" / name;
  if (std::getenv("RECONPROOF_RENEW_GOLDEN")) {
    system::write_file(file, text);
    return;
  }
  EXPECT_EQ(text, system::read_file(file)) << "tests/reports/golden/renew.sh, and read the diff";
}

std::string without_tags(const std::string& html) {
  static const std::regex kTag("<[^>]*>"), kBlank("\\s+");
  std::string text = std::regex_replace(std::regex_replace(html, kTag, " "), kBlank, " ");
  const size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// A line for each section with its id, heading, table with its caption, figure and picture.
std::string bones(const std::string& html) {
  std::string lines;
  const auto attribute = [](const std::string& tag, const std::string& name) {
    const size_t at = tag.find(" " + name + "=\"");
    if (at == std::string::npos) return std::string();
    const size_t begin = at + name.size() + 3;
    return tag.substr(begin, tag.find('"', begin) - begin);
  };
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::string tag = html.substr(at, html.find('>', at) - at);
    const std::string name = tag.substr(1, tag.find_first_of(" >", 1) - 1);
    const bool heading = name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
    if (heading || name == "caption" || name == "summary") {
      const size_t end = html.find("</" + name, at);
      lines += name + " " + without_tags(html.substr(at, end - at)) + "\n";
    } else if (name == "section") {
      lines += "section #" + attribute(tag, "id") + "\n";
    } else if (name == "img" || (name == "svg" && !attribute(tag, "role").empty())) {
      lines += name + " " + attribute(tag, name == "img" ? "alt" : "aria-label") + "\n";
    } else if (name == "table" || name == "figure") {
      lines += name + "\n";
    }
  }
  return lines;
}

class GoldenReport : public testing::TestWithParam<const char*> {};

TEST_P(GoldenReport, IsAsItWas) {
  const SyntheticProject synthetic;
  const Report report = load_report(synthetic.project());
  const Texts texts{GetParam()};
  const Document document = make_document(report, texts);
  const std::string stem = std::string("report.") + GetParam();
  expect_golden(stem + ".md",
                stable(render_markdown(document, texts, "report_files").text, report));
  expect_golden(stem + ".slides.md", stable(make_deck(document, texts).markdown, report));
  expect_golden(stem + ".html.txt", stable(bones(render_html(document, texts)), report));
}

INSTANTIATE_TEST_SUITE_P(Languages, GoldenReport, testing::Values("en", "ko"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace reconproof::reports
