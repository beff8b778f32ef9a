// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/html.h"

#include <gtest/gtest.h>

#include "formats/hdf5.h"
#include "reports/layers.h"
#include "system/base64.h"
#include "system/sha256.h"
#include "tests/reports/html_markup.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string render(const SyntheticProject& synthetic) {
  synthetic.write_check();
  const Report report = load_report(synthetic.project());
  const Texts texts("en");
  return render_html(make_document(report, texts), texts);
}

/// A document of one section with one block.
std::string render_block(Block block) {
  const Texts texts("en");
  Document document;
  document.language = "en";
  document.sections = {{"part", "Part", {std::move(block)}}};
  return render_html(document, texts);
}

/// The SHA-256 that the policy names after `directive`, and that of what stands between the tags.
void expect_hash_of(const std::string& html, const std::string& tag) {
  const size_t begin = html.find("<" + tag + ">") + tag.size() + 2,
               end = html.find("</" + tag + ">");
  ASSERT_LT(begin, end);
  EXPECT_EQ(html.find("<" + tag, end), std::string::npos) << "a second one";
  const std::string hash =
      system::base64_encode(system::sha256_bytes(html.substr(begin, end - begin)));
  EXPECT_NE(html.find(tag + "-src &apos;sha256-" + hash + "&apos;"), std::string::npos) << tag;
}

bool holds(const std::string& html, const std::string& part) {
  return html.find(part) != std::string::npos;
}

void expect_self_contained(const std::string& html) {
  const Markup markup = read_markup(html);
  EXPECT_EQ(markup.fault, "");
  for (const auto& [name, value] : markup.attributes) {
    if (name != "src" && name != "href") continue;
    EXPECT_TRUE(value.starts_with("data:") || value.starts_with("#")) << name << "=" << value;
  }
  for (const std::string& tag : markup.tags) {
    EXPECT_TRUE(tag != "iframe" && tag != "object" && tag != "base") << tag;
  }
  for (const auto& [name, value] : markup.attributes)
    EXPECT_TRUE(name != "style" && !name.starts_with("on")) << name << "=" << value;
  EXPECT_TRUE(holds(html, "content=\"default-src &apos;none&apos;; img-src data:;"));
  expect_hash_of(html, "style");
  expect_hash_of(html, "script");
  EXPECT_FALSE(holds(html, "@import"));
  EXPECT_FALSE(holds(html, "url(h"));
}

TEST(HtmlReport, HoldsBothFiguresTheGainAndAllSections) {
  const SyntheticProject synthetic;
  const std::string html = render(synthetic);
  expect_self_contained(html);
  // Reconstruction, zero-filled and gain of the total, then full values.
  for (const char* part : {">0.9640<", ">0.7667<", ">+0.1973<", ">0.964000000<", ">0.9762<",
                           ">0.8111<", "Within the rules", "Synthetic team"}) {
    EXPECT_TRUE(holds(html, part)) << part;
  }
  for (const char* id :
       {"scores", "volumes", "images", "findings", "training", "run", "environment", "hashes"}) {
    EXPECT_TRUE(holds(html, std::string("<section id=\"") + id + "\">")) << id;
  }
  EXPECT_TRUE(holds(html, "372.4\u202Fs (6 min 12 s)"));
  EXPECT_TRUE(holds(
      html,
      "python3 reconstruct.py &apos;it&apos;\\&apos;&apos;s&apos;"));  // for a shell, then for HTML
}

TEST(HtmlReport, SameInputSameBytes) {
  const SyntheticProject synthetic;
  EXPECT_EQ(render(synthetic), render(synthetic));
}

TEST(HtmlReport, HeadingsDescendInOrder) {
  int before = 0;
  for (const std::string& tag : read_markup(render(SyntheticProject())).tags) {
    if (tag.size() != 2 || tag[0] != 'h' || tag[1] < '1' || tag[1] > '6') continue;
    const int level = tag[1] - '0';
    EXPECT_LE(level, before + 1);
    before = level;
  }
  EXPECT_GE(before, 2);
}

TEST(HtmlReport, ImagesHaveAlternativeTextAndOneSize) {
  const std::string html = render(SyntheticProject());
  size_t images = 0;
  const Markup markup = read_markup(html);
  for (const std::string& tag : markup.tags) images += tag == "img";
  EXPECT_EQ(images, 20U);  // two cells, two slices, five panels
  for (const auto& [name, value] : markup.attributes) {
    EXPECT_TRUE(name != "alt" || !value.empty());
  }
  EXPECT_TRUE(holds(html, "Error map of brain_test1.h5, slice 1, acc8"));
}

