// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/slides.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/markdown_text.h"
#include "reports/png.h"
#include "reports/slide_tables.h"

namespace reconproof::reports {
namespace {

// What a slide of 16:9 bears, in columns as text_width counts them.
constexpr int64_t kTextColumns = 84, kCodeColumns = 88;
constexpr double kTextLines = 12, kCodeLine = 0.7;  // of text; a line of code is less high
constexpr int64_t kLongestTitle = 72, kLongestCaption = 190;
constexpr size_t kMostTableSlides = 12, kMostListSlides = 3;

/// A sentence of ours, in which pairs of backticks hold code.
std::string slide_sentence(std::string_view text) {
  std::string sentence;
  for (const TextPiece& piece : code_pieces(text)) {
    const bool as_code = piece.is_code && piece.text.find('|') == std::string::npos;
    sentence += as_code ? "`" + piece.text + "`" : slide_text(piece.text);
  }
  return sentence;
}

/// As many whole sentences as fit, else a clipped first one.
std::string first_sentences(const std::string& text, int64_t columns) {
  if (text_width(text) <= columns) return text;
  size_t end = 0;
  for (size_t at = text.find(". "); at != std::string::npos; at = text.find(". ", at + 1)) {
    if (text_width(std::string_view(text).substr(0, at + 1)) > columns) break;
    end = at + 1;
  }
  return end > 0 ? text.substr(0, end) : clipped(text, columns);
}

/// The experts' boxes over a picture whose left upper corner is at (left, top).
std::string boxes_svg(const std::vector<ShownBox>& boxes, double left, double top, double scale) {
  std::string drawing;
  for (const ShownBox& box : boxes) {
    drawing += fmt::format(
        R"(<rect class="lesion" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>)",
        left + scale * static_cast<double>(box.left), top + scale * static_cast<double>(box.top),
        scale * static_cast<double>(box.width), scale * static_cast<double>(box.height));
  }
  return drawing;
}

/// The pictures of a slice side by side, each below its name.
std::string strip_svg(const SliceImages& images, const std::vector<Panel>& panels) {
  constexpr double kPanel = 160, kGap = 8, kTop = 22;
  const double high =
      kPanel * static_cast<double>(images.height) / static_cast<double>(images.width);
  std::string drawing;
  double left = 0;
  for (const Panel& panel : panels) {
    if (panel.png.empty()) continue;
    drawing += fmt::format(
        R"(<text x="{0}" y="14">{1}</text><image x="{0}" y="{2}" width="{3}" height="{4:.2f}" xlink:href="{5}"/>)",
        left, escape_markup(panel.name), kTop, kPanel, high, data_uri(panel.png));
    if (panel.kind != "error")
      drawing += boxes_svg(images.boxes, left, kTop, kPanel / static_cast<double>(images.width));
    left += kPanel + kGap;
  }
  return standalone_svg(fmt::format(
      R"(<svg viewBox="0 0 {:.0f} {:.2f}" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>)",
      left - kGap, kTop + high, drawing));
}

struct Slide {
  std::string title, body, notes;
};

class DeckWriter {
 public:
  DeckWriter(const Document& document, const Texts& texts) : document_(document), texts_(texts) {}

  SlideDeck write() {
    title_slide();
    summary_slide();
    for (const Section& section : document_.sections) {
      section_ = &section;
      const size_t before = slides_.size();
      heading_.clear();
      rules_ = {};
      for (const Block& block : section.blocks) {
        if (!std::holds_alternative<FindingGroup>(block)) flush_rules();
        std::visit([&](const auto& part) { add(part); }, block);
      }
      flush_rules();
      close_section(before);
    }
    for (const Slide& slide : slides_) deck_.markdown += slide_markdown(slide);
    return std::move(deck_);
  }

 private:
  static std::string slide_markdown(const Slide& slide) {
    std::string text = "\n## " + slide_text(slide.title) + "\n\n" + slide.body;
    if (!text.ends_with('\n')) text += "\n";
    if (slide.notes.empty()) return text;
    return text + "\n::: notes\n\n" + slide_text(slide.notes) + "\n\n:::\n";
  }

  // --- Slides

  void title_slide() {
    // Strings of JSON are strings of YAML.
    const auto line = [](const char* key, const std::string& text) {
      return fmt::format("{}: {}\n", key, nlohmann::json(slide_text(text)).dump());
    };
    deck_.markdown = "---\n" + line("title", clipped(document_.project, 2 * kLongestTitle)) +
                     line("subtitle", marked(document_.verdict_tone, document_.verdict)) +
                     line("author", document_.kind + " · " + document_.edition) + "---\n";
  }

