// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/manifest_comparison.h"

#include <algorithm>
#include <map>

#include "challenge/dataset/folder.h"
#include "challenge/dataset/slice_content.h"
#include "checks/families.h"
#include "system/error.h"
#include "system/files.h"
#include "system/parallel.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::FileDigest;
using challenge::Finding;
using challenge::ManifestEntry;
using challenge::ManifestIndex;
using challenge::Rule;
using challenge::Status;

namespace {

/// The folder of the manifest that the files lie in, by most of their names; of several (acc4,
/// acc8) the one that is called as `folder`.
std::string find_prefix(const ManifestIndex& index, const fs::path& folder,
                        const std::set<std::string>& files) {
  const std::string here = "/" + folder.generic_string() + "/";
  std::map<std::string, int64_t> votes;
  for (const auto& [path, _] : index.by_path) {
    for (size_t at = 0; at != std::string::npos;) {
      if (files.contains(path.substr(at))) ++votes[path.substr(0, at)];
      at = path.find('/', at);
      if (at != std::string::npos) ++at;
    }
  }
  std::string best;
  int64_t most = 0;
  for (const auto& [prefix, count] : votes) {
    const bool named = count == most && here.ends_with("/" + prefix);
    if (count < most || (count == most && !named)) continue;
    best = prefix;
    most = count;
  }
  return best;
}

/// Of which slices of the manifest a file's are, in words; empty where none is known.
std::string origin_text(const ManifestIndex& index, const ContentBySet& content) {
  int64_t known = 0, all = 0;
  std::string first;
  for (const auto& [_, hashes] : content) {
    for (const std::string& hash : hashes) {
      if (hash.empty()) continue;
      ++all;
      const auto found = index.place_of_slice.find(hash);
      if (found == index.place_of_slice.end()) continue;
      ++known;
      if (first.empty()) first = found->second;
    }
  }
  if (known == 0) return "";
  return fmt::format("{} of its {} slices are the organiser's ({}, ...)", known, all, first);
}

}  // namespace

Difference first_difference(const ManifestEntry& entry, const FileDigest& digest,
                            const ContentBySet& content) {
  for (const auto& [set, prefixes] : digest.prefixes) {
    const auto known = entry.prefixes.find(set);
    if (known == entry.prefixes.end() || known->second.empty() || prefixes.empty() ||
        known->second[0] != prefixes[0])
      continue;
    const size_t common = std::min(known->second.size(), prefixes.size());
    for (size_t i = 1; i < common; ++i) {
      if (known->second[i] == prefixes[i]) continue;
      const int64_t slice = static_cast<int64_t>(i) - 1;
      return {slice, fmt::format("'{}' differs from slice {} on", set, slice)};
    }
  }
  for (const auto& [set, hashes] : content) {
    const auto known = entry.content.find(set);
    if (known == entry.content.end()) continue;
    for (size_t i = 0; i < std::min(hashes.size(), known->second.size()); ++i) {
      if (hashes[i] != known->second[i])
        return {static_cast<int64_t>(i), fmt::format("'{}' differs in slice {}", set, i)};
    }
  }
  return {std::nullopt, digest.bytes == entry.bytes
                            ? "it differs outside of its slices: attributes, or how it is stored"
                            : fmt::format("it has {} bytes, not {}", digest.bytes, entry.bytes)};
}

ManifestComparison::ManifestComparison(const ManifestIndex& index, const fs::path& folder,
                                       const std::set<std::string>& files)
    : index_(index), files_(files), prefix_(find_prefix(index, folder, files)) {}

void ManifestComparison::compare(const std::string& file, const FileDigest& digest,
                                 const ContentBySet& content,
                                 std::vector<DataFault>& faults) const {
  const auto entry = index_.by_path.find(prefix_ + file);
  if (entry != index_.by_path.end() && entry->second.sha256 == digest.sha256) return;
  const auto elsewhere = index_.path_of_hash.find(digest.sha256);
  if (elsewhere != index_.path_of_hash.end()) {
    faults.push_back({"renamed",
                      false,
                      file,
                      {},
                      fmt::format("is the organiser's {}, under another name", elsewhere->second),
                      "Give both files of the volume their names back."});
    return;
  }
  if (entry != index_.by_path.end()) {
    const Difference difference = first_difference(entry->second, digest, content);
    std::vector<int64_t> slices;
    if (difference.slice) slices.push_back(*difference.slice);
    faults.push_back({"altered", false, file, slices,
                      "is not the organiser's file: " + difference.text,
                      "Copy the file again from the organiser's data."});
    return;
  }
  const std::string origin = origin_text(index_, content);
  faults.push_back({"external",
                    false,
                    file,
                    {},
                    "is not in the manifest: " +
                        (origin.empty() ? "none of its slices is the organiser's" : origin),
                    "Remove it from training: only the organiser's data may be used."});
}

