// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace reconproof::challenge {

using nlohmann::json;

namespace {

Fact text_fact(std::string key, std::string label, const std::string& text, const char* absent) {
  return {std::move(key), std::move(label), text.empty() ? absent : text,
          text.empty() ? json() : json(text)};
}

Fact speed_fact(const ScoreRules& score) {
  if (!score.speed) return {"score.speed", "speed term", "none", nullptr};
  const SpeedTerm& speed = *score.speed;
  return {"score.speed",
          "speed term",
          fmt::format("{} up to {} ms a slice, 0 from {} ms on, linear between ({})", speed.bonus,
                      speed.full_ms, speed.none_ms, speed.certainty),
          {{"bonus", speed.bonus},
           {"full_ms", speed.full_ms},
           {"none_ms", speed.none_ms},
           {"certainty", speed.certainty},
           {"source", speed.source}}};
}

Fact reference_fact(const Edition& edition) {
  if (!edition.reference) return {"reference", "its pace", "not known", nullptr};
  const Reference& reference = *edition.reference;
  return {"reference",
          "its pace",
          fmt::format("the official VarNet takes {} ms a slice there ({})", reference.ms_per_slice,
                      reference.certainty),
          {{"ms_per_slice", reference.ms_per_slice},
           {"cascades", reference.network.cascades},
           {"chans", reference.network.chans},
           {"sens_chans", reference.network.sens_chans},
           {"coils", reference.coils},
           {"rows", reference.rows},
           {"columns", reference.columns},
           {"certainty", reference.certainty},
           {"source", reference.source}}};
}

Fact slow_fact(const ScoreRules& score) {
  if (score.slow_warning.empty()) return {"score.slow_volume_s", "slow volumes", "none", nullptr};
  return {"score.slow_volume_s", "slow volumes",
          fmt::format("the script warns of volumes over {} s", score.slow_volume_s),
          score.slow_volume_s};
}

Fact cell_fact(const Cell& cell) {
  std::string text =
      cell.folder.empty() ? "the leaderboard folder itself" : "folder " + cell.folder;
  if (!cell.also.empty()) text += fmt::format(", or {}", fmt::join(cell.also, ", "));
  return {"cell." + cell.name,
          cell.name.empty() ? "cell" : "cell " + cell.name,
          std::move(text),
          {{"name", cell.name}, {"folder", cell.folder}, {"also", cell.also}}};
}

Fact anatomy_fact(const Anatomy& anatomy, Metric metric) {
  const bool masked = metric != Metric::kVolume;
  std::string text = anatomy.official_volumes == 0
                         ? "any number of volumes"
                         : fmt::format("{} volumes in each cell", anatomy.official_volumes);
  if (masked) text += fmt::format(", foreground above {}", anatomy.mask_threshold);
  return {"anatomy." + anatomy.prefix,
          anatomy.prefix.empty() ? "all volumes" : "anatomy " + anatomy.prefix,
          std::move(text),
          {{"prefix", anatomy.prefix},
           {"mask_threshold", masked ? json(anatomy.mask_threshold) : json()},
           {"official_volumes", anatomy.official_volumes}}};
}

}  // namespace

std::string limit_text(const Rule& rule) {
  if (!rule.limit) return "";
  if (!rule.limit_high) return fmt::format("{} {}", *rule.limit, rule.unit);
  return fmt::format("{} to {} {}", *rule.limit, *rule.limit_high, rule.unit);
}

std::vector<Fact> edition_facts(const Edition& edition) {
  const ScoreRules& score = edition.score;
  std::vector<Fact> facts;
  for (const Cell& cell : edition.cells) facts.push_back(cell_fact(cell));
  for (const Anatomy& anatomy : edition.anatomies)
    facts.push_back(anatomy_fact(anatomy, score.metric));
  facts.push_back(text_fact("official_name", "volume names", edition.official_name, "not known"));
  facts.push_back({"image_size", "image size",
                   edition.image_size == 0 ? "that of the label"
                                           : fmt::format("{0} x {0} pixels", edition.image_size),
                   edition.image_size});
  facts.push_back({"crop_zero_pads", "network's crop",
                   edition.crop_zero_pads ? "pads narrow images with zeros" : "only slices",
                   edition.crop_zero_pads});
  facts.push_back(text_fact("official_gpu", "official GPU", edition.official_gpu, "not known"));
  facts.push_back(text_fact("repository_folder", "repository", edition.repository_folder, ""));
  facts.push_back(reference_fact(edition));
  facts.push_back({"score.metric", "metric", metric_text(score.metric), metric_text(score.metric)});
  facts.push_back({"score.items", "score items",
                   fmt::format("{}", fmt::join(edition.item_names(), ", ")), edition.item_names()});
  facts.push_back(
      {"score.order", "volumes added by", order_text(score.order), order_text(score.order)});
  facts.push_back(text_fact("score.label_set", "label data set", score.label_set, ""));
  facts.push_back(text_fact("score.format", "printed as", score.format, ""));
  facts.push_back(speed_fact(score));
  facts.push_back(slow_fact(score));
  facts.push_back(text_fact("score.print", "official print", score.print, ""));
  facts.push_back(text_fact("score.timed_print", "print with times", score.timed_print, "none"));
  return facts;
}

json to_json(const Rule& rule) {
  return {{"id", rule.id},
          {"text", rule.text},
          {"text_ko", rule.text_ko},
          {"severity", severity_text(rule.severity)},
          {"remediation", rule.remediation},
          {"remediation_ko", rule.remediation_ko},
          {"source", rule.source},
          {"certainty", rule.certainty},
          {"limit", rule.limit ? json(*rule.limit) : json()},
          {"limit_high", rule.limit_high ? json(*rule.limit_high) : json()},
          {"unit", rule.unit}};
}

json edition_identity(const Edition& edition) {
  return {{"id", edition.id},
          {"title", edition.title},
          {"version", edition.version},
          {"ruleset", edition.ruleset()},
          {"sha256", edition.sha256}};
}

json to_json(const Edition& edition) {
  json result = edition_identity(edition);
  result["facts"] = json::object();
  for (const Fact& fact : edition_facts(edition)) result["facts"][fact.key] = fact.value;
  result["rules"] = json::array();
  for (const Rule& rule : edition.rules) result["rules"].push_back(to_json(rule));
  return result;
}

}  // namespace reconproof::challenge