  void summary_slide() {
    SlideTable table{{{texts_("summary_caption")}, {texts_("markdown_count"), true}}, {}};
    for (const StatusCount& status : document_.summary) {
      if (!status.is_zero)
        table.rows.push_back({{status.name, "", false, status.tone}, {status.count}});
    }
    if (table.rows.empty()) return;
    const SetTable set = set_table(table);
    deck_.tables.push_back(look_of(set));
    slide(clipped(document_.verdict, kLongestTitle),
          table_markdown(table, set, 0, table.rows.size()) + caption_line(document_.verdict_detail),
          document_.footer);
  }

  void slide(std::string title, std::string body, std::string notes) {
    slides_.push_back({std::move(title), std::move(body), std::move(notes)});
  }

  /// "Scores: acc4 (2/3)"
  std::string title(const std::string& more = "", size_t number = 1, size_t of = 1) const {
    const std::string& part = more.empty() ? heading_ : more;
    const std::string count = of > 1 ? fmt::format(" ({}/{})", number, of) : "";
    return clipped(section_->title + (part.empty() ? "" : ": " + part),
                   kLongestTitle - text_width(count)) +
           count;
  }

  /// Where the figures come from, what introduces them, and a caption that the slide cut.
  std::string notes(const std::string& caption) {
    const std::string key = "slides_source_" + section_->id;
    std::string text = texts_(texts_.all().contains(key) ? key : "slides_source");
    if (!intro_.empty()) text += " " + intro_;
    if (text_width(caption) > kLongestCaption) text += " " + caption;
    intro_.clear();
    remarks_.clear();
    return text;
  }

  static std::string caption_line(const std::string& caption) {
    if (caption.empty()) return "";
    return "\n: " + slide_sentence(first_sentences(caption, kLongestCaption)) + "\n";
  }

  void table_slides(const SlideTable& given, const std::string& given_caption, size_t most_slides) {
    const SlideTable table = without_empty_columns(given);
    if (table.rows.empty() || table.columns.empty()) return;
    const std::string caption = with_remarks(given_caption);
    flush_text();
    const SetTable set = set_table(table);
    const size_t all_slides = set.begins.size() - 1;
    const size_t shown_slides = std::min(all_slides, most_slides);
    const std::string speaker = notes(caption);
    for (size_t i = 0; i < shown_slides; ++i) {
      std::string line = i == 0 ? caption : "";
      if (i + 1 == shown_slides && shown_slides < all_slides) {
        line = texts_.count("slides_more",
                            static_cast<int64_t>(table.rows.size() - set.begins[i + 1]));
      }
      deck_.tables.push_back(look_of(set));
      slide(title("", i + 1, shown_slides),
            table_markdown(table, set, set.begins[i], set.begins[i + 1]) + caption_line(line),
            speaker);
    }
  }

  /// Notes wait for the table or figure that they speak of, and stand before its caption.
  std::string with_remarks(const std::string& caption) {
    return remarks_ + (remarks_.empty() || caption.empty() ? "" : " ") + caption;
  }

  void figure_slide(std::string svg, const std::string& alt, const std::string& caption,
                    const std::string& more = "") {
    const std::string whole = with_remarks(caption);
    flush_text();
    const std::string stem = fmt::format("figure-{}", deck_.figures.size() + 1);
    deck_.figures.push_back({stem + ".svg", std::move(svg)});
    deck_.alt_texts[stem + ".png"] = alt;
    // A picture without a caption is not one of its own to pandoc.
    const std::string text = first_sentences(whole.empty() ? alt : whole, kLongestCaption);
    slide(title(more), fmt::format("![{}]({}.png)\n", slide_sentence(text), stem), notes(whole));
  }

  /// What no table or figure took along goes into the notes of the section's last slide; what was
  /// not measured has a section of its own. A section without any slide gets one of text.
  void close_section(size_t slides_before) {
    flush_text();
    for (std::string* left : {&intro_, &remarks_}) {
      if (left->empty()) continue;
      if (slides_.size() > slides_before)
        slides_.back().notes += (slides_.back().notes.empty() ? "" : " ") + *left;
      else
        add_text(slide_sentence(*left) + "\n", lines_of(text_width(*left), kTextColumns) + 0.5);
      left->clear();
    }
    flush_text();
  }

  // --- Text, gathered until a slide is full

  void add_text(std::string markdown, double lines) {
    if (text_lines_ > 0 && text_lines_ + lines > kTextLines) flush_text();
    text_ += std::move(markdown);
    if (!text_.ends_with('\n')) text_ += "\n";
    text_lines_ += lines;
  }

  void flush_text() {
    if (!text_.empty()) slide(title(), text_, "");
    text_.clear();
    text_lines_ = 0;
  }

  // --- Blocks

