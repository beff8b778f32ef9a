// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a report says, in order and in one language, before it becomes HTML, Markdown or slides: the
// formats choose how it looks, never what it says. Text of strangers is printable here (`shown`)
// and not escaped: each format escapes as it must.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/model.h"
#include "reports/svg_plot.h"
#include "reports/text.h"

namespace reconproof::reports {

/// How a value is to be taken. Never by colour alone: formats add a mark or a word.
enum class Tone { kPlain, kPass, kBroken, kWarned, kInconclusive, kWaived, kNotApplicable };
/// "pass", "broken", ...: of classes and icons.
std::string_view tone_name(Tone tone);

struct Value {
  std::string text;
  std::string detail =
      {};  // smaller, behind or below it: more digits, the slice, what it is a share of
  bool is_code = false;
  Tone tone = Tone::kPlain;
  bool is_strong = false;  // the one figure of its row that matters most
  bool is_absent = false;  // `text` says that there is none: shown faintly
};

struct Paragraph {
  std::string text;
  bool is_note = false;  // says what is missing, and what would bring it
};

struct Column {
  std::string name;
  bool is_number = false;
};

/// The first cell of a row names it.
struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;
};

struct Fact {
  std::string name;
  Value value;
};

/// A table of names and values.
struct Facts {
  std::string caption;
  std::vector<Fact> facts;
};

/// A measured value against its limit.
struct Bar {
  std::string name, measured, limit;
  std::string sentence;  // all of it in words: "412 s of 3 600 s allowed: 11 % of the limit"
  double share = 0;      // of the limit; above 1: broken
  Tone tone = Tone::kPlain;
};

struct Bars {
  std::string caption;
  std::vector<Bar> bars;
};

struct Chart {
  Plot plot;
  std::string caption;
};

/// A drawing of our own, such as the network's figure.
struct Drawing {
  std::string svg;  // an <svg> element with role="img" and a label
  std::string alt, caption;
};

/// The pictures of the report: `report` must outlive the document.
struct Pictures {
  const Report* report = nullptr;
};

/// Lines for a shell, to be copied as they are.
struct Commands {
  std::string caption;
  std::vector<std::string> lines;
};

struct Items {
  std::vector<std::string> items;
};

/// One finding, as a card.
struct FindingCard {
  Tone tone = Tone::kPlain;
  std::string rule_id, status, severity, message;
  std::vector<Fact> facts;
  std::string evidence_title;  // empty where there is none
  std::vector<std::string> evidence;
  std::string more;  // how many lines of evidence are left out; empty where none
  bool open = false;
};

struct FindingGroup {
  Tone tone = Tone::kPlain;
  std::string title, count;
  std::vector<FindingCard> cards;
};

/// Begins a part of a section.
struct Heading {
  std::string text;
};

using Block = std::variant<Paragraph, Table, Facts, Bars, Chart, Drawing, Pictures, Commands, Items,
                           FindingGroup, Heading>;

struct Section {
  std::string id;  // of links and slides: "scores"
  std::string title;
  std::vector<Block> blocks;
};

struct StatusCount {
  Tone tone = Tone::kPlain;
  std::string name, count;
  bool is_zero = true;
};

struct Document {
  std::string language;
  std::string kind;     // "Submission report"
  std::string project;  // the team's name for it
  std::string edition, ruleset;
  Tone verdict_tone = Tone::kPlain;
  std::string verdict, verdict_detail;
  std::vector<StatusCount> summary;
  std::vector<Section> sections;
  std::string footer;  // program, rule set and when the report was made
};

/// Same report and texts, same document. `report` must outlive it.
Document make_document(const Report& report, const Texts& texts);

}  // namespace reconproof::reports
