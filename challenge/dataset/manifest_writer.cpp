// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "challenge/dataset/fingerprint.h"
#include "challenge/dataset/folder.h"
#include "challenge/dataset/manifest.h"
#include "challenge/dataset/manifest_format.h"
#include "challenge/dataset/slice_content.h"
#include "challenge/dataset/volume_stream.h"
#include "formats/dsse.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/journal.h"
#include "system/parallel.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::challenge {

namespace fs = std::filesystem;
using formats::DatasetInfo;
using formats::ElementKind;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

/// Locale and platform do not change how a number looks.
std::string attribute_text(const formats::Attribute& attribute) {
  if (!attribute.number) return attribute.text;
  return attribute.bytes == 4 ? fmt::format("{}", static_cast<float>(*attribute.number))
                              : fmt::format("{}", *attribute.number);
}

bool holds_slices(const DatasetInfo& set) {
  const bool complex = set.kind == ElementKind::kComplex && set.bytes == 8;
  const bool real = set.kind == ElementKind::kFloat && set.bytes == 4;
  return (complex && set.shape.size() == 4) || (real && set.shape.size() == 3);
}

/// What is known of an HDF5 file after one pass over it.
void look_into_volume(const fs::path& path, ManifestEntry& entry) {
  VolumeStream stream(path);
  const formats::FileInfo& info = stream.file().info();
  std::vector<std::string> sets;
  std::map<std::string, SliceContent> contents;
  for (const auto& [name, set] : info.datasets) {
    entry.datasets[name] = {set.type_text(), set.shape};
    if (!holds_slices(set) || set.shape.back() == 0) continue;
    formats::element_count({set.shape.end() - 2, set.shape.end()}, path.string() + ": " + name,
                           int64_t{1} << 27);
    sets.push_back(name);
    contents.emplace(name, SliceContent(name, set.shape));
    entry.content[name];
  }
  for (const auto& [name, attribute] : info.attributes)
    entry.attributes[name] = attribute_text(attribute);
  FileDigest digest = stream.visit_and_hash(sets, [&](const Plane& plane) {
    SliceContent& content = contents.at(plane.set);
    content.add(plane);
    if (!plane.last) return;
    entry.content[plane.set].push_back(content.finish());
    if (plane.set == kLabelSet) {
      const formats::Shape& shape = info.datasets.at(kLabelSet).shape;
      entry.fingerprints.push_back(to_text(fingerprint_image(plane.real, shape[1], shape[2])));
    }
  });
  entry.bytes = digest.bytes;
  entry.sha256 = std::move(digest.sha256);
  entry.prefixes = std::move(digest.prefixes);
}

ManifestEntry look_at(const fs::path& folder, const fs::path& file) {
  ManifestEntry entry;
  entry.path = file.generic_string();
  const fs::path path = folder / file;
  if (file.extension() == ".h5") {
    look_into_volume(path, entry);
  } else {
    entry.sha256 = system::sha256_file(path);
    entry.bytes = static_cast<int64_t>(fs::file_size(path));
  }
  return entry;
}

/// In byte order of their paths, hidden ones left out.
std::vector<fs::path> files_of(const ManifestOptions& options) {
  std::vector<fs::path> links, files;
  std::error_code ignored;
  const fs::path out = fs::weakly_canonical(options.out, ignored);
  for (const fs::path& file : system::files_below(options.folder, &links)) {
    const bool hidden =
        std::ranges::any_of(file, [](const fs::path& part) { return part.string()[0] == '.'; });
    const std::string path = fs::weakly_canonical(options.folder / file, ignored).string();
    if (!hidden && !path.starts_with(out.string())) files.push_back(file);
  }
  if (!links.empty()) {
    fail(Code::kCorrupt, "{}: is a link; a manifest speaks of files, put the file itself there",
         (options.folder / links[0]).string());
  }
  if (files.empty()) fail(Code::kNotFound, "{}: no files", options.folder.string());
  std::ranges::sort(files, {}, [](const fs::path& path) { return path.generic_string(); });
  return files;
}

[[noreturn]] void fail_changed(const fs::path& path) {
  fail(Code::kIo, "{}: was changed while it was read; run again when nobody writes to it",
       path.string());
}

/// Hashes what the journal does not know yet.
void hash_files(const ManifestOptions& options, const std::vector<fs::path>& files,
                system::Journal& journal) {
  system::Progress progress("hashing", std::ssize(files));
  std::mutex mutex;
  system::for_each_index(files.size(), options.threads, [&](size_t index) {
    system::InterruptWatch::throw_if_interrupted();
    const fs::path path = options.folder / files[index];
    const std::string stamp = system::file_stamp(path);
    if (!journal.find(stamp)) {
      const std::string line = manifest_line(look_at(options.folder, files[index]));
      if (system::file_stamp(path) != stamp) fail_changed(path);
      journal.append(stamp, line);
    }
    const std::lock_guard lock(mutex);
    progress.advance();
  });
}

/// Threads finish in any order; the manifest has that of the paths.
ManifestSummary write_lines(const ManifestOptions& options, const std::vector<fs::path>& files,
                            const system::Journal& journal) {
  system::AtomicFile out(options.out);
  system::Sha256 hash;
  ManifestSummary summary;
  const auto write = [&](const std::string& line) {
    out.write(line + "\n");
    hash.update(line + "\n");
  };
  write(json({{"schema", kManifestSchema},
              {"schema_version", kManifestVersion},
              {"fingerprint_version", kFingerprintVersion}})
            .dump());
  for (const fs::path& file : files) {
    const std::optional<std::string> line = journal.find(system::file_stamp(options.folder / file));
    if (!line) fail_changed(options.folder / file);
    write(*line);
    ++summary.files;
    summary.bytes += parse_manifest_line(*line, options.out.string()).bytes;
  }
  write(json({{"bytes", summary.bytes}, {"files", summary.files}}).dump());
  summary.sha256 = hash.hex();
  out.commit();
  return summary;
}

void sign_manifest(const ManifestOptions& options, const ManifestSummary& summary,
                   const system::SigningKey& key) {
  const formats::Statement statement{{{options.out.filename().string(), summary.sha256}},
                                     kManifestPredicate,
                                     {{"files", summary.files}, {"bytes", summary.bytes}}};
  system::write_file(manifest_signature(options.out),
                     formats::dsse_text(formats::dsse_sign(formats::kInTotoPayloadType,
                                                           statement_text(statement), key)));
}

}  // namespace

ManifestSummary write_manifest(const ManifestOptions& options) {
  std::optional<system::SigningKey> key;
  if (options.key) key = system::SigningKey::read(*options.key);  // before hours of work
  const std::vector<fs::path> files = files_of(options);
  const system::InterruptWatch watch;
  system::Journal journal(
      options.out.string() + ".journal",
      fmt::format("{} {} {}", kManifestSchema, kManifestVersion, kFingerprintVersion));
  hash_files(options, files, journal);
  const ManifestSummary summary = write_lines(options, files, journal);
  if (key) sign_manifest(options, summary, *key);
  journal.remove();
  return summary;
}

}  // namespace reconproof::challenge
