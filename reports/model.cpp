// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/model.h"

#include <algorithm>

#include "challenge/dataset/folder.h"
#include "reports/gather.h"
#include "submission/bundle/git.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using challenge::Cell;
using challenge::Edition;
using challenge::ScoreItem;
using challenge::ScoreResult;
using challenge::VolumeScore;
using submission::Project;

fs::path leaderboard_folder(const Project& project, const Edition& edition,
                            const ReportOptions& options) {
  if (!options.data)
    return project.leaderboard.empty() ? fs::path() : project.host(project.leaderboard);
  return challenge::leaderboard_in(edition, *options.data);
}

void find_reconstructions(const Project& project, Report& report) {
  const fs::path checked = project.check_folder() / "recon";
  report.recon_from_check = system::is_folder(checked);
  if (report.recon_from_check) {
    report.recon_folder = checked;
  } else if (project.reconstruct_step && !project.reconstruct_step->outputs.empty()) {
    report.recon_folder = project.host(project.reconstruct_step->outputs);
  }
}

std::optional<ScoreItem> item_of(const std::optional<ScoreResult>& score, const std::string& name) {
  const ScoreItem* item = score ? score->item(name) : nullptr;
  return item ? std::optional(*item) : std::nullopt;
}

/// In the order of the edition's print, whatever was scored.
std::vector<ScoreRow> score_rows(const Edition& edition, const CheckRecord& check) {
  std::vector<ScoreRow> rows;
  for (const std::string& name : edition.item_names()) {
    ScoreRow row{name, item_of(check.zero_filled, name), item_of(check.score, name)};
    if (row.zero_filled || row.reconstruction) rows.push_back(std::move(row));
  }
  return rows;
}

/// The slices that count.
std::vector<SliceScore> counted(const VolumeScore& volume) {
  std::vector<SliceScore> slices;
  for (size_t i = 0; i < volume.slices.size(); ++i)
    if (volume.slices[i]) slices.push_back({static_cast<int64_t>(i), *volume.slices[i]});
  return slices;
}

double mean_of(const std::vector<SliceScore>& slices) {
  double sum = 0;
  for (const SliceScore& slice : slices) sum += slice.value;
  return sum / static_cast<double>(slices.size());
}

std::optional<double> mean_of_volume(const std::optional<ScoreResult>& score,
                                     const VolumeScore& wanted) {
  const VolumeScore* volume = score ? score->find_volume(wanted.cell, wanted.volume) : nullptr;
  if (!volume) return std::nullopt;
  const std::vector<SliceScore> slices = counted(*volume);
  return slices.empty() ? std::nullopt : std::optional(mean_of(slices));
}

/// Nothing when no slice of the volume counts.
std::optional<VolumeRow> volume_row(const VolumeScore& volume,
                                    const std::optional<ScoreResult>& zero_filled) {
  std::vector<SliceScore> slices = counted(volume);
  if (slices.empty()) return std::nullopt;
  std::ranges::stable_sort(slices, {}, &SliceScore::value);
  VolumeRow row;
  row.cell = volume.cell;
  row.volume = volume.volume;
  row.slices = std::ssize(slices);
  row.mean = mean_of(slices);
  row.zero_filled_mean = mean_of_volume(zero_filled, volume);
  row.worst = slices.front();
  row.median = slices[(slices.size() - 1) / 2];
  row.best = slices.back();
  return row;
}

FileHash hash_of(const fs::path& folder, const std::string& name, const KnownHashes& known) {
  std::error_code ignored;  // what has vanished meanwhile, sha256_file reports
  const auto found = known.find(name);
  return {name, static_cast<double>(fs::file_size(folder / name, ignored)),
          found == known.end() ? system::sha256_file(folder / name) : found->second};
}

/// Only the cells' own folders: a stranger's other files are none of the report's business.
std::vector<FileHash> hash_reconstructions(const Edition& edition, const fs::path& recon,
                                           const KnownHashes& known) {
  std::vector<FileHash> hashes;
  for (const Cell& cell : edition.cells) {
    const fs::path folder = recon / cell.name;
    if (recon.empty() || !system::is_folder(folder)) continue;
    std::vector<fs::path> links;
    for (const fs::path& file : system::files_below(folder, &links)) {
      if (file.extension() == ".h5")
        hashes.push_back(hash_of(recon, (cell.name / file).string(), known));
    }
    for (const fs::path& link : links) hashes.push_back({(cell.name / link).string(), 0, ""});
  }
  return hashes;
}

}  // namespace

