// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/record/runs_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/svg_plot.h"
#include "submission/detect/shell_words.h"
#include "submission/runs/run_json.h"
#include "system/date.h"
#include "system/terminal.h"
#include "workflows/record/training_watch.h"

namespace reconproof::workflows {

using nlohmann::json;
using submission::CurvePoint;
using submission::Outcome;
using submission::Run;
using system::printable;

namespace {

std::string outcome_of(const Run& run) {
  const char* name = outcome_text(run.outcome);
  if (run.signal) return fmt::format("{} ({})", name, *run.signal);
  if (run.exit_code.value_or(0) != 0) return fmt::format("{} ({})", name, *run.exit_code);
  return name;
}

/// Since a run that is under way began.
double age_s(const Run& run) { return static_cast<double>(system::now_us() - run.begun_us) * 1e-6; }

/// "-" for an imported one that does not tell.
std::string took_text(const Run& run) {
  if (run.outcome == Outcome::kRunning) return system::duration_text(age_s(run));
  return run.wall_s ? system::duration_text(*run.wall_s) : "-";
}

std::string memory_text(int64_t bytes) {
  return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / (int64_t{1} << 30));
}

std::string number_or_dash(const std::optional<double>& value) {
  return value ? fmt::format("{:.4g}", *value) : "-";
}

void line(std::string& text, const char* name, const std::string& value) {
  if (!value.empty()) text += fmt::format("{:<12}{}\n", name, printable(value));
}

/// "0.4123 ... 0.1613, least 0.1602" and the sparkline.
void curve_line(std::string& text, const char* name, const std::vector<double>& values) {
  const std::string blocks = sparkline(values);
  if (blocks.empty()) return;
  std::vector<double> finite;
  std::ranges::copy_if(values, std::back_inserter(finite),
                       [](double v) { return std::isfinite(v); });
  text += fmt::format("{:<12}{}  {:.4g} to {:.4g}, least {:.4g}\n", name, blocks, finite.front(),
                      finite.back(), *std::ranges::min_element(finite));
}

struct Curves {
  std::vector<double> steps, epochs, validation;  // NaN where a loss is not finite
};

Curves curves_of(const Run& run) {
  Curves curves;
  for (const CurvePoint& point : run.points) {
    (point.epoch_end ? curves.epochs : curves.steps).push_back(point.loss.value_or(NAN));
    if (point.epoch_end && (point.val_loss || point.not_finite))
      curves.validation.push_back(point.val_loss.value_or(NAN));
  }
  return curves;
}

std::string environment_line(const json& environment) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  };
  for (const char* key : {"os", "cpu", "gpu_driver"}) {
    if (environment.contains(key) && environment[key].is_string())
      add(environment[key].get<std::string>());
  }
  for (const char* key : {"packages", "variables"}) {
    if (!environment.contains(key) || !environment[key].is_object()) continue;
    for (const auto& [name, value] : environment[key].items())
      add(name + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return text;
}

void code_lines(std::string& text, const Run& run) {
  std::string code = run.revision;
  if (run.dirty.value_or(false)) code += ", and changes that are not committed";
  if (!run.diff_zlib.empty()) code += fmt::format(" ({} bytes: show --diff)", run.diff_bytes);
  line(text, "code", code);
  line(text, "", run.code_state);
}

void result_lines(std::string& text, const Run& run) {
  if (run.peak_memory_bytes) line(text, "memory", memory_text(*run.peak_memory_bytes) + " at most");
  if (run.peak_gpu_memory_bytes)
    line(text, "GPU memory", memory_text(*run.peak_gpu_memory_bytes) + " at most");
  for (const submission::ScoreItem& item : run.score)
    line(text, "score", item.name + " " + item.printed);
  if (run.epochs > 0) line(text, "epochs", fmt::format("{} of {}", run.epochs_done, run.epochs));
  const Curves curves = curves_of(run);
  curve_line(text, "loss", curves.steps.empty() ? curves.epochs : curves.steps);
  curve_line(text, "validation", curves.validation);
  for (const std::string& warning : run.warnings) line(text, "warning", warning);
}

/// What two runs are compared by.
std::vector<std::pair<std::string, std::string>> fields_of(const Run& run) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"command", submission::shell_line(run.command)},
      {"directory", run.directory},
      {"outcome", outcome_of(run)},
      {"took", took_text(run)},
      {"epochs", fmt::format("{} of {}", run.epochs_done, run.epochs)},
      {"best validation loss", number_or_dash(run.best_val_loss)},
      {"revision", run.revision},
      {"uncommitted changes", run.diff_zlib.empty() ? run.dirty.value_or(false) ? "yes" : "none"
                                                    : fmt::format("{} bytes", run.diff_bytes)},
      {"code", run.code_state},
      {"data manifest", run.data_manifest_sha256},
      {"person", run.person},
      {"host", run.host}};
  if (run.peak_memory_bytes) fields.emplace_back("memory", memory_text(*run.peak_memory_bytes));
  if (run.peak_gpu_memory_bytes)
    fields.emplace_back("GPU memory", memory_text(*run.peak_gpu_memory_bytes));
  for (const submission::ScoreItem& item : run.score)
    fields.emplace_back("score " + item.name, item.printed);
  for (const submission::FoundSeed& seed : run.seeds)
    fields.emplace_back("seed at " + seed.place, seed.value);
  for (const auto& [key, value] : run.environment.items()) {
    if (!value.is_object()) {
      fields.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
      continue;
    }
    for (const auto& [name, entry] : value.items())
      fields.emplace_back(fmt::format("{} {}", key, name),
                          entry.is_string() ? entry.get<std::string>() : entry.dump());
  }
  return fields;
}

