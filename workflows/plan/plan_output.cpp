// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/plan_output.h"

#include <fmt/format.h>

#include <cmath>

#include "system/terminal.h"

namespace reconproof::workflows {
namespace {

using nlohmann::json;

constexpr size_t kShownVariants = 10;

/// Three digits: more would pretend. Never as 1.08e+03.
std::string number_text(double value) {
  return std::abs(value) < 999.5 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

/// "3.91 GiB (3.4 to 4.5) predicted".
std::string figure_text(const Figure& figure, const std::string& unit) {
  std::string text = fmt::format("{} {}", number_text(figure.value), unit);
  if (figure.low < figure.high)
    text += fmt::format(" ({} to {})", number_text(figure.low), number_text(figure.high));
  return text + " " + known_text(figure.known);
}

std::string duration_figure(const Figure& figure) {
  std::string text = system::duration_text(figure.value);
  if (figure.low < figure.high) {
    text += fmt::format(" ({} to {})", system::duration_text(figure.low),
                        system::duration_text(figure.high));
  }
  return text + " " + known_text(figure.known);
}

std::string sizes_text(const NetworkPrediction& network) {
  std::string text = network.model;
  for (const char* name : {"cascades", "chans", "sens_chans", "pools"}) {
    if (const auto found = network.sizes.find(name); found != network.sizes.end())
      text += fmt::format(", {} {}", name, found->second);
  }
  return text;
}

std::string times_text(const DeviceTimes& times) {
  std::string text = fmt::format("  {}\n", system::printable(times.device));
  if (!times.slice_ms) return text + fmt::format("    not said: {}\n", times.basis);
  text += fmt::format("    slice        {}\n", figure_text(*times.slice_ms, "ms"));
  if (times.step_ms)
    text += fmt::format("    training step {}\n", figure_text(*times.step_ms, "ms"));
  if (times.epoch_s) text += fmt::format("    epoch        {}\n", duration_figure(*times.epoch_s));
  if (times.leaderboard_s)
    text += fmt::format("    leaderboard  {}\n", duration_figure(*times.leaderboard_s));
  return text + fmt::format("    {}\n", times.basis);
}

std::string optional_text(const std::optional<double>& value, const char* unit) {
  return value ? fmt::format("{} {}", number_text(*value), unit) : "?";
}

std::string variants_text(const Plan& plan) {
  std::string text = fmt::format(
      "What fits, most parameters first ({}; which learns best, no plan can say)\n"
      "  cascades chans parameters  training    reconstruction  slice       leaderboard  epoch\n",
      plan.judged().device);
  size_t shown = 0;
  for (const Variant& variant : plan.variants) {
    if (shown++ == kShownVariants) break;
    const auto& sizes = variant.network.sizes;
    text += fmt::format(
        "  {:>8} {:>5} {:>9.2f}M  {:<10}  {:<14}  {:<10}  {:<11}  {}{}\n", sizes.at("cascades"),
        sizes.at("chans"), static_cast<double>(variant.network.parameters) / 1e6,
        fmt::format("{:.2f} GiB{}",
                    variant.checkpointing ? variant.checkpointed_gib : variant.training_gib,
                    variant.checkpointing ? "*" : ""),
        fmt::format("{:.2f} GiB", variant.inference_gib), optional_text(variant.slice_ms, "ms"),
        variant.leaderboard_s ? system::duration_text(*variant.leaderboard_s) : "?",
        variant.epoch_s ? system::duration_text(*variant.epoch_s) : "?",
        variant.fit == Fit::kFits ? "" : "  (may fit)");
  }
  if (plan.variants.empty()) text += "  none of those that were looked at\n";
  return text + "  *: with --gradient-checkpointing, which takes about a third more time\n";
}

json times_json(const DeviceTimes& times) {
  const auto figure = [](const std::optional<Figure>& value) {
    return value ? to_json(*value) : json(nullptr);
  };
  return {{"device", times.device},
          {"official", times.official},
          {"basis", times.basis},
          {"slice_ms", figure(times.slice_ms)},
          {"step_ms", figure(times.step_ms)},
          {"epoch_s", figure(times.epoch_s)},
          {"leaderboard_s", figure(times.leaderboard_s)}};
}

json number(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

json variant_json(const Variant& variant) {
  return {{"sizes", variant.network.sizes},
          {"parameters", variant.network.parameters},
          {"fit", fit_text(variant.fit)},
          {"needs_gradient_checkpointing", variant.checkpointing},
          {"training_gib", variant.training_gib},
          {"checkpointed_training_gib", variant.checkpointed_gib},
          {"reconstruction_gib", variant.inference_gib},
          {"slice_ms", number(variant.slice_ms)},
          {"leaderboard_s", number(variant.leaderboard_s)},
          {"epoch_s", number(variant.epoch_s)}};
}

}  // namespace

json to_json(const Figure& figure) {
  return {{"value", figure.value},
          {"low", figure.low},
          {"high", figure.high},
          {"known", known_text(figure.known)}};
}

json to_json(const LimitVerdict& limit) {
  return {{"what", limit.what},
          {"rule_id", limit.rule->id},
          {"severity", challenge::severity_text(limit.rule->severity)},
          {"limit", *limit.rule->limit},
          {"sure_limit", limit.rule->sure_limit()},
          {"unit", limit.rule->unit},
          {"certainty", limit.rule->certainty},
          {"source", limit.rule->source},
          {"figure", limit.figure ? to_json(*limit.figure) : json(nullptr)},
          {"headroom", number(limit.headroom())},
          {"fit", fit_text(limit.fit)},
          {"reason", limit.reason},
          {"advice", limit.advice}};
}

std::string limit_text(const LimitVerdict& limit) {
  std::string text = fmt::format("  {:<14}  {}: ", fit_text(limit.fit), limit.what);
  if (!limit.figure) return text + limit.reason + "\n";
  const std::string& unit = limit.rule->unit;
  const double headroom = *limit.headroom();
  text += fmt::format("{}; limit {:.4g} {}", figure_text(*limit.figure, unit), *limit.rule->limit,
                      unit);
  if (limit.rule->limit_high)
    text += fmt::format(" ({:.4g} in another source)", *limit.rule->limit_high);
  text += headroom >= 0 ? fmt::format(", {} {} left", number_text(headroom), unit)
                        : fmt::format(", {} {} too much", number_text(-headroom), unit);
  if (!limit.advice.empty()) text += "; " + limit.advice;
  return text + fmt::format("\n{:18}{} ({}): {}\n", "", limit.rule->id, limit.rule->certainty,
                            limit.rule->source);
}

std::string plan_text(const Plan& plan) {
  const auto slices = [](const SliceShapes& set) { return set.count(); };
  std::string text = fmt::format(
      "{}: {:.2f} million parameters{}\nWorst slice {}; leaderboard: {} = {} slices ({})\n",
      sizes_text(plan.network), static_cast<double>(plan.network.parameters) / 1e6,
      plan.question.gradient_checkpointing ? ", gradient checkpointing" : "",
      formats::shape_text(plan.scale.worst), plan.scale.leaderboard_text,
      slices(plan.scale.leaderboard), known_text(plan.scale.leaderboard_known));
  if (!plan.scale.train.slices.empty())
    text += fmt::format("Training set: {} slices\n", slices(plan.scale.train));
  text += fmt::format("\nLimits of {}\n", plan.edition->ruleset());
  for (const LimitVerdict& limit : plan.limits) text += limit_text(limit);
  if (plan.limits.empty()) text += "  this edition limits neither time nor memory\n";
  text += "\nTimes\n";
  if (plan.official) text += times_text(*plan.official);
  text += times_text(plan.here);
  text += "\n";
  if (plan.network.model == "varnet") text += variants_text(plan) + "\n";
  text += "What does not fit, and why\n";
  for (const ModelClass& model : plan.classes) {
    text += fmt::format("  {}\n", model.name);
    for (const std::string& sentence : model.sentences) text += fmt::format("    {}\n", sentence);
  }
  text += "\nHow these are known\n";
  for (const std::string& note : plan.notes) text += fmt::format("  - {}\n", note);
  return text;
}

json plan_json(const Plan& plan) {
  json limits = json::array(), variants = json::array(), classes = json::array();
  for (const LimitVerdict& limit : plan.limits) limits.push_back(to_json(limit));
  for (const Variant& variant : plan.variants) variants.push_back(variant_json(variant));
  for (const ModelClass& model : plan.classes)
    classes.push_back({{"name", model.name}, {"sentences", model.sentences}});
  json calibration;
  if (const auto& kept = plan.answer.calibration) {
    calibration = {{"measured_at", kept->measured_at},
                   {"inference_residual", kept->inference_residual},
                   {"training_residual", kept->training_residual}};
  }
  return {{"schema", "reconproof.plan"},
          {"schema_version", 1},
          {"edition", plan.edition->id},
          {"ruleset", plan.edition->ruleset()},
          {"exit_code", exit_code(plan)},
          {"model", plan.network.model},
          {"sizes", plan.network.sizes},
          {"parameters", plan.network.parameters},
          {"gradient_checkpointing", plan.question.gradient_checkpointing},
          {"precision", plan.question.precision},
          {"worst_shape", plan.scale.worst},
          {"training_slices", plan.scale.train.count()},
          {"leaderboard_slices", plan.scale.leaderboard.count()},
          {"leaderboard_known", known_text(plan.scale.leaderboard_known)},
          {"calibration", calibration},
          {"training_gib", to_json(plan.training_gib)},
          {"reconstruction_gib", to_json(plan.inference_gib)},
          {"training_bytes_here", plan.here_training_bytes},
          {"reconstruction_bytes_here", plan.here_inference_bytes},
          {"here", times_json(plan.here)},
          {"official", plan.official ? times_json(*plan.official) : json(nullptr)},
          {"limits", limits},
          {"variants", variants},
          {"classes", classes},
          {"notes", plan.notes}};
}

}  // namespace reconproof::workflows
