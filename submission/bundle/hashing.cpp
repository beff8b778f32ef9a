// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/hashing.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "submission/bundle/read_ahead.h"
#include "submission/bundle/shards.h"
#include "system/error.h"
#include "system/interrupt.h"
#include "system/lists.h"
#include "system/parallel.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {

using system::Sha256;

namespace {

using FileEntry = std::map<std::string, Inventory::File>::value_type;

/// One worker's work: a whole file, or a part of one whose states are known.
struct Piece {
  FileEntry* file;
  const std::vector<std::string>* states;  // null: the whole file
  int64_t part, size;
};

Digests digests_in(const Inventory& inventory, const char* manifest) {
  const auto text = inventory.texts.find(manifest);
  std::vector<BundleProblem> reported_by_the_judge;
  return text == inventory.texts.end()
             ? Digests()
             : parse_manifest(text->second, manifest, reported_by_the_judge);
}

void accuse_shards(Inventory& inventory, const std::string& message) {
  inventory.problems.push_back({"schema", kShardsFile, message, system::ExitCode::kMalformed});
}

/// Nothing where the file is absent, or changed since it was packed: the judge says so.
std::optional<Shards> trusted_shards(Inventory& inventory) {
  const auto text = inventory.texts.find(kShardsFile);
  if (text == inventory.texts.end()) return std::nullopt;
  const Digests tags = digests_in(inventory, kTagManifestFile);
  const auto digest = tags.find(kShardsFile);
  if (digest == tags.end() || digest->second != inventory.files.at(kShardsFile).sha256)
    return std::nullopt;
  try {
    return parse_shards(text->second);
  } catch (const system::Error& error) {
    accuse_shards(inventory, error.what());
    return std::nullopt;
  }
}

/// Does the list give as many states as a file of this size has?
bool fits(const Shards& shards, const FileEntry& file) {
  const auto found = shards.find(file.first);
  const auto many = found == shards.end() ? 0 : static_cast<int64_t>(found->second.size());
  return many == shard_boundaries(file.second.size);
}

class Hasher {
 public:
  Hasher(OpenBag& bag, const HashOptions& options)
      : bag_(bag),
        options_(options),
        digests_(digests_in(bag.inventory, kManifestFile)),
        shards_(trusted_shards(bag.inventory)) {}

  void run() {
    std::vector<Piece> pieces;
    for (FileEntry& file : bag_.inventory.files) {
      if (file.second.sha256.empty() && is_wanted(file.first, options_.parts)) add(file, pieces);
    }
    // The last pieces to be begun are then the shortest, and no thread works on long after another.
    std::ranges::stable_sort(pieces, std::greater(), &Piece::size);
    hash_all(pieces, options_.copy_to);
    hash_whole_what_failed();
    judge_shards();
  }

 private:
  const std::vector<std::string>* states_of(const FileEntry& file) const {
    if (!shards_ || !digests_.contains(file.first) || !fits(*shards_, file)) return nullptr;
    const auto found = shards_->find(file.first);
    return found == shards_->end() ? nullptr : &found->second;
  }

  void add(FileEntry& file, std::vector<Piece>& pieces) const {
    const std::vector<std::string>* states = states_of(file);
    const int64_t step = states ? kShardBytes : std::max<int64_t>(file.second.size, 1);
    const int64_t parts = states ? static_cast<int64_t>(states->size()) + 1 : 1;
    for (int64_t part = 0; part < parts; ++part) {
      pieces.push_back({&file, states, part, std::min(step, file.second.size - part * step)});
    }
  }

  void hash_all(const std::vector<Piece>& pieces, const FolderWriter* copy_to) {
    std::vector<char> right(pieces.size());
    system::for_each_index(pieces.size(), options_.threads,
                           [&](size_t i) { right[i] = hash(pieces[i], copy_to); });
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (!right[i]) pieces[i].file->second.damaged_parts.push_back(pieces[i].part);
    }
  }

  /// False for a part that does not lead from the state before it to the one after it. A whole
  /// file's SHA-256 is written down, for the judge.
  bool hash(const Piece& piece, const FolderWriter* copy_to) const {
    auto& [path, file] = *piece.file;
    const int64_t begin = piece.part * kShardBytes;
    const auto part = static_cast<size_t>(piece.part);
    Sha256 hash = part == 0 ? Sha256() : Sha256::resume((*piece.states)[part - 1], begin);
    read(path, begin, piece.size, copy_to, hash);
    if (!piece.states) {
      file.sha256 = hash.hex();
      return true;
    }
    const bool last = part == piece.states->size();
    return last ? hash.hex() == digests_.at(path) : hash.chaining_value() == (*piece.states)[part];
  }

