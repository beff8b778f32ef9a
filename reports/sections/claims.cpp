// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Claimed, checked, made anew: the same items side by side, in printed digits.
#include <algorithm>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

struct DigitColumn {
  const char* key;  // of its title
  const ItemDigits* digits;
};

ItemDigits checked_digits(const Report& report) {
  ItemDigits digits;
  if (report.check.score)
    for (const challenge::ScoreItem& item : report.check.score->items)
      digits[item.name] = item.printed;
  return digits;
}

/// In the order of the edition's print; then what is claimed although the edition has no such item.
std::vector<std::string> item_order(const Report& report, const std::vector<DigitColumn>& columns) {
  std::vector<std::string> order;
  const auto add = [&](const std::string& name) {
    const bool there = std::ranges::any_of(
        columns, [&](const DigitColumn& column) { return column.digits->contains(name); });
    if (there && std::ranges::find(order, name) == order.end()) order.push_back(name);
  };
  for (const std::string& name : report.edition.item_names()) add(name);
  for (const DigitColumn& column : columns)
    for (const auto& [name, _] : *column.digits) add(name);
  return order;
}

/// A figure holds where it is what is claimed; where nothing is, where it is what was checked.
Value digit_cell(const ItemDigits& digits, const std::string& name, const std::string& reference,
                 const Texts& texts) {
  const auto found = digits.find(name);
  if (found == digits.end()) return absent(texts);
  Value value{shown(found->second)};
  if (!reference.empty()) value.tone = found->second == reference ? Tone::kPass : Tone::kBroken;
  return value;
}

std::string digits_at(const ItemDigits& digits, const std::string& name) {
  const auto found = digits.find(name);
  return found == digits.end() ? "" : found->second;
}

Table claims_table(const Report& report, const std::vector<DigitColumn>& columns,
                   const Texts& texts) {
  Table table{texts("claims_caption"), {{texts("scores_item")}}, {}};
  for (const DigitColumn& column : columns) table.columns.push_back({texts(column.key), true});
  const ItemDigits& claimed = *columns[0].digits;
  const ItemDigits& checked = *columns[1].digits;
  for (const std::string& name : item_order(report, columns)) {
    const std::string said = digits_at(claimed, name);
    std::vector<Value> row = {{item_text(name, texts)}, digit_cell(claimed, name, "", texts)};
    for (size_t i = 1; i < columns.size(); ++i) {
      const std::string reference = !said.empty() || i == 1 ? said : digits_at(checked, name);
      row.push_back(digit_cell(*columns[i].digits, name, reference, texts));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Tone tier_tone(const std::string& tier) {
  if (tier == "mismatch") return Tone::kBroken;
  if (tier == "inconclusive") return Tone::kInconclusive;
  return tier == "not_applicable" ? Tone::kNotApplicable : Tone::kPass;
}

Table agreement_table(const ReproductionRecord& record, const Texts& texts) {
  Table table{texts("agreement_caption"),
              {{texts("agreement_compared")}, {texts("agreement_tier")}, {texts("finding_found")}},
              {}};
  for (const ReproductionRecord::Agreement& agreement : record.agreements) {
    const auto tier = texts.all().find("tier_" + agreement.tier);
    Value state{tier == texts.all().end() ? shown(agreement.tier) : tier->second};
    state.tone = tier_tone(agreement.tier);
    table.rows.push_back({{agreement.is_training
                               ? texts.fill("agreement_training", {{"name", shown(agreement.what)}})
                               : texts("agreement_" + agreement.what)},
                          std::move(state),
                          {shown(agreement.message)}});
  }
  return table;
}

void add_reproduction(Section& section, const ReproductionRecord& record, const ItemDigits& checked,
                      const Texts& texts) {
  section.blocks.push_back(Paragraph{shown(record.verdict)});
  // A team packs again after it has changed something: then the result is of what was before.
  if (!record.checked.empty() && record.checked != checked)
    add_note(section, texts("claims_reproduction_older"));
  section.blocks.push_back(agreement_table(record, texts));
}

}  // namespace

void add_claims(Section& section, const Report& report, const Texts& texts) {
  const ItemDigits checked = checked_digits(report);
  std::vector<DigitColumn> columns = {{"claims_claimed", &report.declared.claims},
                                      {"claims_checked", &checked}};
  if (report.rehearsal) columns.push_back({"claims_rehearsed", &report.rehearsal->rehearsed});
  if (report.reproduction) {
    columns.push_back({"claims_recomputed", &report.reproduction->recomputed});
    columns.push_back({"claims_re_executed", &report.reproduction->re_executed});
  }
  section.blocks.push_back(Heading{texts("claims_heading")});
  Table table = claims_table(report, columns, texts);
  if (!table.rows.empty()) section.blocks.push_back(std::move(table));
  if (report.declared.claims.empty()) add_note(section, texts("claims_none"));
  if (report.reproduction)
    add_reproduction(section, *report.reproduction, checked, texts);
  else
    add_note(section, texts("claims_not_reproduced"));
}

}  // namespace reconproof::reports
