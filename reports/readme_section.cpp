// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/readme_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <sstream>

#include "formats/strict_json.h"
#include "reports/embedded.h"
#include "reports/text.h"
#include "submission/detect/shell_words.h"
#include "submission/requirements.h"
#include "submission/runs/history.h"
#include "system/build_info.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::reports {

namespace fs = std::filesystem;
using kainjow::mustache::data;
using kainjow::mustache::object;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr const char* kReadmePrefix = "readme.";
constexpr const char* kReadmeSuffix = ".md";
constexpr const char* kBegin = "<!-- reconproof readme: begin -->";
constexpr const char* kEnd = "<!-- reconproof readme: end -->";
constexpr const char* kRehearse = "`reconproof rehearse --data DIR` records it";

/// A template that names something we did not set would silently print nothing.
class StrictReadme : public kainjow::mustache::context<std::string> {
 public:
  explicit StrictReadme(const data* root) : context(root) {}
  const data* get(const std::string& name) const override {
    const data* found = context::get(name);
    if (!found) fail(Code::kInternal, "readme template: nothing is called '{}'", name);
    return found;
  }
};

/// What stands at a pointer in a record; null where nothing does.
const json& at(const json& record, const char* pointer) {
  static const json kNull;
  const json::json_pointer path(pointer);
  return record.is_object() && record.contains(path) ? record.at(path) : kNull;
}

std::string text_at(const json& record, const char* pointer) {
  const json& found = at(record, pointer);
  if (found.is_string()) return shown(found.get<std::string>());
  return found.is_number() ? found.dump() : "";
}

/// A duration to a tenth of a second.
std::string seconds_text(double seconds) { return fmt::format("{:.1f}", seconds); }

/// As a person types it.
std::string shell_words(const json& step) {
  std::vector<std::string> words;
  const auto quoted = [](const std::string& word) {
    const bool plain = submission::shell_word(word) == word;
    return plain ? word : submission::shell_word(shown(word));
  };
  const json env = step.value("env", json::object());
  for (const auto& [name, value] : env.items())
    words.push_back(shown(name) + "=" + quoted(value.get<std::string>()));
  for (const json& word : step.at("command")) words.push_back(quoted(word.get<std::string>()));
  return fmt::format("{}", fmt::join(words, " "));
}

class SectionWriter {
 public:
  SectionWriter(const ReadmeEvidence& evidence, bool korean)
      : rehearse_(evidence.rehearse),
        check_(evidence.check),
        evidence_(evidence),
        korean_(korean) {}

  data page() {
    page_ = data{data::type::object};
    page_.set("version", system::build_info().version);
    add_rehearsal();
    add_environment();
    add_commands();
    add_trainings();
    add_repeat();
    add_history();
    add_score();
    add_files();
    return page_;
  }
  std::vector<std::string> notes;

 private:
  /// The rehearsal's, else the check's.
  const json& evidence(const char* pointer) const {
    const json& found = at(rehearse_, pointer);
    return found.is_null() ? at(check_, pointer) : found;
  }

  void set_or_false(const char* name, bool there, const object& value) {
    if (there)
      page_.set(name, data{value});
    else
      page_.set(name, data{data::type::bool_false});
  }

  void add_rehearsal() {
    const std::string begun = text_at(rehearse_, "/begun");
    set_or_false("rehearsed", !begun.empty(),
                 {{"date", begun.substr(0, 16)}, {"commit", text_at(rehearse_, "/commit")}});
    if (begun.empty())
      notes.push_back(fmt::format("no rehearsal is recorded: {}", kRehearse));
    else if (at(rehearse_, "/exit_code") == 1)
      notes.push_back(
          "the last rehearsal says NOT READY: mend what it names before you hand this in");
  }

  void add_environment() {
    const json& machine = evidence("/environment");
    data gpus{data::type::list};
    for (const json& gpu : at(machine, "/gpus"))
      if (gpu.is_string()) gpus.push_back(object{{"text", shown(gpu.get<std::string>())}});
    set_or_false("environment", machine.is_object(),
                 {{"os", text_at(machine, "/os")},
                  {"cpu", text_at(machine, "/cpu")},
                  {"threads", text_at(machine, "/threads")},
                  {"gpus", gpus}});
    if (!machine.is_object()) notes.push_back(fmt::format("no environment: {}", kRehearse));
    add_python();
  }

  void add_python() {
    std::string version = text_at(rehearse_, "/python/version");
    if (version.empty()) version = text_at(check_, "/environment/python");
    data packages{data::type::list};
    bool any = false;
    for (const std::string& package : packages_asked_for()) {
      packages.push_back(object{{"text", package}});
      any = true;
    }
    set_or_false("python", !version.empty(),
                 {{"version", version}, {"packages", packages}, {"has_packages", any}});
    const std::string sha256 = text_at(rehearse_, "/python/requirements_sha256");
    set_or_false("requirements_sha256", !sha256.empty(),
                 {{"file", text_at(rehearse_, "/python/requirements_file")}, {"sha256", sha256}});
  }