std::optional<double> ScoreRow::gain() const {
  if (!zero_filled || !reconstruction) return std::nullopt;
  return reconstruction->value - zero_filled->value;
}

fs::path reproduction_file(const Project& project) {
  return project.state_folder() / "reproduce" / "reproduce.json";
}

namespace {

/// A result of another project is nothing of this one's.
std::optional<ReproductionRecord> find_reproduction(const Project& project,
                                                    const ReportOptions& options) {
  fs::path file = options.reproduction.value_or(reproduction_file(project));
  if (system::is_folder(file)) file /= "reproduce.json";
  std::error_code ignored;
  if (options.reproduction && !fs::exists(file, ignored))
    system::fail(system::Code::kNotFound,
                 "{}: no such file; `reconproof reproduce --keep DIR` leaves DIR/reproduce.json",
                 file.string());
  std::optional<ReproductionRecord> record = read_reproduction(file);
  if (!record || (record->project == project.name && record->edition == project.edition))
    return record;
  if (!options.reproduction) return std::nullopt;
  system::fail(system::Code::kIntegrity,
               "{}: is of project '{}' of {}, this one is '{}' of {}; name the result of this one",
               file.string(), shown(record->project), shown(record->edition), shown(project.name),
               shown(project.edition));
}

std::optional<RehearsalRecord> find_rehearsal(const Project& project) {
  std::optional<RehearsalRecord> record =
      read_rehearsal(project.state_folder() / "rehearse" / "rehearse.json");
  if (record && (record->project != project.name || record->edition != project.edition))
    record.reset();
  return record;
}

/// What git knows; nothing where it cannot tell.
CodeRecord read_code(const Project& project) {
  CodeRecord code;
  try {
    const std::optional<submission::GitState> state = submission::git_state(project.root);
    if (!state) return code;
    code.commit = state->commit;
    code.changed = std::ssize(state->changed);
    code.untracked = std::ssize(state->untracked);
  } catch (const system::Error&) {
    // No git here, or a repository of another user: a report without its commit is one all the
    // same.
  }
  return code;
}

void add_scores(const Project& project, const ReportOptions& options, Report& report) {
  report.scores = score_rows(report.edition, report.check);
  if (!report.check.score) {
    report.image_notes.push_back({"images_no_scores_at_all", {}});
    return;
  }
  const ScoreResult* zero_filled = report.check.zero_filled ? &*report.check.zero_filled : nullptr;
  for (const VolumeScore& volume : report.check.score->volumes) {
    if (auto row = volume_row(volume, report.check.zero_filled))
      report.volumes.push_back(std::move(*row));
  }
  const ImageSources sources{leaderboard_folder(project, report.edition, options),
                             report.recon_folder, options.compare};
  report.images =
      load_images(report.edition, sources, *report.check.score, zero_filled, report.image_notes);
}

}  // namespace

Report gather_report(const Project& project, CheckRecord check, const ReportOptions& options,
                     const KnownHashes& known) {
  Report report;
  report.project = project.name;
  report.declared = project;
  report.edition = challenge::find_edition(project.edition);
  report.check = std::move(check);
  report.generated = options.generated;
  find_reconstructions(project, report);
  report.reconstructions = hash_reconstructions(report.edition, report.recon_folder, known);
  add_scores(project, options, report);
  if (project.reconstruct_step && !project.reconstruct_step->weights.empty()) {
    const std::string& weights = project.reconstruct_step->weights;
    report.training = load_training(project.host(weights));
    report.network = read_network(project.host(weights), weights);
  }
  std::error_code ignored;
  if (fs::is_regular_file(project.root / "requirements.txt", ignored))
    report.requirements = "requirements.txt";
  report.reproduction = find_reproduction(project, options);
  return report;
}

Report load_report(const Project& project, const ReportOptions& options) {
  const fs::path check_file = project.check_folder() / "check.json";
  CheckRecord check = read_check(check_file);
  if (check.edition != project.edition) {
    system::fail(
        system::Code::kCorrupt,
        "{}: the check is of edition '{}', the project of '{}'; run `reconproof check` again",
        check_file.string(), check.edition, project.edition);
  }
  Report report = gather_report(project, std::move(check), options);
  report.code = read_code(project);
  report.history = read_history(project.root);
  report.rehearsal = find_rehearsal(project);
  return report;
}

}  // namespace reconproof::reports
