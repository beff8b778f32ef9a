// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/reproduction_record.h"

#include "reports/json_record.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;

ItemDigits digits_of(const JsonRecord& record, const char* column) {
  ItemDigits digits;
  for (const JsonRecord& item : record.objects("items")) {
    const std::string printed = item.text_or_empty(column);
    if (!printed.empty()) digits[item.text("name")] = printed;
  }
  return digits;
}

void add_agreements(const JsonRecord& comparisons, ReproductionRecord& record) {
  for (const char* what : {"recomputed_claimed", "re_executed_bundled", "re_executed_claimed"}) {
    if (const auto agreement = comparisons.object(what))
      record.agreements.push_back(
          {what, false, agreement->text("tier"), agreement->text_or_empty("message")});
  }
  for (const JsonRecord& training : comparisons.objects("trainings")) {
    record.agreements.push_back({training.text_or_empty("name"), true, training.text("tier"),
                                 training.text_or_empty("message")});
  }
  const auto images = comparisons.object("re_executed_bundled");
  if (!images) return;
  record.volumes = images->optional_number("volumes");
  record.identical_files = images->optional_number("identical_files");
  record.max_relative = images->optional_number("max_relative");
  if (const auto tolerance = images->object("tolerance"))
    record.tolerance = tolerance->optional_number("relative");
}

}  // namespace

std::optional<ReproductionRecord> read_reproduction(const std::filesystem::path& file) {
  const json document = read_json_record(file, "reconproof.reproduce");
  if (document.is_null()) return std::nullopt;
  const JsonRecord root(document, file.string() + ": ", "run `reconproof reproduce` again");
  const auto comparisons = root.object("comparisons");
  if (!comparisons) return std::nullopt;
  ReproductionRecord record;
  record.project = root.text("project");
  record.edition = root.text("edition");
  if (const auto bundle = root.object("bundle")) record.bundle_id = bundle->text_or_empty("id");
  record.verdict = root.text("verdict");
  record.points_at = root.text_or_empty("points_at");
  record.exit_code = static_cast<int>(root.number("exit_code"));
  record.claimed = digits_of(root, "claimed");
  record.checked = digits_of(root, "checked");
  record.recomputed = digits_of(root, "recomputed");
  record.re_executed = digits_of(root, "re_executed");
  add_agreements(*comparisons, record);
  if (const auto run = root.object("run")) record.wall_s = run->optional_number("wall_s");
  return record;
}

std::optional<RehearsalRecord> read_rehearsal(const std::filesystem::path& file) {
  const json document = read_json_record(file, "reconproof.rehearse");
  if (document.is_null()) return std::nullopt;
  const JsonRecord root(document, file.string() + ": ", "run `reconproof rehearse` again");
  RehearsalRecord record;
  record.project = root.text("project");
  record.edition = root.text("edition");
  record.commit = root.text_or_empty("commit");
  record.begun = root.text_or_empty("begun");
  record.verdict = root.text_or_empty("verdict");
  record.exit_code = static_cast<int>(root.number("exit_code"));
  record.rehearsed = digits_of(root, "rehearsed");
  return record;
}

}  // namespace reconproof::reports
