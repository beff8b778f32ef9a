// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/embedded.h"
#include "reports/html_template.h"
#include "reports/png.h"
#include "system/base64.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::reports {

std::string_view embedded_file(std::string_view name) {
  for (const system::EmbeddedFile& file : embedded_files()) {
    if (file.name == name) return file.contents;
  }
  system::fail(system::Code::kInternal, "no embedded file '{}'", name);
}

namespace {

class StrictContext : public kainjow::mustache::context<std::string> {
 public:
  StrictContext(const std::string& name, const TemplateData* root) : context(root), name_(name) {}
  const TemplateData* get(const std::string& key) const override {
    const TemplateData* found = context::get(key);
    if (!found) system::fail(system::Code::kInternal, "{}: nothing is called '{}'", name_, key);
    return found;
  }

 private:
  std::string name_;
};

}  // namespace

std::string fill_template(const std::string& name, const TemplateData& values) {
  kainjow::mustache::mustache page{std::string(embedded_file(name))};
  StrictContext context(name, &values);
  std::ostringstream html;
  page.render(context, html);
  if (!page.is_valid()) system::fail(system::Code::kInternal, "{}: {}", name, page.error_message());
  return html.str();
}

TemplateData template_texts(const Texts& texts) {
  TemplateData words{TemplateData::type::object};
  for (const auto& [key, text] : texts.all()) words.set(key, text);
  return words;
}

TemplateData optional_text(const std::string& text) {
  if (text.empty()) return TemplateData(false);
  return TemplateObject{{"text", text}};
}

namespace {

template <typename Items, typename ToData>
TemplateData list_of(const Items& items, ToData&& to_data) {
  TemplateData list{TemplateData::type::list};
  for (const auto& item : items) list.push_back(to_data(item));
  return list;
}

TemplateData list_of_texts(const std::vector<std::string>& texts) {
  return list_of(texts, [](const std::string& text) { return TemplateObject{{"text", text}}; });
}

TemplateData pieces_of(const std::string& sentence) {
  return list_of(code_pieces(sentence), [](const TextPiece& piece) {
    return TemplateObject{{"is_code", piece.is_code}, {"text", piece.text}};
  });
}

TemplateObject value_object(const Value& value) {
  return {{"text", value.text},
          {"detail", optional_text(value.detail)},
          {"is_code", value.is_code},
          {"class", value.is_absent   ? "absent"
                    : value.is_strong ? "strong"
                                      : ""},
          {"tone", std::string(tone_name(value.tone))},
          {"icon", value.tone != Tone::kPlain}};
}

TemplateObject fact_object(const Fact& fact) {
  TemplateObject object = value_object(fact.value);
  object.emplace("name", fact.name);
  return object;
}

/// One overload a kind of block.
class BlockRenderer {
 public:
  explicit BlockRenderer(const Texts& texts)
      : texts_(texts), words_(template_texts(texts)), value_(embedded_file("value.html")) {}

  std::string operator()(const Paragraph& paragraph) const {
    return fill("paragraph.html",
                {{"pieces", pieces_of(paragraph.text)}, {"is_note", paragraph.is_note}});
  }

  std::string operator()(const Heading& heading) const {
    return fill("heading.html", {{"text", heading.text}});
  }

  std::string operator()(const Items& items) const {
    const auto to_item = [](const std::string& item) {
      return TemplateObject{{"pieces", pieces_of(item)}};
    };
    return fill("items.html", {{"items", list_of(items.items, to_item)}});
  }

  std::string operator()(const Commands& commands) const {
    return fill("commands.html",
                {{"label", commands.caption.empty() ? texts_("viewer_commands") : commands.caption},
                 {"caption", optional_text(commands.caption)},
                 {"lines", list_of_texts(commands.lines)}});
  }

  std::string operator()(const Table& table) const {
    const auto to_column = [](const Column& column) {
      return TemplateObject{{"name", column.name}, {"is_number", column.is_number}};
    };
    const auto to_row = [&](const std::vector<Value>& cells) {
      TemplateData first{TemplateData::type::list}, others{TemplateData::type::list};
      for (size_t i = 0; i < cells.size(); ++i) {
        TemplateObject object = value_object(cells[i]);
        object.emplace("is_number", i < table.columns.size() && table.columns[i].is_number);
        (i == 0 ? first : others).push_back(object);
      }
      return TemplateObject{{"first", first}, {"others", others}};
    };
    return fill("table.html",
                {{"label", table.caption.empty() ? texts_("viewer_table") : table.caption},
                 {"caption", optional_text(table.caption)},
                 {"columns", list_of(table.columns, to_column)},
                 {"rows", list_of(table.rows, to_row)}});
  }

  std::string operator()(const Facts& facts) const {
    return fill("facts.html", {{"caption", optional_text(facts.caption)},
                               {"facts", list_of(facts.facts, fact_object)}});
  }