  /// "torch==2.3.0": the versions that were there, of what the requirements name; else of what the
  /// command loaded.
  std::vector<std::string> packages_asked_for() const {
    std::vector<std::string> texts;
    const json& required = at(rehearse_, "/python/requirements");
    const json& packages =
        required.empty() ? at(check_, "/environment/packages") : at(rehearse_, "/python/packages");
    for (const auto& [name, version] : packages.items()) {
      const auto same = [&](const json& item) {
        return submission::normalized_package(item.value("name", "")) ==
               submission::normalized_package(name);
      };
      if (!version.is_string() || (!required.empty() && std::ranges::none_of(required, same)))
        continue;
      texts.push_back(shown(name) + "==" + shown(version.get<std::string>()));
    }
    return texts;
  }

  void add_commands() {
    data commands{data::type::list};
    json declared = at(rehearse_, "/declared");
    if (declared.is_null() && at(check_, "/commands/reconstruct").is_array())
      declared = {{"reconstruct", {{"command", at(check_, "/commands/reconstruct")}}}};
    for (const auto& [key, title] : {std::pair{"train", korean_ ? "학습" : "Training"},
                                     {"reconstruct", korean_ ? "복원" : "Reconstruction"}}) {
      if (!declared.is_object() || !declared.contains(key)) {
        notes.push_back(
            fmt::format("no command for '{}': declare [steps.{}]; {}", key, key, kRehearse));
        continue;
      }
      const json& step = declared.at(key);
      data lines{data::type::list};
      for (const json& one : step.is_array() ? step : json::array({step}))
        lines.push_back(object{{"text", shell_words(one)}});
      commands.push_back(object{{"title", title}, {"lines", lines}});
    }
    page_.set("commands", commands);
  }

  void add_trainings() {
    data list{data::type::list};
    bool any = false;
    for (const json& training : evidence("/trainings")) {
      const json& comparison = at(training, "/comparison");
      if (!comparison.is_object()) continue;
      any = true;
      const std::string name = text_at(training, "/name");
      const json& first = at(comparison, "/first");
      const bool equal = first.is_null(), exact = at(comparison, "/digits").is_null();
      object one = {{"name", name.empty() ? "" : name + ": "},
                    {"steps", text_at(comparison, "/steps")},
                    {"digits", text_at(comparison, "/digits")},
                    {"equal", equal && exact},
                    {"equal_log", equal && !exact},
                    {"differs", !equal},
                    {"iteration", text_at(first, "/iteration")},
                    {"quantity", text_at(first, "/quantity")},
                    {"a", text_at(first, "/a")},
                    {"b", text_at(first, "/b")}};
      const json& relative = at(first, "/relative");
      if (relative.is_number())
        one["relative"] = data{object{{"value", fmt::format("{:.3g}", relative.get<double>())}}};
      else
        one["relative"] = data{data::type::bool_false};
      list.push_back(one);
    }
    page_.set("trainings", list);
    if (!any)
      notes.push_back(
          fmt::format("when and by how much losses diverge was not measured: {}", kRehearse));
  }

  void add_repeat() {
    std::string message;
    for (const json& finding : at(check_, "/findings")) {
      if (at(finding, "/rule_id") == "repeat.equal" && at(finding, "/status") != "inconclusive")
        message = text_at(finding, "/message");
    }
    set_or_false("repeat", !message.empty(),
                 {{"message", korean_ ? message : "Reconstruction: " + message}});
    if (message.empty())
      notes.push_back(
          "whether reconstruction repeats was not measured: `reconproof check --data DIR` records "
          "it");
  }

  void add_history() {
    const auto& training = evidence_.training;
    object one;
    if (training) {
      one["run"] = training->run.substr(0, 12);
      one["duration_s"] = seconds_text(training->duration_s);
      if (training->best_val_loss)
        one["best"] = data{object{{"loss", fmt::format("{:.6g}", *training->best_val_loss)},
                                  {"epoch", std::to_string(training->best_epoch)}}};
      else
        one["best"] = data{data::type::bool_false};
    } else {
      notes.push_back(
          "the training itself is not in the history: `reconproof run -- sh train.sh` records it");
    }
    set_or_false("history", training.has_value(), one);
  }

  void add_score() {
    data items{data::type::list};
    bool any = false;
    for (const json& item : at(rehearse_, "/items")) {
      const std::string printed = text_at(item, "/rehearsed"), claimed = text_at(item, "/claimed");
      if (printed.empty()) continue;
      any = true;
      items.push_back(object{{"name", text_at(item, "/name")},
                             {"claimed", claimed.empty() ? "-" : claimed},
                             {"printed", printed}});
    }
    for (const json& item : any ? json::array() : at(check_, "/score/items")) {
      any = true;
      items.push_back(object{{"name", text_at(item, "/name")},
                             {"claimed", "-"},
                             {"printed", text_at(item, "/printed")}});
    }
    page_.set("items", items);
    page_.set("has_items", any);
    if (!any) notes.push_back(fmt::format("no score: {}", kRehearse));
    const json& wall = evidence("/run/wall_s");
    set_or_false("run", any && wall.is_number(),
                 {{"wall_s", wall.is_number() ? seconds_text(wall.get<double>()) : ""}});
  }

