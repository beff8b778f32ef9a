// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/score.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "challenge/dataset/folder.h"
#include "challenge/score/foreground.h"
#include "challenge/score/ssim.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using formats::DatasetInfo;
using formats::ElementKind;
using formats::Hdf5Reader;
using formats::shape_text;
using system::Code;
using system::fail;

/// What is wrong with the reconstructions, collected over all volumes; each list becomes one
/// finding.
struct Faults {
  std::vector<std::string> names, shapes, types, values;
  size_t present = 0, read = 0;  // volumes that were there, and whose values were read
  bool malformed = false;
};

struct Expected {
  std::string cell, name;
  fs::path label, recon;
  const Anatomy* anatomy = nullptr;
};

/// Official order: anatomies as the edition lists them, then by the number in the name, then by
/// name.
bool official_less(const Edition& edition, const std::string& a, const std::string& b) {
  const auto key = [&](const std::string& name) {
    const Anatomy* anatomy = edition.anatomy_of(name);
    const auto index = anatomy ? anatomy - edition.anatomies.data() : std::ptrdiff_t{1} << 20;
    const size_t digit = name.find_last_of("0123456789", name.rfind('.'));
    size_t first = digit;
    while (digit != std::string::npos && first > 0 &&
           std::isdigit(static_cast<unsigned char>(name[first - 1])))
      --first;
    const std::string digits =
        digit == std::string::npos ? "" : name.substr(first, digit - first + 1);
    return std::make_tuple(index, digits.size(), digits, name);
  };
  return key(a) < key(b);
}

std::vector<Expected> expected_volumes(const Edition& edition, const fs::path& labels,
                                       const fs::path& recon, ScoreResult& result) {
  std::vector<Expected> expected;
  for (const Cell& cell : edition.cells) {
    const fs::path folder = labels / cell.folder / kImageFolder;
    std::vector<std::string> names;
    for (const fs::path& path : volumes_in(folder)) names.push_back(path.filename().string());
    if (names.empty()) fail(Code::kNotFound, "{}: no label volumes (*.h5)", folder.string());
    std::sort(names.begin(), names.end(),
              [&](const auto& a, const auto& b) { return official_less(edition, a, b); });
    if (names != edition.official_volumes()) result.official_set = false;
    for (const std::string& name : names) {
      const Anatomy* anatomy = edition.anatomy_of(name);
      if (!anatomy) {
        fail(Code::kCorrupt, "{}: edition {} knows no anatomy for this name, so no mask threshold",
             (folder / name).string(), edition.id);
      }
      expected.push_back({cell.name, name, folder / name, recon / cell.name / name, anatomy});
    }
  }
  return expected;
}

void find_extra_files(const Edition& edition, const std::vector<Expected>& expected,
                      const fs::path& recon, Faults& faults) {
  std::set<fs::path> known;
  for (const Expected& volume : expected) known.insert(volume.recon);
  for (const Cell& cell : edition.cells) {
    std::error_code error;
    if (!fs::is_directory(recon / cell.name, error)) continue;  // every volume of it is missing
    for (const fs::path& entry : system::sorted_entries(recon / cell.name)) {
      if (!known.contains(entry))
        faults.names.push_back(entry.string() + ": not a volume of the leaderboard");
    }
  }
}

struct Label {
  std::vector<float> pixels;  // (slices, size, size)
  int64_t slices = 0;
  double max = 0;
};

/// Labels come from the organiser: a fault in them stops everything.
Label read_label(const fs::path& path, int64_t size) {
  const auto reader = formats::open_confined(path);
  const DatasetInfo& info = reader->dataset(kLabelSet);
  if (info.kind != ElementKind::kFloat || info.shape.size() != 3 || info.shape[0] < 1 ||
      info.shape[1] != size || info.shape[2] != size) {
    fail(Code::kCorrupt, "{}: 'image_label' is {} {}, expected float32 (slices, {}, {})",
         path.string(), info.type_text(), shape_text(info.shape), size, size);
  }
  const auto max = reader->info().attributes.find(kMaxAttribute);
  if (max == reader->info().attributes.end() || !max->second.number ||
      !std::isfinite(*max->second.number) || *max->second.number <= 0) {
    fail(Code::kCorrupt, "{}: no positive number in the attribute 'max'", path.string());
  }
  Label label{reader->read_floats(kLabelSet), info.shape[0], *max->second.number};
  if (!std::all_of(label.pixels.begin(), label.pixels.end(),
                   [](float v) { return std::isfinite(v); })) {
    fail(Code::kCorrupt, "{}: 'image_label' holds NaN or infinity", path.string());
  }
  return label;
}