struct FieldDifference {
  std::string name, a, b;
};

std::vector<FieldDifference> field_differences(const Run& a, const Run& b) {
  std::vector<FieldDifference> differences;
  const auto left = fields_of(a), right = fields_of(b);
  std::map<std::string, std::string> others(right.begin(), right.end());
  for (const auto& [name, value] : left) {
    const auto other = others.find(name);
    const std::string theirs = other == others.end() ? "" : other->second;
    if (value != theirs) differences.push_back({name, value, theirs});
    if (other != others.end()) others.erase(other);
  }
  for (const auto& [name, value] : right) {
    if (others.contains(name) && !value.empty()) differences.push_back({name, "", value});
  }
  if (a.diff_zlib != b.diff_zlib && a.diff_bytes == b.diff_bytes)
    differences.push_back({"uncommitted changes", "differ", "differ"});
  return differences;
}

using Place = std::pair<bool, std::pair<int64_t, int64_t>>;  // whether an epoch's end; where

std::map<Place, std::optional<double>> losses_of(const Run& run) {
  std::map<Place, std::optional<double>> losses;
  for (const CurvePoint& point : run.points)
    losses[{point.epoch_end, {point.epoch, point.iteration}}] =
        point.epoch_end && point.val_loss ? point.val_loss : point.loss;
  return losses;
}

struct Divergence {
  int64_t compared = 0;
  std::string place;  // empty: they agree wherever both are known
  std::optional<double> a, b;
};

/// In the order of the log: steps of an epoch before its end.
Divergence first_divergence(const Run& a, const Run& b) {
  Divergence divergence;
  const auto others = losses_of(b);
  std::vector<std::pair<Place, std::optional<double>>> ours;
  for (const auto& entry : losses_of(a)) ours.push_back(entry);
  std::ranges::stable_sort(ours, {}, [](const auto& entry) {
    return std::tuple(entry.first.second.first, entry.first.first, entry.first.second.second);
  });
  for (const auto& [place, loss] : ours) {
    const auto other = others.find(place);
    if (other == others.end()) continue;
    ++divergence.compared;
    if (loss == other->second) continue;
    const auto [epoch, iteration] = place.second;
    divergence.place = place.first ? fmt::format("the end of epoch {}", epoch)
                                   : fmt::format("epoch {}, iteration {}", epoch, iteration);
    divergence.a = loss;
    divergence.b = other->second;
    return divergence;
  }
  return divergence;
}

/// Where a line of the log stands on an axis of epochs.
double epochs_at(const CurvePoint& point) {
  const auto epoch = static_cast<double>(point.epoch);
  if (point.epoch_end) return epoch + 1;
  if (point.iterations <= 0) return epoch;
  return epoch + static_cast<double>(point.iteration) / static_cast<double>(point.iterations);
}