TEST(HtmlReport, EscapesWhatStrangersWrote) {
  SyntheticProject synthetic;
  synthetic.project().name = "<script>alert(0)</script>";
  json finding = finding_json("layout.<b>", "fail", "message <script>alert(1)</script> \x1b[31m");
  finding["evidence"] = {"<script>alert(2)</script>\x1b]0;title\x07",
                         "\"><img src=x onerror=alert(3)>", "{{project}}"};
  finding["remediation"] = "<a href=\"http://example.org\">";
  finding["measured"] = "<i>much</i>";
  synthetic.check["findings"].push_back(finding);
  synthetic.check["exit_code"] = 1;
  synthetic.check["environment"]["cpu"] = "cpu <script>";
  synthetic.check["environment"]["gpus"] = {"<script>gpu", json{{"name", "card & more"}}};
  synthetic.check["build"]["extra<script>"] = "<script>build";
  const std::string volume = "brain_<script>\x1b[31m.h5";
  synthetic.check["score"]["volumes"].push_back(
      {{"cell", "acc4"}, {"volume", volume}, {"slices", {0.1}}});
  fs::copy_file(synthetic.recon("acc4") / "brain_test1.h5", synthetic.recon("acc4") / volume);
  const std::string html = render(synthetic);
  expect_self_contained(html);
  EXPECT_FALSE(holds(html, "<script>alert"));
  EXPECT_FALSE(holds(html, "\x1b"));
  EXPECT_FALSE(holds(html, "\x07"));
  EXPECT_FALSE(holds(html, "<img src=x"));
  EXPECT_FALSE(holds(html, "<i>much"));
  for (const char* part :
       {"message &lt;script&gt;alert(1)", "\\x1b]0;title\\x07", "{{project}}", "card &amp; more",
        "&lt;script&gt;build", "brain_&lt;script&gt;\\x1b[31m.h5", "Not within the rules"}) {
    EXPECT_TRUE(holds(html, part)) << part;
  }
}

TEST(HtmlReport, AHostileProjectFillsNoPlaceholder) {
  SyntheticProject synthetic;
  synthetic.check["weights"]["path"] = "{n} {{t.yes}} {{{css}}}";
  EXPECT_TRUE(holds(render(synthetic), "{n} {{t.yes}} {{{css}}}"));
}

TEST(HtmlReport, VerdictFollowsTheExitCodeInWordsAndIcon) {
  SyntheticProject synthetic;
  const auto verdict = [&](int code, const char* status) {
    synthetic.check["exit_code"] = code;
    synthetic.check["findings"] = {finding_json("time.official-gpu", status, "so it is")};
    return render(synthetic);
  };
  std::string html = verdict(1, "fail");
  EXPECT_TRUE(holds(html, "Not within the rules") && holds(html, "1 rule is broken.") &&
              holds(html, "verdict broken"));
  html = verdict(6, "inconclusive");
  EXPECT_TRUE(holds(html, "not everything could be judged") && holds(html, "verdict inconclusive"));
  html = verdict(0, "pass");
  EXPECT_TRUE(holds(html, "Within the rules") && holds(html, "verdict pass"));
  html = verdict(3, "pass");
  EXPECT_TRUE(holds(html, "exit code 3: unreadable or malformed input") &&
              !holds(html, "verdict pass"));
}

TEST(HtmlReport, AFailedWarningBreaksNothing) {
  SyntheticProject synthetic;
  json warning = finding_json("layout.float32", "fail", "two volumes were converted");
  warning["severity"] = "warning";
  synthetic.check["findings"].push_back(warning);
  const std::string html = render(synthetic);
  EXPECT_TRUE(holds(html, "Within the rules"));
  EXPECT_TRUE(holds(html, "1 warning or note"));
  EXPECT_TRUE(holds(html, "finding warned"));
  EXPECT_FALSE(holds(html, "finding broken"));
}

TEST(HtmlReport, FindingsAreGroupedFailFirst) {
  SyntheticProject synthetic;
  json& findings = synthetic.check["findings"];
  findings = json::array();
  for (const char* status : {"pass", "not_applicable", "waived", "inconclusive", "fail"}) {
    findings.push_back(finding_json("a.rule", status, "m"));
  }
  synthetic.check["exit_code"] = 1;
  const std::string html = render(synthetic);
  size_t before = html.find("<section id=\"findings\">");
  for (const char* title : {"Broken rules", "Could not be judged here", "Waived by the organisers",
                            "Rules that hold"}) {
    const size_t at = html.find(title, before);
    ASSERT_NE(at, std::string::npos) << title;
    before = at;
  }
}

TEST(HtmlReport, LongEvidenceIsCutAndCounted) {
  SyntheticProject synthetic;
  json finding = finding_json("layout.volumes", "fail", "many");
  for (int i = 0; i < 1000; ++i) finding["evidence"].push_back("line " + std::to_string(i));
  synthetic.check["findings"].push_back(finding);
  const std::string html = render(synthetic);
  EXPECT_TRUE(holds(html, "<li>line 199</li>"));
  EXPECT_FALSE(holds(html, "<li>line 200</li>"));
  EXPECT_TRUE(holds(html, "800 more lines"));
}

