// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/score.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "challenge/dataset/folder.h"
#include "challenge/score/metrics.h"
#include "challenge/score/volumes.h"
#include "system/error.h"
#include "system/files.h"
#include "system/parallel.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::fail;

/// What is wrong with the reconstructions, collected over all volumes; each list becomes one
/// finding.
struct Faults {
  std::vector<std::string> names, shapes, types, values;
  size_t present = 0, read = 0;  // volumes that were there, and whose values were read
  bool malformed = false;

  void add(const Faults& other) {
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(names, other.names);
    append(shapes, other.shapes);
    append(types, other.types);
    append(values, other.values);
    present += other.present;
    read += other.read;
    malformed |= other.malformed;
  }
};

/// What `read` gives, or nothing where the reconstruction is at fault.
template <typename Read>
auto unless_corrupt(Faults& faults, Read&& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const system::Error& fault) {
    if (fault.code() == Code::kInternal || fault.code() == Code::kIo) throw;
    faults.shapes.push_back(fault.what());
    faults.malformed = true;
    return std::nullopt;
  }
}

/// "NaN at row 3, column 5": what all_scorable() does not let through.
std::string first_unscorable(const ImageView& image) {
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width; ++x) {
      const ImageView pixel = image.crop(y, x, 1, 1);
      if (all_scorable(pixel)) continue;
      const float value = pixel.pixels[0];
      const std::string text = std::isnan(value)   ? "NaN"
                               : std::isinf(value) ? value > 0 ? "infinity" : "-infinity"
                                                   : fmt::format("{}, beyond 1.8e19,", value);
      return fmt::format("{} at row {}, column {}", text, y, x);
    }
  }
  return "no number";
}

/// Slices whose SSIM is no number: squares of squares overflow in float32, as in the official
/// script.
std::vector<int64_t> overflown_slices(const VolumeScore& score) {
  std::vector<int64_t> slices;
  const auto is_number = [](const std::optional<double>& value) {
    return !value || std::isfinite(*value);
  };
  for (size_t i = 0; i < score.slices.size(); ++i)
    if (!is_number(score.slices[i])) slices.push_back(static_cast<int64_t>(i));
  for (const BoxScore& box : score.boxes)
    if (!is_number(box.value)) slices.push_back(box.slice);
  return slices;
}

/// The numbers of one volume, or nothing when a fault stands in their way.
std::optional<VolumeScore> score_volume(const Edition& edition, const ExpectedVolume& volume,
                                        const std::string& dataset, Faults& faults) {
  LabelVolume label(edition, volume.label);
  std::error_code error;
  if (!fs::exists(fs::symlink_status(volume.recon, error))) {
    faults.names.push_back(volume.recon.string() + ": missing");
    return std::nullopt;
  }
  ++faults.present;
  std::optional<SliceReader> recon = unless_corrupt(
      faults, [&] { return open_reconstruction(edition, volume.recon, dataset, label); });
  if (!recon) return std::nullopt;
  VolumeMeter meter(edition, volume, label);
  bool finite = true;
  for (int64_t slice = 0; slice < label.slices(); ++slice) {
    const std::optional<ImageView> image =
        unless_corrupt(faults, [&] { return recon->slice(slice); });
    if (!image) return std::nullopt;
    if (!all_scorable(*image)) {
      faults.values.push_back(fmt::format("{}: slice {} holds {}", volume.recon.string(), slice,
                                          first_unscorable(*image)));
      finite = false;
    }
    if (finite) meter.add(slice, *image, label.slice(slice));
  }
  ++faults.read;
  if (recon->info().bytes != 4) {
    faults.types.push_back(
        fmt::format("{}: '{}' is {}", volume.recon.string(), dataset, recon->info().type_text()));
  }
  if (!finite) return std::nullopt;
  VolumeScore score = meter.finish();
  for (const int64_t slice : overflown_slices(score)) {
    faults.values.push_back(
        fmt::format("{}: slice {} has no SSIM: its values, or the label's against its attribute "
                    "'max', are too large for float32",
                    volume.recon.string(), slice));
    finite = false;
  }
  return finite ? std::optional(std::move(score)) : std::nullopt;
}