reports::PlotSeries plot_series(const Run& run, bool validation) {
  reports::PlotSeries series;
  series.marks = validation;
  for (const CurvePoint& point : run.points) {
    if (point.epoch_end != validation) continue;
    const auto& loss = validation ? point.val_loss : point.loss;
    if (loss || point.not_finite) series.points.push_back({epochs_at(point), loss.value_or(NAN)});
  }
  return series;
}

}  // namespace

std::string sparkline(std::span<const double> values, size_t columns) {
  constexpr std::array kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = INFINITY, high = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high)) return "";
  const size_t count = std::min(columns, values.size());
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = i * values.size() / count, end = (i + 1) * values.size() / count;
    double sum = 0;
    for (size_t k = begin; k < end; ++k) sum += values[k];
    const double mean = sum / static_cast<double>(end - begin);
    const double share = high > low ? (mean - low) / (high - low) : 0;
    text += std::isfinite(share)
                ? kBlocks[std::min<size_t>(static_cast<size_t>(share * kBlocks.size()),
                                           kBlocks.size() - 1)]
                : "x";
  }
  return text;
}

std::string runs_table(std::span<const Run> runs, size_t columns) {
  std::string text =
      fmt::format("{:<9} {:<16} {:<11} {:<13} {:<11} {:<7} {:<8} {}\n", "id", "begun", "kind",
                  "outcome", "took", "epochs", "best val", "command");
  constexpr size_t kBefore = 81;
  const size_t room = std::max<size_t>(columns > kBefore ? columns - kBefore : 0, 20);
  for (const Run& run : runs) {
    text += fmt::format("{:<9} {:<16} {:<11} {:<13} {:<11} {:<7} {:<8} {}\n",
                        submission::short_id(run.id), system::local_text(run.begun_us),
                        printable(run.kind), outcome_of(run), took_text(run),
                        run.epochs > 0 ? fmt::format("{}/{}", run.epochs_done, run.epochs) : "-",
                        number_or_dash(run.best_val_loss),
                        system::fit_columns(submission::shell_line(run.command), room));
    for (const submission::RunNote& note : run.notes)
      text += fmt::format("{:<9} lesson: {}\n", "", printable(note.text));
  }
  return text;
}

std::string run_text(const Run& run, std::optional<bool> lives) {
  std::string text;
  line(text, "run", run.id);
  line(text, "kind", run.kind + (run.imported_from.empty() ? "" : ", from " + run.imported_from));
  line(text, "command", submission::shell_line(run.command));
  line(text, "directory", run.directory);
  line(text, "begun",
       fmt::format("{} ({})", system::local_text(run.begun_us), system::utc_text(run.begun_us)));
  line(text, "outcome",
       outcome_of(run) + (run.outcome == Outcome::kRunning && !lives ? ", elsewhere" : ""));
  line(text, "", run.message);
  line(text, "took", took_text(run));
  if (run.outcome == Outcome::kRunning) {
    TrainingWatch watch;
    for (const CurvePoint& point : run.points) watch.add(point);
    if (const auto forecast = watch.forecast(age_s(run)))
      line(text, "forecast", forecast_text(*forecast, age_s(run), run.begun_us));
  }
  if (run.deadline_us)
    line(text, "deadline",
         fmt::format("{} ({})", system::local_text(*run.deadline_us),
                     system::utc_text(*run.deadline_us)));
  line(text, "by", run.person + (run.host.empty() ? "" : " on " + run.host));
  code_lines(text, run);
  line(text, "data", run.data_manifest_sha256);
  for (const submission::FoundSeed& seed : run.seeds)
    line(text, "seed", seed.value + " (" + seed.place + ")");
  line(text, "environment", environment_line(run.environment));
  result_lines(text, run);
  if (run.log_bytes > 0) line(text, "log", fmt::format("{} bytes: show --log", run.log_bytes));
  for (const submission::RunNote& note : run.notes)
    line(text, note.kind.c_str(),
         fmt::format("{} ({}{})", note.text, note.author.empty() ? "" : note.author + ", ",
                     system::local_text(note.written_us)));
  return text;
}