  /// The bar is as long as the limit, or, where the limit is broken, as what was measured.
  std::string operator()(const Bars& bars) const {
    const auto to_bar = [](const Bar& bar) {
      const double share = std::clamp(bar.share, 0.0, 100.0), limit_at = 100 / std::max(1.0, share);
      return TemplateObject{{"name", bar.name},
                            {"sentence", bar.sentence},
                            {"tone", std::string(tone_name(bar.tone))},
                            {"icon", bar.tone != Tone::kPlain},
                            {"limit_at", fmt::format("{:.2f}", limit_at)},
                            {"filled", fmt::format("{:.2f}", share * limit_at)}};
    };
    return fill("bars.html",
                {{"caption", optional_text(bars.caption)}, {"bars", list_of(bars.bars, to_bar)}});
  }

  std::string operator()(const Chart& chart) const {
    return drawing("plot-figure", plot_svg(chart.plot), chart.plot.title, chart.caption);
  }

  std::string operator()(const Drawing& figure) const {
    return drawing("drawing", figure.svg, figure.alt, figure.caption);
  }

  std::string operator()(const FindingGroup& group) const {
    const auto to_card = [](const FindingCard& card) {
      return TemplateObject{{"tone", std::string(tone_name(card.tone))},
                            {"rule_id", card.rule_id},
                            {"status", card.status},
                            {"severity", card.severity},
                            {"message", card.message},
                            {"facts", list_of(card.facts, fact_object)},
                            {"has_evidence", !card.evidence.empty()},
                            {"open", card.open},
                            {"evidence_title", card.evidence_title},
                            {"evidence", list_of_texts(card.evidence)},
                            {"more", optional_text(card.more)}};
    };
    return fill("findings.html", {{"tone", std::string(tone_name(group.tone))},
                                  {"title", group.title},
                                  {"count", group.count},
                                  {"cards", list_of(group.cards, to_card)}});
  }

  std::string operator()(const Pictures& pictures) const {
    return pictures_html(*pictures.report, texts_);
  }

 private:
  std::string drawing(const char* style, const std::string& svg, const std::string& label,
                      const std::string& caption) const {
    return fill(
        "drawing.html",
        {{"class", style}, {"svg", svg}, {"label", label}, {"caption", optional_text(caption)}});
  }

  std::string fill(const std::string& name, TemplateObject values) const {
    values.emplace("t", words_);
    values.emplace("value_partial", value_);
    return fill_template(name, values);
  }

  const Texts& texts_;
  TemplateData words_;
  std::string value_;
};

/// Of the palette that maps are drawn in: the viewer reads it from here, too.
TemplateData map_stops() {
  TemplateData stops{TemplateData::type::list};
  for (int step = 0; step <= 16; ++step) {
    const Rgb colour = error_colour(static_cast<uint8_t>(std::min(255, step * 16)));
    stops.push_back(TemplateObject{
        {"offset", fmt::format("{:.4f}", step / 16.0)},
        {"colour", fmt::format("#{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b)}});
  }
  return stops;
}

/// Only what has these very bytes is a style, or a script, of this page.
std::string security_policy(const std::string& style, const std::string& script) {
  return fmt::format(
      "default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src "
      "'sha256-{}'; base-uri 'none'; form-action 'none'",
      system::base64_encode(system::sha256_bytes(style)),
      system::base64_encode(system::sha256_bytes(script)));
}

}  // namespace

std::string render_html(const Document& document, const Texts& texts, Medium medium) {
  const BlockRenderer render(texts);
  const auto to_section = [&](const Section& section) {
    return TemplateObject{{"id", section.id},
                          {"title", section.title},
                          {"blocks", list_of(section.blocks, [&](const Block& block) {
                             return TemplateObject{{"html", std::visit(render, block)}};
                           })}};
  };
  const auto to_count = [](const StatusCount& status) {
    return TemplateObject{{"tone", std::string(tone_name(status.tone))},
                          {"name", status.name},
                          {"count", status.count},
                          {"is_zero", status.is_zero}};
  };
  const std::string style(embedded_file("report.css"));
  const std::string script(medium == Medium::kScreen ? embedded_file("viewer.js") : "");
  return fill_template(
      "report.html", TemplateObject{{"t", template_texts(texts)},
                                    {"language", document.language},
                                    {"policy", security_policy(style, script)},
                                    {"style", style},
                                    {"script", script},
                                    {"map_stops", map_stops()},
                                    {"kind", document.kind},
                                    {"edition", document.edition},
                                    {"project", document.project},
                                    {"verdict_tone", std::string(tone_name(document.verdict_tone))},
                                    {"verdict", document.verdict},
                                    {"verdict_detail", document.verdict_detail},
                                    {"summary", list_of(document.summary, to_count)},
                                    {"sections", list_of(document.sections, to_section)},
                                    {"footer", document.footer}});
}

}  // namespace reconproof::reports