  void read(const std::string& path, int64_t begin, int64_t size, const FolderWriter* copy_to,
            Sha256& hash) const {
    const Place place = bag_.locate(path);
    const system::Descriptor copy = copy_to ? copy_to->open_file(path) : system::Descriptor();
    ReadAhead bytes(place, begin, size, buffers_);
    for (int64_t offset = begin;;) {
      system::InterruptWatch::throw_if_interrupted();
      const std::span<const char> some = bytes.next();
      if (some.empty()) return;
      hash.update(some.data(), some.size());
      if (copy_to) copy_to->write(copy, path, offset, some.data(), some.size());
      offset += static_cast<int64_t>(some.size());
    }
  }

  /// A file whose parts all hold has the manifest's SHA-256. Of any other the whole is hashed, in
  /// one piece: either it is damaged, or the states are wrong.
  void hash_whole_what_failed() {
    std::vector<Piece> pieces;
    for (FileEntry& entry : bag_.inventory.files) {
      auto& [path, file] = entry;
      if (!file.sha256.empty() || !is_wanted(path, options_.parts)) continue;
      if (file.damaged_parts.empty())
        file.sha256 = digests_.at(path);
      else
        pieces.push_back({&entry, nullptr, 0, file.size});
    }
    hash_all(pieces, nullptr);
  }

  /// meta/shards.json is wrong about a file that is right; about others it cannot be judged.
  void judge_shards() {
    if (!shards_) return;
    for (FileEntry& entry : bag_.inventory.files) {
      auto& [path, file] = entry;
      const auto digest = digests_.find(path);
      if (digest == digests_.end() || digest->second != file.sha256) continue;
      if (!fits(*shards_, entry)) {
        const auto found = shards_->find(path);
        accuse_shards(bag_.inventory,
                      fmt::format("has {} states for '{}', which is unchanged and has {}",
                                  found == shards_->end() ? 0 : found->second.size(), path,
                                  shard_boundaries(file.size)));
      } else if (!file.damaged_parts.empty()) {
        accuse_shards(bag_.inventory,
                      fmt::format("gives wrong states for '{}', which is unchanged", path));
        file.damaged_parts.clear();
      }
    }
    for (const auto& [path, states] : *shards_) {
      if (!digests_.contains(path)) {
        accuse_shards(bag_.inventory,
                      fmt::format("lists '{}', which is not in {}", path, kManifestFile));
      }
    }
  }

  /// Of all threads together no more than 64 MiB, however many there are (up to 32).
  static size_t buffers_of(int threads) {
    return std::clamp<size_t>(64 / system::thread_count(threads), 2, ReadAhead::kMostBuffers);
  }

  OpenBag& bag_;
  const HashOptions& options_;
  const size_t buffers_ = buffers_of(options_.threads);
  const Digests digests_;  // of the payload, as the manifest has them
  const std::optional<Shards> shards_;
};

}  // namespace

std::set<std::string> parse_parts(std::string_view text) {
  std::set<std::string> parts;
  for (const std::string& part : system::split_at_commas(text)) {
    if (std::ranges::find(kPayloadParts, part) == kPayloadParts.end()) {
      system::fail(system::Code::kUsage,
                   "'{}' is no part of a bundle; expected some of {}, with commas between",
                   system::printable(part), fmt::join(kPayloadParts, ", "));
    }
    parts.insert(part);
  }
  return parts;
}

bool is_wanted(const std::string& path, const std::set<std::string>& parts) {
  if (parts.empty() || !path.starts_with(kPayloadFolder)) return true;
  const size_t begin = std::string_view(kPayloadFolder).size();
  return parts.contains(path.substr(begin, path.find('/', begin) - begin));
}

void hash_files(OpenBag& bag, const HashOptions& options) {
  bag.inventory.parts = options.parts;
  if (!bag.inventory.complete) return;
  Hasher(bag, options).run();
  for (const auto& [path, file] : bag.inventory.files)
    RP_ASSERT(!file.sha256.empty() || !is_wanted(path, options.parts));
}

}  // namespace reconproof::submission
