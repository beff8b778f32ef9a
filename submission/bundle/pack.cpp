// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/pack.h"

#include <map>
#include <span>

#include "formats/archive_writer.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/collect.h"
#include "submission/bundle/payload_pipe.h"
#include "submission/bundle/shards.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

/// Writes the bag's entries in byte order of their names and keeps the digests for the manifests,
/// which come after what they list: data/ < manifest-sha256.txt < meta/ < tagmanifest-sha256.txt.
class BagWriter {
 public:
  BagWriter(std::string top, system::AtomicFile& file,
            const std::map<std::string, SourceFile>& payload)
      : top_(std::move(top)),
        tar_([&file](const void* data, size_t size) { file.write(data, size); }),
        pipe_(in_order(payload)) {
    tar_.add_folder(top_);
  }

  void add_folder(const std::string& path) { tar_.add_folder(top_ + "/" + path); }

  void add_text(const std::string& path, const std::string& text) {
    tar_.add_file(top_ + "/" + path, text);
    tags_[path] = system::sha256_hex(text);
    count(static_cast<int64_t>(text.size()));
  }

  /// Of all that was announced, in that order.
  void add_payload(const std::string& path, const SourceFile& source,
                   const std::function<void(int64_t)>& on_bytes) {
    tar_.begin_file(top_ + "/" + path, source.size,
                    path.starts_with("data/code/") && source.executable);
    for (auto bytes = pipe_.next(); !bytes.empty(); bytes = pipe_.next()) {
      tar_.write(bytes.data(), bytes.size());
      if (on_bytes) on_bytes(static_cast<int64_t>(bytes.size()));
    }
    count(source.size);
  }

  void end_payload() { pipe_.finish(); }

  /// The findings in the bundle must be those of the files in it.
  void expect_judged(const std::string& path, const std::string& judged) const {
    const auto packed = payload().find(path);
    if (packed != payload().end() && packed->second != judged) {
      fail(Code::kIntegrity,
           "{}: is not the file that `reconproof check` judged (SHA-256 {}, then {}); run it again",
           system::printable(path), packed->second, system::printable(judged));
    }
  }

  /// After `end_payload`.
  const Digests& payload() const { return pipe_.digests(); }
  const Shards& shards() const { return pipe_.shards(); }
  const Digests& tags() const { return tags_; }
  int64_t files() const { return files_; }
  int64_t bytes() const { return bytes_; }
  void finish() { tar_.finish(); }

 private:
  static PayloadPipe::Files in_order(const std::map<std::string, SourceFile>& payload) {
    PayloadPipe::Files files;
    for (const auto& [path, source] : payload) files.emplace_back(path, &source);
    return files;
  }

  void count(int64_t bytes) {
    ++files_;
    bytes_ += bytes;
  }

  std::string top_;
  formats::ArchiveWriter tar_;
  PayloadPipe pipe_;
  Digests tags_;
  int64_t files_ = 0, bytes_ = 0;
};

/// The payload with its folders (null) in byte order: "code/a" comes before "code/a-b", and that
/// before "code/a/x".
std::map<std::string, const SourceFile*> with_folders(
    const std::map<std::string, SourceFile>& payload) {
  std::map<std::string, const SourceFile*> entries;
  for (const auto& [path, source] : payload) {
    entries[path] = &source;
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      entries.emplace(path.substr(0, slash), nullptr);
    }
  }
  return entries;
}

}  // namespace

PackResult pack(const Project& project, const fs::path& out, const PackOptions& options) {
  project.expect_free(out);
  if (fs::is_directory(out)) {
    fail(Code::kUsage, "{}: is a folder; name the bundle's file, such as {}", out.string(),
         (out / (bag_folder_name(project.name) + ".tar")).string());
  }
  system::remove_abandoned_of(out);  // it may lie among the code
  Collection collection = collect(project, {HandInForm::kBundle, options.unchecked, out});
  // A date only where the caller fixes it: a bag of the same inputs is the same on every day.
  BagInfo info{project.name, formats::source_date().value_or(""), 0, 0};
  for (const auto& [path, source] : collection.payload) {
    info.payload_bytes += source.size;
    ++info.payload_files;
  }
  if (options.on_begin) options.on_begin(info.payload_bytes);

  system::AtomicFile file(out);
  BagWriter bag(bag_folder_name(project.name), file, collection.payload);
  bag.add_text(kBagInfoFile, bag_info_text(info));
  bag.add_text(kBagitFile, kBagitText);
  for (const auto& [path, source] : with_folders(collection.payload)) {
    if (source) {
      bag.add_payload(path, *source, options.on_bytes);
    } else {
      bag.add_folder(path);
    }
  }
  bag.end_payload();
  for (const auto& [path, judged] : collection.judged) bag.expect_judged(path, judged);
  bag.add_text(kManifestFile, manifest_text(bag.payload()));
  collection.meta[kShardsFile] = shards_text(bag.shards());
  bag.add_folder("meta");
  for (const auto& [path, text] : collection.meta) bag.add_text(path, text);
  const std::string tag_manifest = manifest_text(bag.tags());
  bag.add_text(kTagManifestFile, tag_manifest);
  bag.finish();
  file.commit();
  return {system::sha256_hex(tag_manifest), bag.files(), bag.bytes(), collection.warnings};
}

}  // namespace reconproof::submission