std::string runs_difference(const Run& a, const Run& b) {
  std::string text = fmt::format("{:<22} {} | {}\n", "run", submission::short_id(a.id),
                                 submission::short_id(b.id));
  const auto shown = [](const std::string& value) {
    return value.empty() ? "-" : printable(value);
  };
  for (const FieldDifference& difference : field_differences(a, b))
    text += fmt::format("{:<22} {} | {}\n", printable(difference.name), shown(difference.a),
                        shown(difference.b));
  const Divergence divergence = first_divergence(a, b);
  if (divergence.compared == 0)
    text += "curves                 have no line in common\n";
  else if (divergence.place.empty())
    text += fmt::format("curves                 equal in the {} lines that both have\n",
                        divergence.compared);
  else
    text += fmt::format("curves                 part at {}: {} | {}\n", divergence.place,
                        number_or_dash(divergence.a), number_or_dash(divergence.b));
  return text;
}

json runs_difference_json(const Run& a, const Run& b) {
  json fields = json::array();
  for (const FieldDifference& difference : field_differences(a, b))
    fields.push_back({{"name", difference.name}, {"a", difference.a}, {"b", difference.b}});
  const Divergence divergence = first_divergence(a, b);
  const auto value = [](const std::optional<double>& loss) { return loss ? json(*loss) : json(); };
  return {{"schema", "reconproof.runs-diff"},
          {"schema_version", 1},
          {"a", a.id},
          {"b", b.id},
          {"differences", fields},
          {"curves",
           {{"lines_compared", divergence.compared},
            {"first_divergence", divergence.place.empty() ? json() : json(divergence.place)},
            {"a", value(divergence.a)},
            {"b", value(divergence.b)}}}};
}

json summary_json(const Run& run) {
  json row = submission::run_json(run);
  for (const char* key : {"schema", "schema_version", "details", "diff", "points", "notes"})
    row.erase(key);
  row["last_lesson"] = run.notes.empty() ? json() : json(run.notes.front().text);
  return row;
}

std::string runs_svg(std::span<const Run> runs) {
  reports::Plot plot;
  plot.title = "Loss of recorded runs";
  plot.x_label = "epoch";
  plot.y_label = "loss (1 - SSIM)";
  plot.y_label_logarithmic = "loss (1 - SSIM), logarithmic";
  plot.nothing = "no finite loss";
  constexpr size_t kWithTraining = 2;  // of more runs only the validation, or nobody sees anything
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::string id = submission::short_id(runs[i].id);
    plot.description +=
        (plot.description.empty() ? "" : "; ") +
        fmt::format("{}: {}", id, printable(submission::shell_line(runs[i].command)));
    for (const bool validation : {false, true}) {
      if (!validation && runs.size() > kWithTraining) continue;
      reports::PlotSeries series = plot_series(runs[i], validation);
      if (series.points.empty()) continue;
      series.name = id + (validation ? " val" : "");
      series.style = static_cast<int>(i);
      plot.series.push_back(std::move(series));
    }
  }
  // What templates/report.css does for a report; a file of its own brings its own.
  constexpr const char* kStyle =
      "<style>.plot{font:12.5px sans-serif;background:#fff}.plot text{fill:#1a1a1a}"
      ".grid{stroke:#ddd}.axis,.tick{stroke:#666;fill:none}.curve{fill:none;stroke-width:1.8}"
      ".mark{fill:#fff;stroke-width:1.8}"
      ".series-0 *{stroke:#2a6592}.series-1 *{stroke:#b3541e;stroke-dasharray:6 4}"
      ".series-2 *{stroke:#3b7d3b;stroke-dasharray:2 3}.series-3 *{stroke:#7a4a8c}"
      ".series-4 *{stroke:#8a6d00;stroke-dasharray:6 4}.series-5 *{stroke:#555;stroke-dasharray:2 "
      "3}"
      "</style>";
  std::string svg = reports::plot_svg(plot);
  svg.insert(svg.find('>') + 1, kStyle);
  svg.insert(4, " xmlns=\"http://www.w3.org/2000/svg\"");
  return svg + "\n";
}

}  // namespace reconproof::workflows