  void add(const Paragraph& part) {
    std::string& waiting = part.is_note ? remarks_ : intro_;
    waiting += (waiting.empty() ? "" : " ") + part.text;
  }

  void add(const Heading& part) {
    flush_text();
    heading_ = part.text;
  }

  void add(const Table& part) {
    // Lists of files tell a listener nothing.
    const bool is_list = section_->id == "volumes" || section_->id == "hashes";
    table_slides({part.columns, part.rows}, part.caption,
                 is_list ? kMostListSlides : kMostTableSlides);
  }

  void add(const Facts& part) {
    SlideTable table{{{texts_("property")}, {texts_("value")}}, {}};
    for (const Fact& fact : part.facts) table.rows.push_back({{fact.name}, fact.value});
    table_slides(table, part.caption, kMostTableSlides);
  }

  void add(const Bars& part) { figure_slide(bars_svg(part), bars_alt(part), part.caption); }

  void add(const Chart& part) {
    figure_slide(standalone_svg(plot_svg(part.plot)),
                 part.plot.title + ". " + part.plot.description, part.caption);
  }

  void add(const Drawing& part) { figure_slide(standalone_svg(part.svg), part.alt, part.caption); }

  void add(const Pictures& part) {
    for (const SliceImages& images : part.report->images) {
      if (images.role == SliceRole::kNeighbour) continue;  // the viewer's
      std::vector<Panel> panels = slice_panels(images, *part.report, texts_);
      // Four are as large as a slide allows; the fifth is for those who look closer.
      std::erase_if(panels, [](const Panel& panel) { return panel.kind == "ssim_map"; });
      std::string caption = slice_place(images, texts_), alt;
      for (const Panel& panel : panels) {
        if (panel.png.empty()) continue;
        alt += (alt.empty() ? "" : ". ") + panel.alt;
        if (!panel.value.empty()) caption += " · " + panel.name + ": " + panel.value;
      }
      const std::string boxes = boxes_text(images, *part.report, texts_);
      if (!boxes.empty()) intro_ += (intro_.empty() ? "" : " ") + boxes;
      figure_slide(strip_svg(images, panels), alt, caption, slice_heading(images, texts_));
    }
  }

  void add(const Commands& part) {
    std::string caption;
    if (!part.caption.empty()) caption = slide_text(part.caption) + "\n\n";
    std::vector<std::string> block;
    double lines = 1.4;  // the caption
    const auto close = [&] {
      if (!block.empty()) add_text(caption + markdown_fence(block, "") + "\n", lines);
      block.clear();
      caption.clear();
      lines = 0.4;
    };
    for (const std::string& line : part.lines) {
      const double more = kCodeLine * static_cast<double>(lines_of(text_width(line), kCodeColumns));
      if (lines + more > kTextLines) close();
      block.push_back(line);
      lines += more;
    }
    close();
  }

  void add(const Items& part) {
    std::string begin = "\n";  // of the list
    for (const std::string& item : part.items) {
      const std::string text = clipped(item, 3 * kTextColumns);
      add_text(begin + "- " + slide_sentence(text) + "\n",
               static_cast<double>(lines_of(text_width(text) + 4, kTextColumns)));
      begin.clear();
    }
    text_ += "\n";
  }

  /// What holds stands in the table of all rules already.
  void add(const FindingGroup& part) {
    if (part.tone == Tone::kPass || part.tone == Tone::kNotApplicable) return;
    rules_.columns = {{texts_("slides_status")},
                      {texts_("finding_rule")},
                      {texts_("markdown_finding")},
                      {texts_("finding_measured")},
                      {texts_("finding_limit")}};
    const auto fact = [&](const FindingCard& card, const std::string& name) {
      for (const Fact& one : card.facts)
        if (one.name == texts_(name)) return one.value;
      return Value();
    };
    for (const FindingCard& card : part.cards) {
      rules_.rows.push_back({{card.status, "", false, card.tone},
                             {card.rule_id},
                             {card.message},
                             fact(card, "finding_measured"),
                             fact(card, "finding_limit")});
    }
  }

  /// All groups are one table: their statuses are its first column.
  void flush_rules() { table_slides(std::exchange(rules_, {}), "", kMostTableSlides); }

  const Document& document_;
  const Texts& texts_;
  SlideDeck deck_;
  std::vector<Slide> slides_;
  const Section* section_ = nullptr;
  std::string heading_;
  std::string intro_;    // goes into the speaker's notes of the next table or figure
  std::string remarks_;  // what is missing there: goes into its caption
  std::string text_;
  double text_lines_ = 0;
  SlideTable rules_;
};

}  // namespace

SlideDeck make_deck(const Document& document, const Texts& texts) {
  return DeckWriter(document, texts).write();
}

}  // namespace reconproof::reports