/// Reads the reconstruction of one volume, or says why not. Types other than float32 are converted.
std::optional<std::vector<float>> read_reconstruction(const Expected& volume, const Label& label,
                                                      int64_t size, const std::string& dataset,
                                                      Faults& faults) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(volume.recon, error))) {
    faults.names.push_back(volume.recon.string() + ": missing");
    return std::nullopt;
  }
  ++faults.present;
  try {
    const auto reader = formats::open_confined(volume.recon);
    const DatasetInfo& info = reader->dataset(dataset);
    const formats::Shape wanted = {label.slices, size, size};
    if (info.kind != ElementKind::kFloat || info.shape != wanted) {
      faults.shapes.push_back(fmt::format("{}: '{}' is {} {}, expected float32 {}",
                                          volume.recon.string(), dataset, info.type_text(),
                                          shape_text(info.shape), shape_text(wanted)));
      faults.malformed = true;
      return std::nullopt;
    }
    if (info.bytes != 4) {
      faults.types.push_back(
          fmt::format("{}: '{}' is {}", volume.recon.string(), dataset, info.type_text()));
    }
    std::vector<float> values = reader->read_floats(dataset);
    ++faults.read;
    return values;
  } catch (const system::Error& fault) {
    if (fault.code() == Code::kInternal || fault.code() == Code::kIo) throw;
    faults.shapes.push_back(fault.what());
    faults.malformed = true;
    return std::nullopt;
  }
}