  void add_files() {
    const json& weights = evidence("/weights");
    set_or_false("weights", weights.is_object(),
                 {{"path", text_at(weights, "/path")},
                  {"bytes", text_at(weights, "/bytes")},
                  {"sha256", text_at(weights, "/sha256")}});
    if (!weights.is_object()) notes.push_back(fmt::format("no hash of the weights: {}", kRehearse));
    const std::string sha256 = text_at(rehearse_, "/reconstructions_sha256");
    set_or_false(
        "reconstructions", !sha256.empty(),
        {{"count", std::to_string(at(rehearse_, "/reconstructions").size())}, {"sha256", sha256}});
    if (sha256.empty())
      notes.push_back(fmt::format("no hash of the reconstructions: {}", kRehearse));
  }

  const json& rehearse_;
  const json& check_;
  const ReadmeEvidence& evidence_;
  const bool korean_;
  data page_;
};

/// What is not known leaves blank lines, and headings with nothing below them.
std::string without_gaps(const std::string& text) {
  std::istringstream lines(text);
  std::string kept, heading;
  bool blank = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      blank = true;
    } else if (line.starts_with("### ")) {
      heading = line;
    } else {
      // The end of the section is nothing of it.
      if (!heading.empty() && !line.starts_with("<!--"))
        kept += "\n" + heading + "\n";
      else if (blank && !kept.empty())
        kept += "\n";
      kept += line + "\n";
      heading.clear();
      blank = false;
    }
  }
  return kept;
}

std::optional<TrainingEvidence> last_training(const fs::path& root) {
  using submission::History;
  std::error_code ignored;
  if (!fs::exists(History::file_below(root), ignored)) return std::nullopt;
  History history(root, History::Mode::kRead);
  for (const submission::Run& run : history.list({{"run", "train"}, {"succeeded"}, {}, 0})) {
    if (run.epochs_done == 0 || !run.wall_s) continue;
    TrainingEvidence evidence{run.id, *run.wall_s, std::nullopt, 0};
    for (const submission::CurvePoint& point : history.load(run.id).points) {
      if (!point.epoch_end || !point.val_loss) continue;
      if (evidence.best_val_loss && *evidence.best_val_loss <= *point.val_loss) continue;
      evidence.best_val_loss = point.val_loss;
      evidence.best_epoch = point.epoch;
    }
    return evidence;
  }
  return std::nullopt;
}

json read_record(const fs::path& file, const char* schema) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  return formats::parse_schema_json(system::read_file(file), file.string(), schema, 1);
}

}  // namespace

std::vector<std::string> readme_languages() {
  std::vector<std::string> languages;
  for (const system::EmbeddedFile& file : embedded_files()) {
    const std::string name(file.name);
    if (name.starts_with(kReadmePrefix) && name.ends_with(kReadmeSuffix))
      languages.push_back(name.substr(7, name.size() - 10));
  }
  return languages;
}

ReadmeEvidence load_readme_evidence(const submission::Project& project) {
  ReadmeEvidence evidence;
  evidence.rehearse =
      read_record(project.state_folder() / "rehearse" / "rehearse.json", "reconproof.rehearse");
  evidence.check = read_record(project.check_folder() / "check.json", "reconproof.check");
  evidence.training = last_training(project.root);
  return evidence;
}

ReadmeSection readme_section(const ReadmeEvidence& evidence, const std::string& language) {
  const std::vector<std::string> known = readme_languages();
  if (std::ranges::find(known, language) == known.end())
    fail(Code::kUsage, "readme: --lang {}: this version knows: {}", shown(language),
         fmt::join(known, ", "));
  ReadmeSection section;
  try {
    SectionWriter writer(evidence, language == "ko");
    const data page = writer.page();
    section.notes = std::move(writer.notes);
    kainjow::mustache::mustache text{
        std::string(embedded_file(kReadmePrefix + language + kReadmeSuffix))};
    text.set_custom_escape([](const std::string& value) { return value; });
    StrictReadme context(&page);
    std::ostringstream out;
    text.render(context, out);
    if (!text.is_valid()) fail(Code::kInternal, "readme template: {}", text.error_message());
    section.text = without_gaps(out.str());
  } catch (const json::exception& error) {
    fail(Code::kCorrupt,
         "a record below .reconproof/ has other fields than this version writes ({}); "
         "rehearse and check again",
         error.what());
  }
  return section;
}

std::string with_section(const std::string& readme, const std::string& section) {
  const size_t begin = readme.find(kBegin), end = readme.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return readme + (readme.empty() ? "" : readme.ends_with('\n') ? "\n" : "\n\n") + section;
  std::string rest = readme.substr(end + std::string_view(kEnd).size());
  if (rest.starts_with('\n')) rest.erase(0, 1);
  return readme.substr(0, begin) + section + rest;
}

}  // namespace reconproof::reports
