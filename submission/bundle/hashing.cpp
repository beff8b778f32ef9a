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

/// One worker's work: a whole file, or some parts of one whose states are known.
struct Piece {
  FileEntry* file;
  const std::vector<std::string>* states;  // null: the whole file
  int64_t begin, size;
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

  /// Several pieces a thread, so that none waits long for another; as few as that, because each one
  /// begins with an idle disk.
  void add(FileEntry& file, std::vector<Piece>& pieces) const {
    constexpr int64_t kPiecesOfThread = 8;
    const std::vector<std::string>* states = states_of(file);
    const int64_t size = file.second.size;
    int64_t step = std::max<int64_t>(size, 1);
    if (states) {
      const auto threads = static_cast<int64_t>(system::thread_count(options_.threads));
      const auto parts = static_cast<int64_t>(states->size()) + 1;
      step = kShardBytes * std::max<int64_t>(parts / (kPiecesOfThread * threads), 1);
    }
    int64_t begin = 0;
    do {
      pieces.push_back({&file, states, begin, std::min(step, size - begin)});
      begin += step;
    } while (begin < size);
  }

  void hash_all(const std::vector<Piece>& pieces, const FolderWriter* copy_to) {
    std::vector<std::vector<int64_t>> damaged(pieces.size());
    system::for_each_index(pieces.size(), options_.threads,
                           [&](size_t i) { damaged[i] = hash(pieces[i], copy_to); });
    for (size_t i = 0; i < pieces.size(); ++i) {
      auto& of_file = pieces[i].file->second.damaged_parts;
      of_file.insert(of_file.end(), damaged[i].begin(), damaged[i].end());
    }
  }

  /// The parts that do not lead from the state before them to the one after. A whole file's SHA-256
  /// is written down, for the judge.
  std::vector<int64_t> hash(const Piece& piece, const FolderWriter* copy_to) const {
    auto& [path, file] = *piece.file;
    std::vector<int64_t> damaged;
    Sha256 hash = state_at(piece, piece.begin);
    int64_t offset = piece.begin;
    read(piece, copy_to, [&](std::span<const char> bytes) {
      while (!bytes.empty()) {
        const int64_t part = piece.states ? offset / kShardBytes : 0;
        const int64_t end =
            piece.states ? std::min((part + 1) * kShardBytes, file.size) : file.size;
        const auto some = std::min(bytes.size(), static_cast<size_t>(end - offset));
        hash.update(bytes.data(), some);
        bytes = bytes.subspan(some);
        offset += static_cast<int64_t>(some);
        if (offset < end || !piece.states) continue;
        if (!is_right(piece, part, hash)) damaged.push_back(part);
        if (end < file.size) hash = state_at(piece, end);
      }
    });
    if (!piece.states) file.sha256 = hash.hex();
    return damaged;
  }

  /// As the bundle's list has it; at a file's beginning, that of no bytes.
  static Sha256 state_at(const Piece& piece, int64_t offset) {
    if (offset == 0) return Sha256();
    return Sha256::resume(piece.states->at(static_cast<size_t>(offset / kShardBytes) - 1), offset);
  }

  bool is_right(const Piece& piece, int64_t part, Sha256& hash) const {
    const auto which = static_cast<size_t>(part);
    if (which == piece.states->size()) return hash.hex() == digests_.at(piece.file->first);
    return hash.chaining_value() == (*piece.states)[which];
  }

  void read(const Piece& piece, const FolderWriter* copy_to,
            const std::function<void(std::span<const char>)>& take) const {
    const std::string& path = piece.file->first;
    const Place place = bag_.locate(path);
    const system::Descriptor copy = copy_to ? copy_to->open_file(path) : system::Descriptor();
    ReadAhead bytes(place, piece.begin, piece.size, buffers_);
    int64_t offset = piece.begin;
    for (auto some = bytes.next(); !some.empty(); some = bytes.next()) {
      system::InterruptWatch::throw_if_interrupted();
      take(some);
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
