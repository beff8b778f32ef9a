// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/restore.h"

#include <algorithm>

#include "formats/archive_name.h"
#include "formats/strict_json.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/declared.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr const char* kCodePlace = "team/code";
constexpr int64_t kMaxMetaBytes = int64_t{16} << 20;  // as `verify` reads them

json read_meta(const fs::path& bag, const std::string& meta, const std::string& bundle) {
  const std::string path = kMetaFolder + meta + ".json";
  return formats::parse_schema_json(system::read_file(bag / path, kMaxMetaBytes),
                                    bundle + ": " + path, "reconproof." + meta, 1);
}

/// Cut: a command of a stranger may be long.
std::string quoted(const json& value) {
  constexpr size_t kMost = 300;
  const std::string text =
      system::printable(value.dump(-1, ' ', false, json::error_handler_t::replace));
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

/// Two declarations would mean that nobody can tell which one the team's findings are about.
void expect_same(const json& said, const json& declared, const std::string& field,
                 const std::string& bundle) {
  if (said == declared) return;
  fail(Code::kIntegrity,
       "{}: '{}' is {} in meta/submission.json and {} in data/code/{}; a bundle as `reconproof "
       "pack` writes it says the same twice: ask the team for another one",
       bundle, field, quoted(said), quoted(declared), kProjectFile);
}

/// Fields that later versions add are passed over.
void expect_same_step(const json& said, const json& declared, const std::string& step,
                      const std::string& bundle) {
  for (const auto& [key, value] : declared.items())
    expect_same(said.is_object() ? said.value(key, json()) : json(), value, step + "." + key,
                bundle);
}

void expect_agreement(const Project& project, const json& submission, const std::string& bundle) {
  expect_same(submission.value("project", json()), project.name, "project", bundle);
  expect_same(submission.value("edition", json()), project.edition, "edition", bundle);
  const json said = submission.value("steps", json()), declared = declared_steps(project);
  for (const char* step : {"train", "reconstruct"}) {
    const std::string field = std::string("steps.") + step;
    const json ours = declared.value(step, json());
    const json theirs = said.is_object() ? said.value(step, json()) : json();
    if (ours.is_object()) {
      expect_same_step(theirs, ours, field, bundle);
    } else if (ours.is_array() && theirs.is_array() && theirs.size() == ours.size()) {
      for (size_t i = 0; i < ours.size(); ++i) expect_same_step(theirs[i], ours[i], field, bundle);
    } else {
      expect_same(theirs, ours, field, bundle);
    }
  }
}

class Restorer {
 public:
  Restorer(fs::path bag, const fs::path& image, const std::string& bundle)
      : bag_(std::move(bag)), bundle_(bundle) {
    system::make_folders(image);
    image_ = fs::canonical(image);
  }

  RestoredBundle run(const GrantedFolders& granted) {
    RestoredBundle result;
    result.submission = read_meta(bag_, "submission", bundle_);
    result.environment = read_meta(bag_, "environment", bundle_);
    result.claims = read_meta(bag_, "claims", bundle_);
    result.findings = read_meta(bag_, "findings", bundle_);
    if (fs::exists(bag_ / kMetaFolder / "measured.json"))
      result.measured = read_meta(bag_, "measured", bundle_);
    place_code();
    result.project = load_project(image_ / kCodePlace);
    result.project.image = image_;
    expect_agreement(result.project, result.submission, bundle_);
    require_step(result.project);
    place_weights(result.project);
    place_reconstructions(result.project);
    result.reconstructions = result.project.host(result.project.reconstruct_step->outputs);
    result.ledger = place_logs(result.project);
    grant(result.project, granted);
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail(Code::kCorrupt, "{}: {}; `reconproof pack` writes no such bundle", bundle_, what);
  }

  /// Where a declared file or folder lies. A name that no file can have is refused before anything
  /// is asked of the file system.
  fs::path declared_place(const Project& project, const std::string& declared,
                          const std::string& what) const {
    constexpr size_t kLongest = 1024;  // as a name in the archive
    fs::path place = project.host(declared);
    if (!place.has_filename()) place = place.parent_path();  // "../result/recon/"
    const std::string name = place.lexically_relative(image_).string();
    const std::string reason = formats::unsafe_name_reason(name);
    if (!reason.empty() || name.size() > kLongest)
      refuse(fmt::format("{} are declared at {}: the name {}", what, quoted(json(declared)),
                         reason.empty() ? "is too long" : reason));
    return place;
  }

  /// Moves a file or folder of the bag. Never onto another one, and never through a file.
  void place(const fs::path& source, const fs::path& target, const std::string& what) const {
    std::error_code error;
    if (fs::exists(fs::symlink_status(target, error)))
      refuse(fmt::format("{} are declared at {}, where something stands already", what,
                         shown(target)));
    for (fs::path folder = target.parent_path(); folder != image_; folder = folder.parent_path()) {
      const fs::file_status status = fs::symlink_status(folder, error);
      if (fs::exists(status) && !fs::is_directory(status))
        refuse(fmt::format("{} are declared at {}, and {} is a file", what, shown(target),
                           shown(folder)));
    }
    system::make_folders(target.parent_path());
    fs::rename(source, target, error);
    if (error) fail(Code::kIo, "{}: {}", target.string(), error.message());
  }

  /// As the team's machine would name it.
  std::string shown(const fs::path& path) const {
    return system::printable("/" + path.lexically_relative(image_).string());
  }

  void place_code() const {
    std::error_code ignored;
    const fs::path code = bag_ / "data" / "code";
    if (!fs::is_regular_file(code / kProjectFile, ignored))
      refuse(fmt::format("has no data/code/{}", kProjectFile));
    if (fs::exists(fs::symlink_status(code / kStateFolder, ignored)))
      refuse(fmt::format("has data/code/{}, where only this program writes", kStateFolder));
    place(code, image_ / kCodePlace, "the code");
  }

  void require_step(const Project& project) const {
    if (!project.reconstruct_step || project.reconstruct_step->weights.empty() ||
        project.reconstruct_step->outputs.empty())
      refuse(fmt::format("data/code/{} has no [steps.reconstruct] with weights and outputs",
                         kProjectFile));
  }

  void place_weights(const Project& project) const {
    const fs::path target =
        declared_place(project, project.reconstruct_step->weights, "[steps.reconstruct] weights");
    const fs::path source = bag_ / "data" / "weights" / target.filename();
    std::error_code ignored;
    if (!fs::is_regular_file(source, ignored))
      refuse(fmt::format("has no data/weights/{}, which [steps.reconstruct] declares",
                         system::printable(target.filename().string())));
    place(source, target, "[steps.reconstruct] weights");
  }

  void place_reconstructions(const Project& project) const {
    const fs::path source = bag_ / "data" / "recon";
    const fs::path target =
        declared_place(project, project.reconstruct_step->outputs, "[steps.reconstruct] outputs");
    if (!system::is_folder(source)) refuse("has no data/recon/");
    place(source, target, "[steps.reconstruct] outputs");
  }

  /// Beside the weights too, where a training leaves them and its lineage is looked for. Returns
  /// the ledger.
  fs::path place_logs(const Project& project) const {
    const fs::path logs = bag_ / "data" / "logs";
    const fs::path folder = project.host(project.reconstruct_step->weights).parent_path();
    if (!system::is_folder(logs)) return {};
    for (const fs::path& log : system::sorted_entries(logs)) {
      std::error_code taken;  // by a file of the code: then that is the one the team's code reads
      if (fs::is_regular_file(log)) fs::create_hard_link(log, folder / log.filename(), taken);
    }
    const fs::path ledger = logs / "ledger.jsonl";
    return fs::is_regular_file(ledger) ? ledger : fs::path();
  }

  void grant(const Project& project, const GrantedFolders& granted) const {
    std::vector<Step> steps = project.train_steps;
    steps.push_back(*project.reconstruct_step);
    for (const Step& step : steps) {
      for (const std::string& declared : step.read_only) {
        const auto found = granted.find(declared);
        const fs::path place = project.host(declared);
        if (found == granted.end() || fs::is_symlink(place)) continue;
        if (fs::exists(fs::symlink_status(place)))
          refuse(fmt::format("read_only names {}, where something stands already", shown(place)));
        system::make_folders(place.parent_path());
        fs::create_directory_symlink(fs::canonical(found->second), place);
      }
    }
  }

  fs::path bag_, image_;
  const std::string& bundle_;
};

}  // namespace

RestoredBundle restore(const fs::path& bag, const fs::path& image, const GrantedFolders& granted,
                       const std::string& name) {
  return Restorer(bag, image, name).run(granted);
}

}  // namespace reconproof::submission