std::vector<DataFault> ManifestComparison::missing() const {
  std::set<std::string> folders;
  for (const std::string& file : files_)
    folders.insert(fs::path(file).parent_path().generic_string());
  std::vector<DataFault> faults;
  for (const auto& [path, _] : index_.by_path) {
    if (!path.starts_with(prefix_)) continue;
    const std::string file = path.substr(prefix_.size());
    if (files_.contains(file) || !folders.contains(fs::path(file).parent_path().generic_string()))
      continue;
    faults.push_back({"missing",
                      false,
                      file,
                      {},
                      "is in the manifest, but not here",
                      "Copy it from the organiser's data."});
  }
  return faults;
}

// ---- the rule ----

namespace {

/// A file of training data that is not in the manifest, in words; empty where it is.
std::string foreign_text(const ManifestIndex& index, const fs::path& path) {
  challenge::VolumeStream stream(path);
  std::vector<std::string> sets;
  std::map<std::string, challenge::SliceContent> contents;
  for (const auto& [name, set] : stream.file().info().datasets) {
    const bool kspace =
        name == challenge::kKspaceSet && set.type_text() == "complex64" && set.shape.size() == 4;
    const bool label =
        name == challenge::kLabelSet && set.type_text() == "float32" && set.shape.size() == 3;
    if ((!kspace && !label) || set.shape.back() == 0) continue;
    formats::element_count({set.shape.end() - 2, set.shape.end()}, path.string() + ": " + name,
                           int64_t{1} << 27);
    sets.push_back(name);
    contents.emplace(name, challenge::SliceContent(name, set.shape));
  }
  ContentBySet content;
  const FileDigest digest = stream.visit_and_hash(sets, [&](const challenge::Plane& plane) {
    contents.at(plane.set).add(plane);
    if (plane.last) content[plane.set].push_back(contents.at(plane.set).finish());
  });
  if (index.path_of_hash.contains(digest.sha256)) return "";
  const std::string origin = origin_text(index, content);
  return origin.empty() ? "none of its slices is in the manifest" : "altered: " + origin;
}

}  // namespace

ManifestResult compare_with_manifest(const ManifestIndex& index,
                                     const std::vector<fs::path>& training) {
  struct File {
    fs::path path;
    std::string name, text;
  };
  std::vector<File> files;
  for (const fs::path& folder : training) {
    for (const char* kind : {challenge::kKspaceFolder, challenge::kImageFolder}) {
      if (!system::is_folder(folder / kind)) continue;
      for (const fs::path& path : challenge::volumes_in(folder / kind))
        files.push_back({path, (folder.filename() / kind / path.filename()).generic_string(), ""});
    }
  }
  system::Progress progress("comparing with the manifest", std::ssize(files));
  std::mutex mutex;
  system::for_each_index(files.size(), 0, [&](size_t i) {
    try {
      files[i].text = foreign_text(index, files[i].path);
    } catch (const system::Error& error) {
      if (error.code() != system::Code::kCorrupt) throw;
      files[i].text = std::string("unreadable: ") + error.what();
    }
    const std::lock_guard lock(mutex);
    progress.advance();
  });
  ManifestResult result{std::ssize(files), {}};
  for (const File& file : files)
    if (!file.text.empty()) result.foreign.push_back(file.name + ": " + file.text);
  return result;
}

Finding check_manifest(const Facts& facts, const Rule& rule) {
  if (!facts.manifest) {
    // A team may have no manifest: that is no fault of its own.
    const bool given = !facts.manifest_absent_reason.empty();
    return challenge::make_finding(
        facts.edition, rule, given ? Status::kInconclusive : Status::kNotApplicable,
        given ? facts.manifest_absent_reason
              : "not compared: give the organiser's list of files with --data-manifest");
  }
  const ManifestResult& result = *facts.manifest;
  const bool pass = result.foreign.empty();
  if (pass && (result.files == 0 || !facts.manifest_absent_reason.empty())) {
    return challenge::make_finding(
        facts.edition, rule, Status::kInconclusive,
        result.files == 0 ? "there is no volume to compare" : facts.manifest_absent_reason);
  }
  Finding finding = challenge::make_finding(
      facts.edition, rule, pass ? Status::kPass : Status::kFail,
      pass ? fmt::format("all {} files of the training data are the organiser's", result.files)
           : fmt::format("{} of {} files of the training data are not the organiser's",
                         result.foreign.size(), result.files));
  finding.measured = result.foreign.size();
  finding.unit = "files";
  finding.evidence = result.foreign;
  return finding;
}

}  // namespace reconproof::checks
