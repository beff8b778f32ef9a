// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/markdown.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "reports/markdown_text.h"

namespace reconproof::reports {
namespace {

constexpr int kBarCells = 20;  // characters of a bar at its limit

std::string cell(const Value& value) {
  std::string text = value.is_code ? markdown_code(value.text) : markdown_text(value.text);
  if (value.is_strong && !text.empty()) text = "**" + text + "**";
  if (!value.detail.empty()) text += " (" + markdown_text(value.detail) + ")";
  return marked(value.tone, text);
}

/// As many full cells as the share of the limit, one more and an arrow where it is exceeded.
std::string bar_text(double share) {
  const double bounded = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 1.0;
  const int full = static_cast<int>(std::lround(bounded * kBarCells));
  std::string text;
  for (int i = 0; i < kBarCells; ++i) text += i < full ? "█" : "░";
  return "`" + text + (share > 1 ? "▶" : "") + "`";
}

class Writer {
 public:
  Writer(const Document& document, const Texts& texts, const std::string& folder)
      : document_(document), texts_(texts), folder_(folder) {}

  MarkdownReport write() {
    head();
    for (const Section& section : document_.sections) {
      paragraph("## " + markdown_text(section.title));
      section_ = &section;
      figures_here_ = 0;
      for (const Block& block : section.blocks)
        std::visit([&](const auto& part) { add(part); }, block);
    }
    if (!document_.footer.empty()) paragraph("---\n\n" + markdown_text(document_.footer));
    return std::move(report_);
  }

 private:
  void paragraph(const std::string& text) {
    report_.text += (report_.text.empty() ? "" : "\n") + text;
    if (!report_.text.ends_with('\n')) report_.text += '\n';
  }

  void caption(const std::string& text) {
    if (!text.empty()) paragraph("*" + markdown_sentence(text) + "*");
  }

  void head() {
    paragraph("# " + markdown_text(document_.kind + ": " + document_.project));
    paragraph(markdown_text(document_.edition) + " · " + markdown_code(document_.ruleset));
    std::string verdict =
        "**" + marked(document_.verdict_tone, markdown_text(document_.verdict)) + "**";
    if (!document_.verdict_detail.empty())
      verdict += "<br>\n> " + markdown_text(document_.verdict_detail);
    paragraph("> " + verdict);
    std::vector<std::vector<std::string>> rows;
    for (const StatusCount& status : document_.summary) {
      if (!status.is_zero)
        rows.push_back(
            {marked(status.tone, markdown_text(status.name)), markdown_text(status.count)});
    }
    if (!rows.empty()) {
      paragraph(
          markdown_table({{texts_("summary_caption")}, {texts_("markdown_count"), true}}, rows));
    }
  }

  void add(const Paragraph& part) {
    paragraph((part.is_note ? "> " : "") + markdown_sentence(part.text));
  }

  void add(const Heading& part) { paragraph("### " + markdown_text(part.text)); }

  void add(const Table& part) {
    caption(part.caption);
    std::vector<std::vector<std::string>> rows;
    for (const std::vector<Value>& values : part.rows) {
      rows.emplace_back();
      std::ranges::transform(values, std::back_inserter(rows.back()), cell);
    }
    paragraph(markdown_table(part.columns, rows));
  }

  void add(const Facts& part) {
    caption(part.caption);
    std::vector<std::vector<std::string>> rows;
    for (const Fact& fact : part.facts)
      rows.push_back({markdown_text(fact.name), cell(fact.value)});
    paragraph(markdown_table({{texts_("property")}, {texts_("value")}}, rows));
  }

  void add(const Bars& part) {
    caption(part.caption);
    std::vector<std::vector<std::string>> rows;
    for (const Bar& bar : part.bars) {
      rows.push_back({marked(bar.tone, markdown_text(bar.name)), markdown_text(bar.measured),
                      markdown_text(bar.limit), bar_text(bar.share)});
    }
    paragraph(markdown_table({{texts_("property")},
                              {texts_("finding_measured"), true},
                              {texts_("finding_limit"), true},
                              {texts_("markdown_share")}},
                             rows));
    std::string sentences;
    for (const Bar& bar : part.bars) sentences += "- " + markdown_text(bar.sentence) + "\n";
    paragraph(sentences);
  }

