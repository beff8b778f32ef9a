// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/html.h"

#include <algorithm>
#include <cmath>
#include <kainjow/mustache.hpp>

#include "reports/embedded.h"
#include "reports/html_findings.h"
#include "reports/png.h"
#include "submission/detect/shell_words.h"
#include "system/build_info.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::reports {

std::string_view embedded_file(std::string_view name) {
  for (const system::EmbeddedFile& file : embedded_files()) {
    if (file.name == name) return file.contents;
  }
  system::fail(system::Code::kInternal, "no embedded file '{}'", name);
}

namespace {

using challenge::ScoreItem;
using kainjow::mustache::data;
using kainjow::mustache::object;

/// A template that names something we did not set would silently print nothing.
class StrictContext : public kainjow::mustache::context<std::string> {
 public:
  explicit StrictContext(const data* root) : context(root) {}
  const data* get(const std::string& name) const override {
    const data* found = context::get(name);
    if (!found) system::fail(system::Code::kInternal, "report.html: nothing is called '{}'", name);
    return found;
  }
};

data list_of_texts(const std::vector<std::string>& texts) {
  data list{data::type::list};
  for (const std::string& text : texts) list.push_back(object{{"text", text}});
  return list;
}

// --- Scores and volumes

std::string fixed_text(double value, int64_t decimals) {
  return std::isnan(value) ? "NaN" : fmt::format("{:.{}f}", value, decimals);
}

object figure(const std::optional<ScoreItem>& item) {
  return {{"has", item.has_value()},
          {"class", ""},
          {"printed", item ? shown(item->printed) : ""},
          {"full", item ? fixed_text(item->value, 9) : ""}};
}

object gain_figure(const ScoreRow& row, int64_t decimals) {
  const std::optional<double> gain = row.gain();
  return {{"has", gain.has_value()},
          {"class", !gain       ? ""
                    : *gain > 0 ? "up"
                    : *gain < 0 ? "down"
                                : ""},
          {"printed", gain ? signed_text(*gain, decimals) : ""},
          {"full", gain ? signed_text(*gain, 9) : ""}};
}

void add_scores(data& page, const Report& report, const Texts& texts) {
  std::vector<std::string> notes;
  bool scored = false, zero_filled = false;
  data rows{data::type::list};
  for (const ScoreRow& row : report.scores) {
    scored = scored || row.reconstruction.has_value();
    zero_filled = zero_filled || row.zero_filled.has_value();
    data figures{data::type::list};
    figures.push_back(figure(row.zero_filled));
    figures.push_back(figure(row.reconstruction));
    figures.push_back(gain_figure(row, report.edition.score.digits()));
    rows.push_back(object{{"class", row.name == "total" ? "total" : "cell"},
                          {"name", row.name == "total" ? texts("scores_total") : shown(row.name)},
                          {"figures", figures}});
  }
  if (!scored) notes.push_back(texts("scores_none"));
  if (scored && !report.check.score->official_set) notes.push_back(texts("scores_unofficial"));
  if (scored && !zero_filled) notes.push_back(texts("scores_no_zero_filled"));
  page.set("score_notes", list_of_texts(notes));
  page.set("has_scores", !report.scores.empty());
  page.set("scores", rows);
}

object extreme(const SliceScore& slice, const Report& report, const Texts& texts) {
  return {{"value", fixed_text(slice.value, report.edition.score.digits())},
          {"slice",
           texts.fill("slice_number", {{"n", number_text(static_cast<double>(slice.slice))}})}};
}

void add_volumes(data& page, const Report& report, const Texts& texts) {
  const int64_t decimals = report.edition.score.digits();
  bool zero_filled = false;
  for (const VolumeRow& row : report.volumes) zero_filled = zero_filled || row.zero_filled_mean;
  data rows{data::type::list};
  for (const VolumeRow& row : report.volumes) {
    data extremes{data::type::list};
    for (const SliceScore& slice : {row.best, row.median, row.worst}) {
      extremes.push_back(extreme(slice, report, texts));
    }
    rows.push_back(object{
        {"cell", shown(row.cell)},
        {"volume", shown(row.volume)},
        {"slices", number_text(static_cast<double>(row.slices))},
        {"zero_filled", row.zero_filled_mean ? fixed_text(*row.zero_filled_mean, decimals) : "–"},
        {"mean", fixed_text(row.mean, decimals)},
        {"extremes", extremes}});
  }
  page.set("has_volumes", !report.volumes.empty());
  page.set("has_zero_filled", zero_filled);
  page.set("volumes", rows);
}

// --- Images

struct Panel {
  const char* kind;  // ends the keys images_<kind>, images_alt_<kind>
  std::string uri, value;
};

double mean_error_percent(const SliceImages& images) {
  double sum = 0;
  int64_t inside = 0;
  for (float error : images.error) {
    if (error > 0) sum += error, ++inside;
  }
  return inside == 0 ? 0 : 100 * sum / static_cast<double>(inside) / images.window;
}

std::string grey_uri(const std::vector<float>& pixels, const SliceImages& images) {
  if (pixels.empty()) return "";
  return data_uri(png_grey(to_levels(pixels, images.window), images.height, images.width));
}

data panels(const SliceImages& images, const Report& report, const Texts& texts) {
  const auto ssim = [&](double value) {
    return texts.fill("images_ssim", {{"value", fixed_text(value, report.edition.score.digits())}});
  };
  const std::string mean = fixed_text(mean_error_percent(images), 1);
  const Panel all[] = {
      {"input", grey_uri(images.input, images),
       images.zero_filled_ssim && !images.input.empty() ? ssim(*images.zero_filled_ssim) : ""},
      {"reconstruction", grey_uri(images.reconstruction, images), ssim(images.ssim)},
      {"label", grey_uri(images.label, images), ""},
      {"error",
       data_uri(png_error_map(to_levels(images.error, images.window / kErrorGain), images.height,
                              images.width)),
       texts.fill("images_mean_error", {{"mean", mean}})}};
  const Values values = {{"volume", shown(images.volume)},
                         {"slice", std::to_string(images.slice)},
                         {"cell", shown(images.cell)},
                         {"value", fixed_text(images.ssim, report.edition.score.digits())},
                         {"mean", mean},
                         {"gain", number_text(kErrorGain)}};
  data list{data::type::list};
  for (const Panel& panel : all) {
    list.push_back(object{{"has_image", !panel.uri.empty()},
                          {"uri", panel.uri},
                          {"width", std::to_string(images.width)},
                          {"height", std::to_string(images.height)},
                          {"alt", texts.fill(std::string("images_alt_") + panel.kind, values)},
                          {"name", texts.fill(std::string("images_") + panel.kind, values)},
                          {"value", panel.value}});
  }
  return list;
}

object scale(const std::string& name, const char* gradient, double high, const Texts& texts) {
  return {{"name", name},
          {"gradient", gradient},
          {"low", "0"},
          {"middle", scientific_text(high / 2)},
          {"high", scientific_text(high)},
          {"aria", texts.fill("images_scale_aria",
                              {{"name", name}, {"low", "0"}, {"high", scientific_text(high)}})}};
}

void add_images(data& page, const Report& report, const Texts& texts) {
  const auto role = [&](SliceRole slice_role) {
    return texts(slice_role == SliceRole::kWorst    ? "images_role_worst"
                 : slice_role == SliceRole::kMedian ? "images_role_median"
                                                    : "images_role_only");
  };
  data list{data::type::list};
  for (const SliceImages& images : report.images) {
    data scales{data::type::list};
    scales.push_back(scale(texts("images_scale_grey"), "scale-grey", images.window, texts));
    scales.push_back(
        scale(texts("images_scale_error"), "scale-error", images.window / kErrorGain, texts));
    list.push_back(object{
        {"heading",
         texts.fill("images_heading", {{"cell", shown(images.cell)}, {"role", role(images.role)}})},
        {"place", texts.fill("images_place", {{"volume", shown(images.volume)},
                                              {"slice", std::to_string(images.slice)}})},
        {"panels", panels(images, report, texts)},
        {"scales", scales}});
  }
  std::vector<std::string> notes;
  for (const Note& note : report.image_notes) notes.push_back(texts.fill(note.key, note.values));
  page.set("has_images", !report.images.empty());
  page.set("images_intro", texts.fill("images_intro", {{"gain", number_text(kErrorGain)}}));
  page.set("images", list);
  page.set("image_notes", list_of_texts(notes));
  data stops{data::type::list};
  for (int step = 0; step <= 16; ++step) {
    const Rgb colour = error_colour(static_cast<uint8_t>(std::min(255, step * 16)));
    stops.push_back(
        object{{"offset", fmt::format("{:.4f}", step / 16.0)},
               {"colour", fmt::format("#{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b)}});
  }
  page.set("error_stops", stops);
}

// --- Training

void add_training(data& page, const Report& report, const Texts& texts) {
  const Training& training = report.training;
  std::vector<std::string> notes;
  if (!training.has_ledger) notes.push_back(texts("training_no_ledger"));
  if (!training.has_validation) notes.push_back(texts("training_no_validation"));
  if (training.not_finite > 0)
    notes.push_back(texts.count("training_not_finite", training.not_finite));
  const std::string iterations = number_text(static_cast<double>(training.iterations));
  Plot plot;
  plot.title = texts("training_plot_title");
  plot.description = texts.fill(
      "training_plot_description",
      {{"iterations", iterations},
       {"epochs", number_text(static_cast<double>(training.validation.size()))},
       {"last", training.validation.empty() ? texts("not_available")
                                            : number_text(training.validation.back().y)}});
  plot.x_label = texts(training.in_epochs ? "training_epoch" : "training_iteration");
  plot.y_label = texts("training_loss");
  plot.y_label_logarithmic = texts("training_loss_logarithmic");
  plot.nothing = texts("training_nothing");
  if (training.has_ledger)
    plot.series.push_back({texts("training_series_training"), training.training, false, 0});
  if (training.has_validation) {
    plot.series.push_back({texts("training_series_validation"), training.validation, true, 1});
  }
  page.set("training_notes", list_of_texts(notes));
  page.set("has_plot", training.has_ledger || training.has_validation);
  page.set("plot", plot.series.empty() ? "" : plot_svg(plot));
  page.set("training_caption", texts.fill("training_caption", {{"iterations", iterations}}));
}

// --- Tables of facts: time and memory, environment, hashes

class Facts {
 public:
  void add(const std::string& name, const std::string& value, bool is_code = false) {
    if (value.empty()) return;
    rows_.push_back(object{{"name", name}, {"value", value}, {"is_code", is_code}});
  }
  bool empty() const { return rows_.is_empty_list(); }
  /// A list of one table, or of none: a section of the template that is there or not.
  data table(const std::string& caption) const {
    data list{data::type::list};
    if (!empty()) list.push_back(object{{"caption", caption}, {"rows", rows_}});
    return list;
  }

 private:
  data rows_{data::type::list};
};

std::string isolated_text(const RunRecord& run, const Texts& texts) {
  if (!run.isolated) return "";
  if (*run.isolated) return texts("run_isolated_yes");
  const std::string reason =
      run.refused_reason.empty() ? texts("run_isolated_no_reason") : shown(run.refused_reason);
  return texts.fill("run_isolated_no", {{"reason", reason}});
}

std::string end_text(const RunRecord& run, const Texts& texts) {
  if (run.timed_out.value_or(false)) return texts("run_timed_out");
  if (run.signal.value_or(0) != 0)
    return texts.fill("run_signal", {{"n", number_text(*run.signal)}});
  return "";
}

void add_share_of_limit(data& page, const Report& report, const Texts& texts) {
  const challenge::Rule* rule = report.edition.find_rule("time.total");
  const bool has =
      rule && rule->limit && *rule->limit > 0 && report.check.run && report.check.run->wall_s;
  page.set("has_share", has);
  if (!has) return;
  const double percent = 100 * *report.check.run->wall_s / *rule->limit;
  const std::string text = percent < 10 ? fixed_text(percent, 1) : fixed_text(percent, 0);
  page.set("share_width", fmt::format("{:.2f}", std::clamp(percent, 0.4, 100.0)));
  page.set("share_class", percent > 100 ? "broken" : "pass");
  page.set("share_text",
           texts.fill("run_share", {{"measured", system::duration_text(*report.check.run->wall_s)},
                                    {"limit", system::duration_text(*rule->limit)},
                                    {"percent", text}}));
}

void add_run(data& page, const Report& report, const Texts& texts) {
  Facts facts;
  if (const std::optional<RunRecord>& run = report.check.run) {
    const challenge::Rule* rule = report.edition.find_rule("time.total");
    if (run->wall_s) facts.add(texts("run_wall"), quantity_text(*run->wall_s, "s"));
    if (rule && rule->limit) facts.add(texts("run_limit"), quantity_text(*rule->limit, rule->unit));
    if (run->peak_rss_bytes) facts.add(texts("run_memory"), bytes_text(*run->peak_rss_bytes));
    facts.add(texts("run_ended"), end_text(*run, texts));
    if (run->exit_code) facts.add(texts("run_exit_code"), number_text(*run->exit_code));
    facts.add(texts("run_isolated"), isolated_text(*run, texts));
  }
  facts.add(texts("run_command"), shown(submission::shell_line(report.check.reconstruct_command)),
            true);
  page.set("has_run", report.check.run.has_value());
  page.set("run_table", facts.table(texts("run_caption")));
  add_share_of_limit(page, report, texts);
}

void add_environment(data& page, const Report& report, const Texts& texts) {
  const Environment& environment = report.check.environment;
  Facts facts;
  facts.add(texts("environment_os"), shown(environment.os));
  facts.add(texts("environment_kernel"), shown(environment.kernel));
  facts.add(texts("environment_cpu"), shown(environment.cpu));
  if (environment.threads)
    facts.add(texts("environment_threads"), number_text(*environment.threads));
  if (environment.memory_bytes)
    facts.add(texts("environment_memory"), bytes_text(*environment.memory_bytes));
  if (!facts.empty()) {
    std::string gpus;
    for (const std::string& gpu : environment.gpus) gpus += (gpus.empty() ? "" : ", ") + shown(gpu);
    facts.add(texts("environment_gpus"), gpus.empty() ? texts("environment_no_gpu") : gpus);
  }
  const std::string& reason = environment.sandbox_reason;
  facts.add(texts("environment_sandbox"),
            shown(environment.sandbox_state + (reason.empty() ? "" : ": " + reason)));
  page.set("has_environment", !facts.empty());
  page.set("environment_table", facts.table(texts("environment_caption")));
}

/// What identifies the program first; the file lists its keys by the alphabet.
std::vector<std::pair<std::string, std::string>> ordered_build(const CheckRecord& check) {
  const std::vector<std::string> first = {"version", "revision", "dirty", "source_sha256",
                                          "rules_sha256"};
  std::vector<std::pair<std::string, std::string>> build = check.build;
  std::stable_sort(build.begin(), build.end(), [&](const auto& a, const auto& b) {
    return std::find(first.begin(), first.end(), a.first) <
           std::find(first.begin(), first.end(), b.first);
  });
  return build;
}

Facts build_facts(const Report& report, const Texts& texts) {
  Facts facts;
  for (const auto& [key, value] : ordered_build(report.check)) {
    const auto name = texts.all().find("build_" + key);
    std::string text = shown(value);
    if (value == "true" || value == "false") text = texts(value == "true" ? "yes" : "no");
    const bool is_code = key == "revision" || key.ends_with("_sha256");
    facts.add(name == texts.all().end() ? shown(key) : name->second, text, is_code);
  }
  return facts;
}

void add_hashes(data& page, const Report& report, const Texts& texts) {
  Facts facts;
  std::vector<std::string> notes;
  if (const std::optional<WeightsRecord>& weights = report.check.weights) {
    const std::string size = weights->bytes ? " (" + bytes_text(*weights->bytes) + ")" : "";
    facts.add(texts("hashes_weights"), shown(weights->path) + size);
    facts.add(texts("hashes_weights") + ", " + texts("hashes_sha256"), shown(weights->sha256),
              true);
  } else {
    notes.push_back(texts("hashes_no_weights"));
  }
  facts.add(texts("hashes_ruleset"), shown(report.check.ruleset), true);
  if (report.check.ruleset != report.edition.ruleset()) {
    notes.push_back(texts.fill("hashes_other_rules", {{"here", report.edition.ruleset()}}));
  }
  if (report.reconstructions.empty()) notes.push_back(texts("hashes_no_recon"));
  data rows{data::type::list};
  for (const FileHash& file : report.reconstructions) {
    rows.push_back(object{{"path", shown(file.path)},
                          {"size", file.sha256.empty() ? "–" : bytes_text(file.bytes)},
                          {"sha256", file.sha256.empty() ? texts("hashes_link") : file.sha256}});
  }
  page.set("hash_notes", list_of_texts(notes));
  page.set("hash_table", facts.table(texts("hashes_caption")));
  page.set("build_table", build_facts(report, texts).table(texts("build_caption")));
  page.set("recon_caption", texts(report.recon_from_check ? "hashes_recon_caption_check"
                                                          : "hashes_recon_caption_outputs"));
  page.set("has_reconstructions", !report.reconstructions.empty());
  page.set("reconstructions", rows);
}

void add_head(data& page, const Report& report, const Texts& texts) {
  data words{data::type::object};
  for (const auto& [key, text] : texts.all()) words.set(key, text);
  page.set("t", words);
  page.set("language", texts.language());
  page.set("css", std::string(embedded_file("report.css")));
  page.set("facts_table", std::string(embedded_file("facts.html")));
  page.set("project", shown(report.project));
  page.set("edition_title", report.edition.title);
  page.set("ruleset", shown(report.check.ruleset));
  page.set("version", system::build_info().version);
}

}  // namespace

std::string render_html(const Report& report, const Texts& texts) {
  data page{data::type::object};
  add_head(page, report, texts);
  add_verdict(page, report, texts);
  add_scores(page, report, texts);
  add_volumes(page, report, texts);
  add_images(page, report, texts);
  add_findings(page, report, texts);
  add_training(page, report, texts);
  add_run(page, report, texts);
  add_environment(page, report, texts);
  add_hashes(page, report, texts);
  kainjow::mustache::mustache page_template{std::string(embedded_file("report.html"))};
  StrictContext context(&page);
  std::ostringstream html;
  page_template.render(context, html);
  if (!page_template.is_valid()) {
    system::fail(system::Code::kInternal, "report.html: {}", page_template.error_message());
  }
  return html.str();
}

}  // namespace reconproof::reports