/// A list of faults as one finding. `judged` of `expected` volumes could be looked at for them:
/// without a fault, a rule is kept only when that is all of them.
Finding list_finding(const Edition& edition, const char* rule_id,
                     const std::vector<std::string>& evidence, size_t judged, size_t expected,
                     const std::string& good, const std::string& bad) {
  const bool none = evidence.empty();
  const Status status = !none                ? Status::kFail
                        : judged == expected ? Status::kPass
                                             : Status::kInconclusive;
  const std::string message =
      status == Status::kPass ? good
      : status == Status::kFail
          ? fmt::format("{}: {}", bad, evidence.size())
          : fmt::format("only {} of {} volumes could be judged", judged, expected);
  Finding finding = make_finding(edition, edition.rule(rule_id), status, message);
  finding.measured = evidence.size();
  finding.unit = "faults";
  finding.evidence = evidence;
  return finding;
}

void add_findings(const Edition& edition, const Faults& faults, size_t expected,
                  ScoreResult& result) {
  const auto add = [&](const char* rule_id, const std::vector<std::string>& evidence, size_t judged,
                       const std::string& good, const std::string& bad) {
    result.findings.push_back(
        list_finding(edition, rule_id, evidence, judged, expected, good, bad));
  };
  add("layout.volumes", faults.names, expected,
      fmt::format("all {} volumes are there, and no other in their folders", expected),
      "missing or unexpected files");
  add("layout.shape", faults.shapes, faults.present,
      "every volume is readable and has the expected shape", "unreadable or mis-shaped volumes");
  add("layout.float32", faults.types, faults.read, "every volume is float32",
      "volumes scored after conversion to float32; the official script would not score them as "
      "they "
      "are");
  add("values.finite", faults.values, faults.read, "every value is a finite number",
      "slices with NaN or infinity");
}

/// One volume's part of the work, in its own slot: threads share nothing else.
struct Slot {
  Faults faults;
  std::optional<VolumeScore> score;
  std::string unusable;  // what is wrong with the label
};

/// Labels that cannot be used stop everything: the first is named, the others counted.
void require_labels(const std::vector<Slot>& slots) {
  const auto unusable = [](const Slot& slot) { return !slot.unusable.empty(); };
  const auto first = std::ranges::find_if(slots, unusable);
  if (first == slots.end()) return;
  const auto others = std::ranges::count_if(slots, unusable) - 1;
  fail(Code::kCorrupt, "{}{}", first->unusable,
       others == 0 ? "" : fmt::format("; {} more label volumes cannot be used", others));
}

Faults score_volumes(const Edition& edition, const std::vector<ExpectedVolume>& expected,
                     const ScoreOptions& options, ScoreResult& result) {
  std::vector<Slot> slots(expected.size());
  system::for_each_index(expected.size(), options.threads, [&](size_t i) {
    try {
      slots[i].score = score_volume(edition, expected[i], options.dataset, slots[i].faults);
    } catch (const system::Error& error) {
      if (error.code() == Code::kInternal || error.code() == Code::kIo) throw;
      slots[i].unusable = error.what();
    }
  });
  require_labels(slots);
  Faults faults;
  for (Slot& slot : slots) {
    faults.add(slot.faults);
    if (slot.score) result.volumes.push_back(std::move(*slot.score));
  }
  result.expected_volumes = std::ssize(expected);
  result.complete = result.volumes.size() == expected.size();
  return faults;
}

/// A cell without a volume has no mean.
bool every_cell_counts(const Edition& edition, const std::vector<VolumeScore>& volumes) {
  return std::ranges::all_of(edition.cells, [&](const Cell& cell) {
    return std::ranges::any_of(volumes,
                               [&](const auto& volume) { return volume.cell == cell.name; });
  });
}

