// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What was reached: items of the score, and volumes.
#include <algorithm>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

using challenge::ScoreItem;

Value score_cell(const std::optional<ScoreItem>& item, const Texts& texts) {
  if (!item) return absent(texts);
  return {shown(item->printed), digits_text(item->value, 9)};
}

Value gain_cell(const ScoreRow& row, int64_t decimals, const Texts& texts) {
  const std::optional<double> gain = row.gain();
  if (!gain) return absent(texts);
  return {signed_text(*gain, decimals), signed_text(*gain, 9)};
}

Table scores_table(const Report& report, const Texts& texts) {
  Table table{texts("scores_caption"),
              {{texts("scores_item")},
               {texts("scores_zero_filled"), true},
               {texts("scores_reconstruction"), true},
               {texts("scores_gain"), true}},
              {}};
  for (const ScoreRow& row : report.scores) {
    Value reconstruction = score_cell(row.reconstruction, texts);
    reconstruction.is_strong = row.name == "total" && row.reconstruction;
    table.rows.push_back({{item_text(row.name, texts)},
                          score_cell(row.zero_filled, texts),
                          std::move(reconstruction),
                          gain_cell(row, report.edition.score.digits(), texts)});
  }
  return table;
}

Value slice_cell(const SliceScore& slice, int64_t decimals, const Texts& texts) {
  return {digits_text(slice.value, decimals),
          texts.fill("slice_number", {{"n", count_text(slice.slice)}})};
}

std::vector<Value> volume_cells(const VolumeRow& row, bool zero_filled, int64_t decimals,
                                const Texts& texts) {
  std::vector<Value> cells = {{shown(row.volume)}, {shown(row.cell)}, {count_text(row.slices)}};
  if (zero_filled) {
    cells.push_back(row.zero_filled_mean ? Value{digits_text(*row.zero_filled_mean, decimals)}
                                         : absent(texts));
  }
  Value mean{digits_text(row.mean, decimals)};
  mean.is_strong = true;
  cells.push_back(std::move(mean));
  for (const SliceScore& slice : {row.best, row.median, row.worst})
    cells.push_back(slice_cell(slice, decimals, texts));
  return cells;
}

}  // namespace

Section scores_section(const Report& report, const Texts& texts) {
  Section section = begin_section("scores", texts);
  const bool scored =
      std::ranges::any_of(report.scores, [](const ScoreRow& row) { return !!row.reconstruction; });
  const bool zero_filled =
      std::ranges::any_of(report.scores, [](const ScoreRow& row) { return !!row.zero_filled; });
  if (!scored) add_note(section, texts("scores_none"));
  if (scored && !report.check.score->official_set) add_note(section, texts("scores_unofficial"));
  if (scored && !zero_filled) add_note(section, texts("scores_no_zero_filled"));
  if (!report.scores.empty()) section.blocks.push_back(scores_table(report, texts));
  add_claims(section, report, texts);
  return section;
}

Section volumes_section(const Report& report, const Texts& texts) {
  Section section = begin_section("volumes", texts);
  if (report.volumes.empty()) {
    add_note(section, texts("volumes_none"));
    return section;
  }
  const bool zero_filled = std::ranges::any_of(
      report.volumes, [](const VolumeRow& row) { return row.zero_filled_mean.has_value(); });
  Table table{texts("volumes_caption"),
              {{texts("volumes_volume")}, {texts("volumes_cell")}, {texts("volumes_slices"), true}},
              {}};
  if (zero_filled) table.columns.push_back({texts("volumes_zero_filled"), true});
  for (const char* key : {"volumes_mean", "volumes_best", "volumes_median", "volumes_worst"})
    table.columns.push_back({texts(key), true});
  for (const VolumeRow& row : report.volumes)
    table.rows.push_back(volume_cells(row, zero_filled, report.edition.score.digits(), texts));
  section.blocks.push_back(std::move(table));
  return section;
}

}  // namespace reconproof::reports