  void add(const Chart& part) {
    figure(standalone_svg(plot_svg(part.plot)), part.plot.title + ". " + part.plot.description,
           part.caption);
  }

  void add(const Drawing& part) { figure(standalone_svg(part.svg), part.alt, part.caption); }

  void figure(std::string svg, const std::string& alt, const std::string& caption_text) {
    const std::string name = fmt::format("{}-{}.svg", section_->id, ++figures_here_);
    paragraph(image(name, alt, std::move(svg)));
    caption(caption_text);
  }

  /// Keeps the file, and links to it.
  std::string image(const std::string& name, const std::string& alt, std::string bytes) {
    report_.figures.push_back({name, std::move(bytes)});
    return fmt::format("![{}]({})", markdown_alt(alt), markdown_link(folder_ + "/" + name));
  }

  void add(const Pictures& part) {
    for (const SliceImages& images : part.report->images) {
      if (images.role == SliceRole::kNeighbour) continue;  // the viewer's
      ++figures_here_;
      paragraph("### " + markdown_text(slice_heading(images, texts_)));
      paragraph(markdown_text(slice_place(images, texts_)));
      std::vector<Column> columns;
      std::vector<std::string> pictures, values;
      for (Panel& panel : slice_panels(images, *part.report, texts_)) {
        if (panel.png.empty()) continue;
        const std::string name =
            fmt::format("{}-{}-{}.png", section_->id, figures_here_, panel.kind);
        columns.push_back({panel.name});
        pictures.push_back(image(name, panel.alt, std::move(panel.png)));
        values.push_back(markdown_text(panel.value));
      }
      paragraph(markdown_table(columns, {pictures, values}));
      const std::string boxes = boxes_text(images, *part.report, texts_);
      if (!boxes.empty()) paragraph(markdown_text(boxes));
    }
  }

  void add(const Commands& part) {
    caption(part.caption);
    paragraph(markdown_fence(part.lines, "sh"));
  }

  void add(const Items& part) {
    std::string items;
    for (const std::string& item : part.items) items += "- " + markdown_sentence(item) + "\n";
    paragraph(items);
  }

  /// Cards that are open, or have evidence, stand alone; the others are lines of a table.
  void add(const FindingGroup& part) {
    paragraph("### " + markdown_text(marked(part.tone, part.title) + " (" + part.count + ")"));
    std::vector<std::vector<std::string>> rows;
    for (const FindingCard& card : part.cards) {
      if (card.open || !card.evidence.empty()) continue;
      std::string facts;
      for (const Fact& fact : card.facts)
        facts += (facts.empty() ? "" : "; ") + markdown_text(fact.name) + ": " + cell(fact.value);
      rows.push_back(
          {marked(card.tone, markdown_code(card.rule_id)), markdown_text(card.message), facts});
    }
    if (!rows.empty()) {
      paragraph(markdown_table(
          {{texts_("finding_rule")}, {texts_("markdown_finding")}, {texts_("markdown_details")}},
          rows));
    }
    for (const FindingCard& card : part.cards) {
      if (card.open || !card.evidence.empty()) add(card);
    }
  }

  void add(const FindingCard& card) {
    paragraph("#### " + marked(card.tone, markdown_code(card.rule_id)));
    std::string status = markdown_text(card.status);
    if (!card.severity.empty()) status += " (" + markdown_text(card.severity) + ")";
    paragraph("**" + status + ":** " + markdown_text(card.message));
    std::string facts;
    for (const Fact& fact : card.facts)
      facts += "- " + markdown_text(fact.name) + ": " + cell(fact.value) + "\n";
    if (!facts.empty()) paragraph(facts);
    if (card.evidence.empty()) return;
    caption(card.evidence_title);
    paragraph(markdown_fence(card.evidence, "text"));
    if (!card.more.empty()) paragraph(markdown_text(card.more));
  }

  const Document& document_;
  const Texts& texts_;
  const std::string& folder_;
  MarkdownReport report_;
  const Section* section_ = nullptr;
  int figures_here_ = 0;
};

}  // namespace

MarkdownReport render_markdown(const Document& document, const Texts& texts,
                               const std::string& folder) {
  return Writer(document, texts, folder).write();
}

}  // namespace reconproof::reports