void add_scores(const Edition& edition, bool partial, ScoreResult& result) {
  if (result.complete) {
    result.items = score_items(edition, result.volumes, result.ms_per_slice);
  } else if (partial && every_cell_counts(edition, result.volumes)) {
    result.partial_items = score_items(edition, result.volumes, result.ms_per_slice);
  }
}

ScoreResult begin(const Edition& edition) {
  ScoreResult result;
  result.edition = edition.id;
  result.ruleset = edition.ruleset();
  result.metric = edition.score.metric;
  return result;
}

/// A time for every cell, or for none.
void require_times(const Edition& edition, const std::map<std::string, double>& ms_per_slice) {
  if (ms_per_slice.empty()) return;
  for (const Cell& cell : edition.cells) {
    const auto found = ms_per_slice.find(cell.name);
    if (found == ms_per_slice.end())
      fail(Code::kUsage, "no time per slice for '{}'; give one for every cell", cell.name);
    if (!(found->second >= 0) || found->second > 1e9)
      fail(Code::kUsage, "'{}': {} ms per slice, expected 0 or more", cell.name, found->second);
  }
  for (const auto& time : ms_per_slice) {
    if (std::ranges::find(edition.cells, time.first, &Cell::name) == edition.cells.end())
      fail(Code::kUsage, "edition {} has no cell '{}'", edition.id, time.first);
  }
}

}  // namespace

const VolumeScore* ScoreResult::find_volume(const std::string& cell,
                                            const std::string& volume) const {
  const auto found = std::ranges::find_if(
      volumes, [&](const VolumeScore& one) { return one.cell == cell && one.volume == volume; });
  return found == volumes.end() ? nullptr : &*found;
}

const ScoreItem* ScoreResult::item(const std::string& name) const {
  for (const ScoreItem& candidate : items) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

int64_t ScoreResult::slices() const {
  int64_t count = 0;
  for (const VolumeScore& volume : volumes) count += std::ssize(volume.slices);
  return count;
}

system::ExitCode ScoreResult::exit_code() const {
  const system::ExitCode code = challenge::exit_code_of(findings);
  return malformed ? system::worst(code, system::ExitCode::kMalformed) : code;
}

ScoreResult score(const Edition& rules, const fs::path& labels, const fs::path& recon,
                  const ScoreOptions& options) {
  Edition edition = rules;
  if (options.metric) edition.score.metric = *options.metric;
  require_times(edition, options.ms_per_slice);
  ScoreResult result = begin(edition);
  result.final_set = options.final_set;
  result.ms_per_slice = options.ms_per_slice;
  const std::vector<ExpectedVolume> expected = expected_volumes(edition, labels, recon);
  result.official_set = !options.final_set && is_official_set(edition, expected);
  if (!system::is_folder(recon)) {
    fail(Code::kNotFound, "{}: no such folder of reconstructions", recon.string());
  }
  Faults faults = score_volumes(edition, expected, options, result);
  for (const fs::path& extra : extra_files(edition, expected, recon))
    faults.names.push_back(extra.string() + ": not a volume of the leaderboard");
  // One file too many stops the official script too, which counts them.
  result.complete = result.complete && faults.names.empty();
  result.malformed = faults.malformed;
  add_findings(edition, faults, expected.size(), result);
  add_scores(edition, options.partial, result);
  return result;
}

ScoreResult score_zero_filled(const Edition& edition, const fs::path& labels) {
  ScoreResult result = begin(edition);
  std::vector<ExpectedVolume> expected = expected_volumes(edition, labels, labels);
  for (ExpectedVolume& volume : expected)
    volume.recon = volume.label;  // image_input lies beside the label
  result.official_set = is_official_set(edition, expected);
  ScoreOptions options;
  options.dataset = kInputSet;
  score_volumes(edition, expected, options, result);
  add_scores(edition, false, result);
  return result;
}

}  // namespace reconproof::challenge