/// SSIM of each slice inside the foreground. Names the slices that hold NaN or infinity.
std::optional<std::vector<double>> score_volume(const Expected& volume, const Label& label,
                                                std::vector<float>& recon, int64_t size,
                                                Faults& faults) {
  std::vector<double> scores;
  const size_t pixels = static_cast<size_t>(size * size);
  bool finite = true;
  for (int64_t slice = 0; slice < label.slices; ++slice) {
    const std::span<float> image(recon.data() + static_cast<size_t>(slice) * pixels, pixels);
    if (!std::all_of(image.begin(), image.end(), [](float v) { return std::isfinite(v); })) {
      faults.values.push_back(
          fmt::format("{}: slice {} holds NaN or infinity", volume.recon.string(), slice));
      finite = false;
      continue;
    }
    std::vector<float> target(label.pixels.begin() + slice * size * size,
                              label.pixels.begin() + (slice + 1) * size * size);
    const std::vector<uint8_t> mask =
        foreground_mask(target, size, size, volume.anatomy->mask_threshold);
    for (size_t i = 0; i < pixels; ++i) {
      if (!mask[i]) image[i] = target[i] = 0;
    }
    scores.push_back(mean_ssim(image, target, size, size, label.max));
  }
  if (!finite) return std::nullopt;
  return scores;
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

void add_items(const Edition& edition, ScoreResult& result) {
  const auto add = [&](const std::string& name, double value) {
    result.items.push_back({name, value, fmt::format("{:.{}f}", value, edition.decimals)});
  };
  std::vector<double> means;
  for (const Cell& cell : edition.cells) {
    double sum = 0;
    int64_t slices = 0;
    for (const VolumeScore& volume : result.volumes) {
      if (volume.cell != cell.name) continue;
      for (double score : volume.slices) sum += score, ++slices;
    }
    means.push_back(sum / static_cast<double>(slices));
  }
  double total = 0;
  for (double mean : means) total += mean;
  add("total", total / static_cast<double>(means.size()));
  for (size_t i = 0; i < means.size(); ++i) add(edition.cells[i].name, means[i]);
}

/// Runs `work(i)` for every i below `count` on some threads; the first exception is thrown on.
template <typename Work>
void for_each_index(size_t count, int threads, Work&& work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  const size_t workers =
      std::min<size_t>(count, threads > 0 ? static_cast<size_t>(threads)
                                          : std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::jthread> pool;
  try {
    for (size_t t = 1; t < workers; ++t) pool.emplace_back(loop);
  } catch (const std::system_error&) {
    // No more threads to be had: those that run, and this one, do the work.
  }
  loop();
  pool.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

/// Scores every expected volume; volumes are independent, so threads share nothing but their slots.
void score_volumes(const Edition& edition, const std::vector<Expected>& expected,
                   const ScoreOptions& options, Faults& faults, ScoreResult& result) {
  struct Slot {
    Faults faults;
    std::optional<std::vector<double>> scores;
  };
  std::vector<Slot> slots(expected.size());
  for_each_index(expected.size(), options.threads, [&](size_t i) {
    const Label label = read_label(expected[i].label, edition.image_size);
    auto recon = read_reconstruction(expected[i], label, edition.image_size, options.dataset,
                                     slots[i].faults);
    if (recon)
      slots[i].scores =
          score_volume(expected[i], label, *recon, edition.image_size, slots[i].faults);
  });
  result.complete = true;
  for (size_t i = 0; i < slots.size(); ++i) {
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(faults.names, slots[i].faults.names);
    append(faults.shapes, slots[i].faults.shapes);
    append(faults.types, slots[i].faults.types);
    append(faults.values, slots[i].faults.values);
    faults.present += slots[i].faults.present;
    faults.read += slots[i].faults.read;
    faults.malformed |= slots[i].faults.malformed;
    if (slots[i].scores) {
      result.volumes.push_back({expected[i].cell, expected[i].name, std::move(*slots[i].scores)});
    } else {
      result.complete = false;
    }
  }
}

}  // namespace

const ScoreItem* ScoreResult::item(const std::string& name) const {
  for (const ScoreItem& candidate : items) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

system::ExitCode ScoreResult::exit_code() const {
  const system::ExitCode code = challenge::exit_code_of(findings);
  return malformed ? system::worst(code, system::ExitCode::kMalformed) : code;
}

ScoreResult score(const Edition& edition, const fs::path& labels, const fs::path& recon,
                  const ScoreOptions& options) {
  ScoreResult result;
  result.edition = edition.id;
  result.ruleset = edition.ruleset();
  Faults faults;
  const std::vector<Expected> expected = expected_volumes(edition, labels, recon, result);
  std::error_code error;
  if (!fs::is_directory(recon, error)) {
    fail(Code::kNotFound, "{}: no such folder of reconstructions", recon.string());
  }
  score_volumes(edition, expected, options, faults, result);
  find_extra_files(edition, expected, recon, faults);
  result.malformed = faults.malformed;
  add_findings(edition, faults, expected.size(), result);
  if (result.complete) add_items(edition, result);
  return result;
}

ScoreResult score_zero_filled(const Edition& edition, const fs::path& labels) {
  ScoreResult result;
  result.edition = edition.id;
  result.ruleset = edition.ruleset();
  std::vector<Expected> expected = expected_volumes(edition, labels, labels, result);
  for (Expected& volume : expected)
    volume.recon = volume.label;  // image_input lies beside the label
  Faults faults;
  score_volumes(edition, expected, {.dataset = kInputSet}, faults, result);
  if (result.complete) add_items(edition, result);
  return result;
}

std::string official_print(const Edition& edition, const ScoreResult& result) {
  RP_ASSERT(result.complete);
  std::string text = edition.total_label + " : " + result.item("total")->printed + "\n";
  text += "========== Details ==========\n";
  for (const Cell& cell : edition.cells) {
    std::string label = edition.cell_label;
    const size_t at = label.find("{cell}");
    if (at != std::string::npos) label.replace(at, 6, cell.name);
    text += label + ": " + result.item(cell.name)->printed + "\n";
  }
  return text;
}

nlohmann::json to_json(const ScoreResult& result) {
  nlohmann::json items = nlohmann::json::array(), volumes = nlohmann::json::array(),
                 findings = nlohmann::json::array();
  for (const ScoreItem& item : result.items) {
    items.push_back({{"name", item.name}, {"value", item.value}, {"printed", item.printed}});
  }
  for (const VolumeScore& volume : result.volumes) {
    volumes.push_back(
        {{"cell", volume.cell}, {"volume", volume.volume}, {"slices", volume.slices}});
  }
  for (const Finding& finding : result.findings) findings.push_back(to_json(finding));
  return {{"schema", "reconproof.score"},
          {"schema_version", 1},
          {"edition", result.edition},
          {"ruleset", result.ruleset},
          {"official_set", result.official_set},
          {"complete", result.complete},
          {"items", items},
          {"volumes", volumes},
          {"findings", findings}};
}

}  // namespace reconproof::challenge
