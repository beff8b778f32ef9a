// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/document.h"

#include <algorithm>

#include "reports/sections/sections.h"
#include "submission/detect/shell_words.h"
#include "system/build_info.h"
#include "system/error.h"
#include "system/exit_code.h"

namespace reconproof::reports {
namespace {

using challenge::Finding;
using challenge::Severity;
using challenge::Status;
using system::ExitCode;

std::string exit_meaning(int code, const Texts& texts) {
  const std::string key = "exit_" + std::to_string(code);
  return texts(texts.all().contains(key) ? key : "exit_other");
}

void set_verdict(Document& document, const Report& report, const Texts& texts) {
  const auto set = [&](Tone tone, const char* word, const std::string& first,
                       const std::string& rest) {
    document.verdict_tone = tone;
    document.verdict = texts(word);
    document.verdict_detail = first + (first.empty() || rest.empty() ? "" : " ") + rest;
  };
  std::string counts;
  for (const auto& [key, tone] : {std::pair{"verdict_broken", Tone::kBroken},
                                  {"verdict_unjudged", Tone::kInconclusive},
                                  {"verdict_warned", Tone::kWarned}}) {
    const int64_t n = count_of(report, tone);
    if (n > 0) counts += (counts.empty() ? "" : " ") + texts.count(key, n);
  }
  const int code = report.check.exit_code;
  if (code == static_cast<int>(ExitCode::kPass))
    return set(Tone::kPass, "verdict_pass", texts("verdict_pass_detail"), counts);
  if (code == static_cast<int>(ExitCode::kRuleBroken))
    return set(Tone::kBroken, "verdict_fail", "", counts);
  if (code == static_cast<int>(ExitCode::kInconclusive))
    return set(Tone::kInconclusive, "verdict_inconclusive", "", counts);
  const bool broken = count_of(report, Tone::kBroken) > 0;
  set(broken ? Tone::kBroken : Tone::kInconclusive, broken ? "verdict_fail" : "verdict_other",
      texts.fill("verdict_other_detail",
                 {{"code", std::to_string(code)}, {"meaning", exit_meaning(code, texts)}}),
      counts);
}

void set_summary(Document& document, const Report& report, const Texts& texts) {
  for (const Tone tone : kToneOrder) {
    const int64_t count = count_of(report, tone);
    document.summary.push_back(
        {tone, texts("status_" + std::string(tone_name(tone))), count_text(count), count == 0});
  }
}

}  // namespace

std::string_view tone_name(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "plain";
    case Tone::kPass:
      return "pass";
    case Tone::kBroken:
      return "broken";
    case Tone::kWarned:
      return "warned";
    case Tone::kInconclusive:
      return "inconclusive";
    case Tone::kWaived:
      return "waived";
    case Tone::kNotApplicable:
      return "not_applicable";
  }
  system::fail(system::Code::kInternal, "no tone {}", static_cast<int>(tone));
}

Tone tone_of(const Finding& finding) {
  switch (finding.status) {
    case Status::kPass:
      return Tone::kPass;
    case Status::kFail:
      return finding.severity == Severity::kError ? Tone::kBroken : Tone::kWarned;
    case Status::kWaived:
      return Tone::kWaived;
    case Status::kNotApplicable:
      return Tone::kNotApplicable;
    case Status::kInconclusive:
      return Tone::kInconclusive;
  }
  system::fail(system::Code::kInternal, "no status {}", static_cast<int>(finding.status));
}

int64_t count_of(const Report& report, Tone tone) {
  return std::ranges::count(report.check.findings, tone, tone_of);
}

Section begin_section(const std::string& id, const Texts& texts) {
  return {id, texts(id + "_title"), {}};
}

void add_note(Section& section, std::string sentence) {
  section.blocks.push_back(Paragraph{std::move(sentence), true});
}

void FactLines::close(Section& section, const std::string& caption) {
  if (!facts_.empty()) section.blocks.push_back(Facts{caption, std::move(facts_)});
  facts_.clear();
}

Value absent(const Texts& texts) {
  Value value{texts("not_available")};
  value.is_absent = true;
  return value;
}

Value text_cell(const std::string& text, const Texts& texts) {
  return text.empty() ? absent(texts) : Value{text};
}

std::string listed(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + shown(word);
  return all;
}

std::string listed(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string all;
  for (const auto& [name, value] : pairs)
    all += (all.empty() ? "" : ", ") + shown(name) + " " + shown(value);
  return all;
}

std::string item_text(const std::string& name, const Texts& texts) {
  return name == "total" ? texts("scores_total") : shown(name);
}

std::string command_text(const submission::Step& step) {
  std::string line;
  for (const auto& [name, value] : step.env)
    line += name + "=" + submission::shell_word(value) + " ";
  return shown(line + submission::shell_line(step.command));
}

std::string count_text(int64_t count) { return number_text(static_cast<double>(count)); }

Document make_document(const Report& report, const Texts& texts) {
  Document document;
  document.language = texts.language();
  document.kind = texts("document_kind");
  document.project = shown(report.project);
  document.edition = shown(report.edition.title);
  document.ruleset = shown(report.check.ruleset);
  set_verdict(document, report, texts);
  set_summary(document, report, texts);
  using SectionMaker = Section (*)(const Report&, const Texts&);
  for (const SectionMaker make :
       {about_section, scores_section, volumes_section, pictures_section, rules_section,
        findings_section, run_section, training_section, network_section, data_section,
        determinism_section, history_section, reproduce_section, environment_section,
        hashes_section})
    document.sections.push_back(make(report, texts));
  document.sections.push_back(unmeasured_section(report, document.sections, texts));
  document.footer = "reconproof " + system::build_info().version + " · " + document.ruleset;
  if (report.generated)
    document.footer += " · " + texts.fill("footer_generated", {{"when", shown(*report.generated)}});
  return document;
}

}  // namespace reconproof::reports
