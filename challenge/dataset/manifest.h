// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The organiser's manifest of a data set (docs/formats/data-manifest.md): every file with its hash
// and what it holds. JSON lines, sorted by path; the same data give the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/array.h"
#include "system/ed25519.h"

namespace reconproof::challenge {

struct ManifestEntry {
  struct Dataset {
    std::string type;  // "complex64"
    formats::Shape shape;
  };
  std::string path;  // below the data set's folder, '/' between names
  int64_t bytes = 0;
  std::string sha256;
  std::map<std::string, Dataset> datasets;
  std::map<std::string, std::string> attributes;  // numbers in their shortest decimal form
  /// By data set, for each slice: FileDigest::prefixes, and SliceContent.
  std::map<std::string, std::vector<std::string>> prefixes, content;
  std::vector<std::string> fingerprints;  // of the label's slices, as text
};

/// The line of a manifest, without its end.
std::string manifest_line(const ManifestEntry& entry);
/// kCorrupt with `name` for what `manifest_line` would not write.
ManifestEntry parse_manifest_line(const std::string& line, const std::string& name);

struct ManifestSummary {
  int64_t files = 0, bytes = 0;
  std::string sha256;  // of the manifest itself
};

/// Reads one after another; memory for one entry.
class ManifestReader {
 public:
  /// kNotFound; kCorrupt when it is no manifest of this version.
  explicit ManifestReader(const std::filesystem::path& file);

  /// Nothing after the last. kCorrupt for a malformed line, wrong order, or a file that was cut
  /// off.
  std::optional<ManifestEntry> next();
  int fingerprint_version() const { return fingerprint_version_; }

 private:
  bool read_line(std::string& line);
  void finish(const std::string& line);

  std::string name_;
  std::ifstream stream_;
  int64_t line_ = 0, files_ = 0, bytes_ = 0;
  int fingerprint_version_ = 0;
  std::string last_path_;
};

struct ManifestOptions {
  std::filesystem::path folder, out;
  int threads = 0;                           // 0: one a core
  std::optional<std::filesystem::path> key;  // signs FILE.dsse.json
};

/// Reads and hashes every file below the folder but hidden ones, and writes the manifest. A run
/// that was cut off goes on from OUT.journal. kCorrupt for links and for .h5 files that cannot be
/// read: a manifest is made of a healthy set.
ManifestSummary write_manifest(const ManifestOptions& options);

/// Where the signature of a manifest stands.
std::filesystem::path manifest_signature(const std::filesystem::path& manifest);

/// The manifest's hash. With a key: kNotFound where there is no signature, kIntegrity where it is
/// not this key's, or speaks of other bytes.
std::string verify_manifest(const std::filesystem::path& manifest,
                            const std::optional<system::PublicKey>& key);

/// A manifest in memory, without fingerprints: about 1 KiB a slice.
struct ManifestIndex {
  std::map<std::string, ManifestEntry> by_path;
  std::unordered_map<std::string, std::string> path_of_hash;    // SHA-256 -> path
  std::unordered_map<std::string, std::string> place_of_slice;  // content -> "path slice 3"
};

/// Verified as by `verify_manifest`.
ManifestIndex load_manifest(const std::filesystem::path& manifest,
                            const std::optional<system::PublicKey>& key);

}  // namespace reconproof::challenge