TEST(HtmlReport, WhatIsMissingIsASentence) {
  SyntheticProject synthetic;
  fs::remove_all(synthetic.result());
  fs::remove_all(synthetic.project().check_folder() / "recon");
  for (const char* key :
       {"environment", "build", "commands", "run", "score", "zero_filled", "weights"}) {
    synthetic.check[key] = nullptr;
  }
  synthetic.check.erase("findings");
  const std::string html = render(synthetic);
  expect_self_contained(html);
  for (const char* part :
       {"There is no ledger.jsonl beside the weights",
        "There is no val_loss_log.npy beside the weights", "The reconstruct command was not run",
        "The environment was not recorded", "There are no reconstructions here",
        "The weights were not recorded", "There is no score", "Nothing was scored",
        "The check recorded no findings"}) {
    EXPECT_TRUE(holds(html, part)) << part;
  }
}

TEST(HtmlReport, EveryKindOfBlock) {
  const std::string hostile = "<script>alert(1)</script>";
  Value strong{hostile, hostile};
  strong.is_strong = true;
  Value absent{hostile};
  absent.is_absent = true;
  Bar over{hostile, "4000 s", "3600 s", hostile, 2, Tone::kBroken};
  const Block blocks[] = {Paragraph{hostile, true},
                          Heading{hostile},
                          Table{hostile, {{hostile}, {hostile, true}}, {{strong, absent}}},
                          Facts{hostile, {{hostile, {hostile, hostile, true, Tone::kPass}}}},
                          Bars{hostile, {over}},
                          Drawing{"<svg role=\"img\" aria-label=\"a\"></svg>", hostile, hostile},
                          Commands{hostile, {hostile, "second line"}},
                          Items{{hostile}}};
  for (const Block& block : blocks) {
    const std::string html = render_block(block);
    expect_self_contained(html);
    EXPECT_FALSE(holds(html, hostile));
    EXPECT_TRUE(block.index() == Block(Drawing()).index() || holds(html, "&lt;script&gt;alert(1)"));
  }
  EXPECT_TRUE(holds(render_block(blocks[2]), "class=\"figure strong\""));
  EXPECT_TRUE(holds(render_block(blocks[2]), "class=\"figure absent\""));
  // Twice the limit: the bar is full, and the limit in its middle.
  EXPECT_TRUE(holds(render_block(blocks[4]), "M50.00 0v6"));
  EXPECT_TRUE(holds(render_block(blocks[4]), "width=\"100.00\" height=\"4\""));
  EXPECT_TRUE(holds(render_block(blocks[6]), "&lt;/script&gt;\nsecond line\n</code></pre>"));
  EXPECT_FALSE(holds(render_block(Table{"", {{"a"}}, {{{"b"}}}}), "<caption></caption>"));
}

TEST(HtmlReport, TheViewerHasEverySliceOfTheWorstVolume) {
  const SyntheticProject synthetic;
  const std::string html = render(synthetic);
  size_t slices = 0;
  for (size_t at = html.find("<li data-volume="); at != std::string::npos;
       at = html.find("<li data-volume=", at + 1))
    ++slices;
  EXPECT_EQ(slices, 4U);  // two cells of one volume with two slices
  EXPECT_TRUE(holds(html, "every slice of brain_test1.h5 (2)"));
  EXPECT_TRUE(holds(html, "data-images=\"label reconstruction input\""));
  EXPECT_TRUE(holds(html, "data-white=\"4095.00\""));  // nothing is brighter than the window
}

TEST(HtmlReport, AnotherRunIsComparedWith) {
  const SyntheticProject synthetic;
  synthetic.write_check();
  ReportOptions options;
  options.compare = synthetic.recon("acc4").parent_path();
  const Report report = load_report(synthetic.project(), options);
  const Texts texts("en");
  const std::string html = render_html(make_document(report, texts), texts);
  EXPECT_TRUE(holds(html, "data-images=\"label reconstruction input other\""));
  EXPECT_TRUE(holds(html, "Flicker: Other run"));
}

TEST(HtmlReport, MissingLossLogGivesTheSentenceAndKeepsTheCurve) {
  SyntheticProject synthetic;
  fs::remove(synthetic.result() / "val_loss_log.npy");
  const std::string html = render(synthetic);
  EXPECT_TRUE(holds(html, "There is no val_loss_log.npy beside the weights"));
  EXPECT_FALSE(holds(html, "There is no ledger.jsonl"));
  EXPECT_TRUE(holds(html, "<svg class=\"plot\""));
  EXPECT_TRUE(holds(html, ">Iteration</text>"));
}

TEST(HtmlReport, MissingZeroFilledInputLeavesAPlaceholder) {
  SyntheticProject synthetic;
  const std::vector<float> pixels(2 * 384 * 384, 1e-4F);
  fs::remove(synthetic.label("acc4"));
  formats::Hdf5Writer labels(synthetic.label("acc4"));
  labels.write("image_label", {2, 384, 384}, pixels);
  labels.attribute("max", 1e-4F);
  labels.commit();
  synthetic.check["zero_filled"] = nullptr;
  const std::string html = render(synthetic);
  EXPECT_TRUE(holds(html, "The data holds no zero-filled input."));
  EXPECT_TRUE(holds(html, "not available"));
}

}  // namespace
}  // namespace reconproof::reports
