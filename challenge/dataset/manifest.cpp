// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reading a manifest; manifest_writer.cpp makes one.
#include "challenge/dataset/manifest.h"

#include <nlohmann/json.hpp>

#include "challenge/dataset/manifest_format.h"
#include "formats/dsse.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::challenge {

namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr size_t kMaxLine = size_t{64} << 20;

/// Below the folder, and nowhere else.
bool is_plain_path(const std::string& path) {
  const fs::path parts(path);
  if (path.empty() || parts.is_absolute() || parts.lexically_normal() != parts) return false;
  for (const fs::path& part : parts)
    if (part == ".." || part.empty()) return false;
  return true;
}

std::map<std::string, std::vector<std::string>> lists_of(const json& value) {
  return value.get<std::map<std::string, std::vector<std::string>>>();
}

void expect_hashes(const std::map<std::string, std::vector<std::string>>& lists, bool empty_too,
                   const std::string& where) {
  for (const auto& [_, hashes] : lists) {
    for (const std::string& hash : hashes) {
      if (!system::is_sha256(hash) && !(empty_too && hash.empty()))
        fail(Code::kCorrupt, "{}: no SHA-256 in hexadecimal digits", where);
    }
  }
}

}  // namespace

std::string manifest_line(const ManifestEntry& entry) {
  json datasets = json::object();
  for (const auto& [name, set] : entry.datasets)
    datasets[name] = {{"type", set.type}, {"shape", set.shape}};
  json line = {{"path", entry.path},
               {"bytes", entry.bytes},
               {"sha256", entry.sha256},
               {"datasets", datasets},
               {"attributes", entry.attributes},
               {"prefix_sha256", entry.prefixes},
               {"slice_sha256", entry.content}};
  if (!entry.fingerprints.empty()) line["fingerprints"] = entry.fingerprints;
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

ManifestEntry parse_manifest_line(const std::string& line, const std::string& name) {
  const json value = formats::parse_strict_json(line, name);
  ManifestEntry entry;
  try {
    entry.path = value.at("path").get<std::string>();
    entry.bytes = value.at("bytes").get<int64_t>();
    entry.sha256 = value.at("sha256").get<std::string>();
    for (const auto& [set, what] : value.at("datasets").items())
      entry.datasets[set] = {what.at("type").get<std::string>(),
                             what.at("shape").get<formats::Shape>()};
    entry.attributes = value.at("attributes").get<std::map<std::string, std::string>>();
    entry.prefixes = lists_of(value.at("prefix_sha256"));
    entry.content = lists_of(value.at("slice_sha256"));
    if (value.contains("fingerprints"))
      entry.fingerprints = value["fingerprints"].get<std::vector<std::string>>();
  } catch (const json::exception& error) {
    fail(Code::kCorrupt, "{}: no entry of a manifest: {}", name, system::printable(error.what()));
  }
  if (!is_plain_path(entry.path))
    fail(Code::kCorrupt, "{}: '{}' is no path below the data", name, system::printable(entry.path));
  if (!system::is_sha256(entry.sha256) || entry.bytes < 0)
    fail(Code::kCorrupt, "{}: '{}' has no SHA-256 or no size", name, system::printable(entry.path));
  expect_hashes(entry.prefixes, false, name);
  expect_hashes(entry.content, true, name);
  return entry;
}

// ---- reader ----

ManifestReader::ManifestReader(const fs::path& file) : name_(file.string()) {
  system::open_for_reading(file);  // says what is wrong
  stream_.open(file, std::ios::binary);
  std::string line;
  if (!read_line(line))
    fail(Code::kCorrupt, "{}: empty, expected a manifest of `reconproof data manifest`", name_);
  const json head =
      formats::parse_schema_json(line, name_ + ": line 1", kManifestSchema, kManifestVersion);
  const auto version = head.find("fingerprint_version");
  if (version != head.end() && version->is_number_integer())
    fingerprint_version_ = version->get<int>();
}

bool ManifestReader::read_line(std::string& line) {
  line.clear();
  // Not std::getline: a file without line ends must not fill the memory.
  for (int c = stream_.get(); c != std::char_traits<char>::eof(); c = stream_.get()) {
    if (c == '\n') {
      ++line_;
      return true;
    }
    if (line.size() >= kMaxLine)
      fail(Code::kCorrupt, "{}: line {} is longer than 64 MiB", name_, line_ + 1);
    line.push_back(static_cast<char>(c));
  }
  if (!line.empty()) fail(Code::kCorrupt, "{}: cut off in line {}; get it again", name_, line_ + 1);
  return false;
}

void ManifestReader::finish(const std::string& line) {
  const json tail = formats::parse_strict_json(line, name_);
  if (tail.value("files", int64_t{-1}) != files_ || tail.value("bytes", int64_t{-1}) != bytes_) {
    fail(Code::kCorrupt,
         "{}: the last line counts other files or bytes than there are; get it again", name_);
  }
  std::string more;
  if (read_line(more)) fail(Code::kCorrupt, "{}: goes on behind its last line", name_);
}

std::optional<ManifestEntry> ManifestReader::next() {
  std::string line;
  if (!read_line(line)) fail(Code::kCorrupt, "{}: cut off; its last line is missing", name_);
  if (line.starts_with("{\"bytes\":") && line.find("\"path\":") == std::string::npos) {
    finish(line);
    return std::nullopt;
  }
  ManifestEntry entry = parse_manifest_line(line, fmt::format("{}: line {}", name_, line_));
  if (files_ > 0 && entry.path <= last_path_) {
    fail(Code::kCorrupt, "{}: line {}: '{}' is not behind '{}', expected sorted paths", name_,
         line_, system::printable(entry.path), system::printable(last_path_));
  }
  last_path_ = entry.path;
  ++files_;
  bytes_ += entry.bytes;
  return entry;
}

// ---- signature ----

fs::path manifest_signature(const fs::path& manifest) { return manifest.string() + ".dsse.json"; }

std::string verify_manifest(const fs::path& manifest, const std::optional<system::PublicKey>& key) {
  const std::string hash = system::sha256_file(manifest);
  if (!key) return hash;
  const fs::path file = manifest_signature(manifest);
  const std::string name = file.string();
  const formats::DsseEnvelope envelope = formats::parse_dsse(system::read_file(file), name);
  formats::dsse_verify(envelope, *key, name);
  const formats::Statement statement = formats::parse_statement(envelope, kManifestPredicate, name);
  if (statement.subjects.size() != 1 || statement.subjects[0].sha256 != hash) {
    fail(Code::kIntegrity,
         "{}: is signed for other bytes than those of {}; get both again from the organiser", name,
         manifest.string());
  }
  return hash;
}

ManifestIndex load_manifest(const fs::path& manifest, const std::optional<system::PublicKey>& key) {
  verify_manifest(manifest, key);
  ManifestIndex index;
  ManifestReader reader(manifest);
  while (std::optional<ManifestEntry> entry = reader.next()) {
    index.path_of_hash.emplace(entry->sha256, entry->path);
    for (const auto& [_, hashes] : entry->content) {
      for (size_t slice = 0; slice < hashes.size(); ++slice) {
        if (!hashes[slice].empty())
          index.place_of_slice.emplace(hashes[slice],
                                       fmt::format("{} slice {}", entry->path, slice));
      }
    }
    entry->fingerprints.clear();
    entry->fingerprints.shrink_to_fit();
    index.by_path.emplace(entry->path, std::move(*entry));
  }
  return index;
}

}  // namespace reconproof::challenge
