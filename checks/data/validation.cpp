// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "challenge/dataset/fingerprint.h"
#include "challenge/dataset/manifest.h"
#include "checks/data/data_tree.h"
#include "checks/data/manifest_comparison.h"
#include "checks/data/near_copies.h"
#include "checks/data/set_check.h"
#include "checks/data/volume_check.h"
#include "system/build_info.h"
#include "system/error.h"
#include "system/interrupt.h"
#include "system/journal.h"
#include "system/parallel.h"
#include "system/sha256.h"
#include "system/terminal.h"
#include "system/user_folders.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// What must be the same for results of an earlier run to hold.
std::string identity_of(const ValidationOptions& options, int64_t image_size,
                        const std::string& manifest_hash) {
  return fmt::format("data-validation 1, build {}, fingerprints {}, size {}, manifest {}",
                     system::build_info().revision, challenge::kFingerprintVersion, image_size,
                     options.manifest ? manifest_hash : "none");
}

fs::path journal_file(const fs::path& folder) {
  return system::user_state_folder() / "data-validate" /
         (system::sha256_hex(folder.string()).substr(0, 32) + ".journal");
}

std::string stamp_of(const fs::path& folder, const VolumePair& pair) {
  std::string stamp;
  for (const std::string& file : {pair.kspace, pair.image})
    if (!file.empty()) stamp += system::file_stamp(folder / file) + "\n";
  return stamp;
}

/// In parallel; those that the journal knows are not read again.
std::vector<SetVolume> examine_all(const std::vector<VolumePair>& pairs,
                                   const ExamineOptions& examine, int threads,
                                   system::Journal& journal) {
  std::vector<SetVolume> volumes(pairs.size());
  system::Progress progress("validating", std::ssize(pairs));
  std::mutex mutex;
  system::for_each_index(pairs.size(), threads, [&](size_t i) {
    system::InterruptWatch::throw_if_interrupted();
    const std::string stamp = stamp_of(examine.folder, pairs[i]);
    volumes[i].pair = pairs[i];
    if (const std::optional<std::string> known = journal.find(stamp)) {
      volumes[i].examined = volume_from_json(json::parse(*known));
    } else {
      volumes[i].examined = examine_volume(pairs[i], examine);
      journal.append(
          stamp, to_json(volumes[i].examined).dump(-1, ' ', true, json::error_handler_t::replace));
    }
    const std::lock_guard lock(mutex);
    progress.advance();
  });
  return volumes;
}

void append(std::vector<DataFault>& faults, std::vector<DataFault> more) {
  std::ranges::move(more, std::back_inserter(faults));
}

}  // namespace

system::ExitCode ValidationResult::exit_code() const {
  const bool wrong = std::ranges::any_of(faults, [](const DataFault& f) { return !f.warning; });
  return wrong ? system::ExitCode::kRuleBroken : system::ExitCode::kPass;
}

ValidationResult validate_data(const ValidationOptions& options) {
  ExamineOptions examine;
  std::error_code error;
  examine.folder = fs::canonical(options.folder, error);
  if (error)
    system::fail(system::Code::kNotFound, "{}: {}", options.folder.string(), error.message());
  if (options.edition && options.edition->image_size > 0)
    examine.image_size = options.edition->image_size;

  DataTree tree = walk_data(examine.folder);
  ValidationResult result;
  std::optional<challenge::ManifestIndex> index;
  std::optional<ManifestComparison> comparison;
  std::string manifest_hash;
  if (options.manifest) {
    manifest_hash = challenge::verify_manifest(*options.manifest, options.public_key);
    index = challenge::load_manifest(*options.manifest, options.public_key);
    comparison.emplace(*index, examine.folder, tree.files);
    examine.hashed = [&](const auto& file, const auto& digest, const auto& content, auto& faults) {
      comparison->compare(file, digest, content, faults);
    };
    result.with_manifest = true;
  }

  const system::InterruptWatch watch;
  const std::string identity = identity_of(options, examine.image_size, manifest_hash);
  const fs::path file = journal_file(examine.folder);
  if (options.fresh) fs::remove(file, error);
  system::Journal journal(file, identity);
  const std::vector<SetVolume> volumes =
      examine_all(tree.volumes, examine, options.threads, journal);

  result.faults = std::move(tree.faults);
  for (const SetVolume& volume : volumes) {
    append(result.faults, volume.examined.faults);
    result.slices += std::ssize(volume.examined.slices);
    result.bytes += volume.examined.bytes;
  }
  result.volumes = std::ssize(volumes);
  append(result.faults, check_sets(volumes, options.edition ? &*options.edition : nullptr));
  append(result.faults, find_near_copies(volumes, options.threads));
  if (comparison) append(result.faults, comparison->missing());
  std::ranges::stable_sort(result.faults, [](const DataFault& a, const DataFault& b) {
    return std::tie(a.file, a.slices) < std::tie(b.file, b.slices);
  });
  journal.remove();
  return result;
}

json to_json(const ValidationResult& result) {
  json faults = json::array();
  for (const DataFault& fault : result.faults) faults.push_back(to_json(fault));
  return {{"schema", "reconproof.data-validation"},
          {"schema_version", 1},
          {"volumes", result.volumes},
          {"slices", result.slices},
          {"bytes", result.bytes},
          {"with_manifest", result.with_manifest},
          {"exit_code", static_cast<int>(result.exit_code())},
          {"faults", faults}};
}

std::string to_text(const ValidationResult& result) {
  std::string text;
  for (const DataFault& fault : result.faults) {
    text += fmt::format("{}  {}{}: {}\n       {} [{}]\n", fault.warning ? "warn " : "FAULT",
                        system::printable(fault.file), fault.place(),
                        system::printable(fault.reason), fault.advice, fault.kind);
  }
  const auto warnings = std::ranges::count_if(result.faults, &DataFault::warning);
  const auto errors = std::ssize(result.faults) - warnings;
  text +=
      fmt::format("{} volumes, {} slices, {:.3f} GB: {}\n", result.volumes, result.slices,
                  static_cast<double>(result.bytes) / 1e9,
                  result.faults.empty() ? "nothing wrong was found"
                                        : fmt::format("{} faults, {} warnings", errors, warnings));
  if (!result.with_manifest)
    text +=
        "Not compared with the organiser's manifest (--manifest): a small change of k-space and "
        "label alike would not be seen.\n";
  return text;
}

}  // namespace reconproof::checks
