// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Random single mutations of a bundle that `pack` made: each is refused, or proven to change
// nothing that a bundle says. Seeded: a failure names its number, which gives the same mutation
// again.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "formats/tar.h"
#include "submission/bundle/verify.h"
#include "system/error.h"
#include "tests/submission/sample_bundle.h"

#ifndef RECONPROOF_MUTATIONS
#define RECONPROOF_MUTATIONS 2000
#endif

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using system::ExitCode;

constexpr size_t kBlock = 512;

/// A source of random numbers that are the same on every machine.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  size_t below(size_t end) { return end == 0 ? 0 : engine_() % end; }
  size_t between(size_t low, size_t high) { return low + below(high - low + 1); }
  bool chance() { return below(2) == 0; }
  char byte() { return static_cast<char>(below(256)); }

 private:
  std::mt19937_64 engine_;
};

struct Range {
  size_t begin, size;
};

/// Some bytes, or whole blocks; never none, unless there are none.
Range some_range(const std::string& bytes, Dice& dice) {
  if (dice.chance() && bytes.size() >= kBlock) {
    const size_t blocks = bytes.size() / kBlock, begin = dice.below(blocks);
    return {begin * kBlock, dice.between(1, std::min<size_t>(4, blocks - begin)) * kBlock};
  }
  const size_t begin = dice.below(bytes.size());
  return {begin, std::min(dice.between(1, dice.chance() ? 8 : 1024), bytes.size() - begin)};
}

void flip_bit(std::string& bytes, Dice& dice) {
  if (bytes.empty()) return;
  char& byte = bytes[dice.below(bytes.size())];
  byte = static_cast<char>(byte ^ (1 << dice.below(8)));
}
void set_byte(std::string& bytes, Dice& dice) {
  if (!bytes.empty()) bytes[dice.below(bytes.size())] = dice.byte();
}
void remove_range(std::string& bytes, Dice& dice) {
  const Range range = some_range(bytes, dice);
  bytes.erase(range.begin, range.size);
}
void insert_range(std::string& bytes, Dice& dice) {
  std::string inserted(dice.chance() ? kBlock : dice.between(1, 1024), '\0');
  if (dice.chance()) std::ranges::generate(inserted, [&] { return dice.byte(); });
  bytes.insert(dice.below(bytes.size() + 1), inserted);
}
void cut_off(std::string& bytes, Dice& dice) { bytes.resize(dice.below(bytes.size())); }
void zero_range(std::string& bytes, Dice& dice) {
  const Range range = some_range(bytes, dice);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(range.begin), range.size, '\0');
}
void repeat_range(std::string& bytes, Dice& dice) {
  const Range range = some_range(bytes, dice);
  bytes.insert(range.begin, bytes.substr(range.begin, range.size));
}
/// Two ranges of one size, half of the time in one block: a header's checksum does not see that.
void swap_ranges(std::string& bytes, Dice& dice) {
  Range first = some_range(bytes, dice), second = some_range(bytes, dice);
  if (dice.chance()) {
    const size_t block = dice.below(bytes.size() / kBlock + 1) * kBlock;
    const size_t end = std::min(block + kBlock, bytes.size());
    if (block >= end) return;
    first = {block + dice.below(end - block), 12};
    second = {block + dice.below(end - block), 12};
    first.size = second.size =
        std::min(dice.between(1, 12), end - std::max(first.begin, second.begin));
  }
  const size_t size = std::min(first.size, second.size);
  const std::string one = bytes.substr(first.begin, size), two = bytes.substr(second.begin, size);
  if (one.size() != two.size()) return;
  bytes.replace(first.begin, size, two);
  bytes.replace(second.begin, size, one);
}

struct Mutation {
  const char* name;
  void (*apply)(std::string& bytes, Dice& dice);
};
constexpr Mutation kMutations[] = {{"flipped bit", flip_bit},  {"set byte", set_byte},
                                   {"deleted", remove_range},  {"inserted", insert_range},
                                   {"truncated", cut_off},     {"swapped", swap_ranges},
                                   {"repeated", repeat_range}, {"zeroed", zero_range}};

/// One entry of an archive: its headers and padded contents, and what it says.
struct Entry {
  std::string bytes, contents;
  size_t headers = 0;  // bytes of them
  bool folder = false, executable = false;

  bool says_the_same_as(const Entry& other) const {
    return contents == other.contents && folder == other.folder && executable == other.executable;
  }
};

std::map<std::string, Entry> entries_of(const fs::path& archive, const std::string& bytes) {
  std::map<std::string, Entry> entries;
  formats::TarReader reader(archive);
  size_t begin = 0;
  for (formats::TarEntry entry; reader.next(entry);) {
    const auto offset = static_cast<size_t>(entry.offset), size = static_cast<size_t>(entry.size);
    const size_t end = offset + (size + kBlock - 1) / kBlock * kBlock;
    entries[entry.name] = {bytes.substr(begin, end - begin), bytes.substr(offset, size),
                           offset - begin, entry.folder, entry.executable};
    begin = end;
  }
  return entries;
}

/// What of a header has no meaning for a bundle; "" for what has one. `extended`: of a header that
/// only carries a longer name for the next.
const char* meaningless_field(size_t offset, bool extended) {
  struct Field {
    size_t begin, end;
    const char* name;
  };
  constexpr Field kFields[] = {{100, 108, "mode, but for the executable bit"},
                               {108, 124, "uid, gid"},
                               {124, 136, "spelling of the size"},
                               {136, 148, "mtime"},
                               {148, 156, "checksum of such a change"},
                               {265, 329, "uname, gname"},
                               {329, 345, "device numbers"}};
  if (extended && offset < 100) return "name of an extended header";
  for (const Field& field : kFields) {
    if (offset >= field.begin && offset < field.end) return field.name;
  }
  return "";
}

/// Why an archive that verifies may differ from the one that was packed, or "" when it may not.
std::string harmless_difference(const fs::path& archive, const std::string& good,
                                const std::string& mutated, std::map<std::string, Entry> original) {
  if (mutated == good) return "no byte changed";
  const std::map<std::string, Entry> entries = entries_of(archive, mutated);
  std::string reason;
  for (const auto& [name, entry] : entries) {
    const auto found = original.find(name);
    if (found == original.end() || !entry.says_the_same_as(found->second)) return "";
    const std::string& before = found->second.bytes;
    if (entry.bytes.size() != before.size()) {
      if (!before.ends_with(entry.bytes)) return "";
      reason = "extended header that says no more than the plain one";
      original.erase(found);
      continue;
    }
    for (size_t i = 0; i < before.size(); ++i) {
      if (entry.bytes[i] == before[i]) continue;
      const bool extended = i + kBlock < entry.headers;
      const std::string field = i < entry.headers ? meaningless_field(i % kBlock, extended) : "";
      if (field.empty()) return "";
      reason = field;
    }
    original.erase(found);
  }
  for (const auto& [name, entry] : original) {
    const auto next = entries.lower_bound(name + "/");
    if (!entry.folder || next == entries.end() || !next->first.starts_with(name + "/")) return "";
    reason = "entry of a folder that its files imply";
  }
  if (!reason.empty()) return reason;
  const size_t end = mutated.find_last_not_of('\0'), good_end = good.find_last_not_of('\0');
  if (end == good_end && mutated.compare(0, end, good, 0, end) == 0) return "zeros after the end";
  return mutated.size() == good.size() ? "order of entries" : "";
}

/// Anew until a byte has changed: zeros are often exchanged for zeros.
std::string mutate(const Mutation& mutation, const std::string& good, Dice& dice) {
  std::string mutated = good;
  for (int attempt = 0; attempt < 100 && mutated == good; ++attempt) {
    mutated = good;
    mutation.apply(mutated, dice);
  }
  return mutated;
}

/// How many mutations of each kind ended how.
class Tally {
 public:
  void add(const std::string& kind, const std::string& end) { ++counts_[kind][end]; }
  ~Tally() {
    for (const auto& [kind, ends] : counts_) {
      std::string line;
      for (const auto& [end, count] : ends)
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count, end);
      fmt::print("{:<12} {}\n", kind, line);
    }
  }

 private:
  std::map<std::string, std::map<std::string, int>> counts_;
};

class BundleMutationTest : public ::testing::Test, public SampleProject {
 protected:
  void SetUp() override {
    Dice dice(1);
    std::string weights(20'000, '\0');
    std::ranges::generate(weights, [&] { return dice.byte(); });
    put(root_ / "result/net/checkpoints/best_model.pt", weights);
    put(code_ / "b-empty.py", "");
    good_ = packed();
  }

  /// "exit 3", "exit 4", "verified"; anything else is a fault of ours.
  static std::string judge(const fs::path& bundle) {
    try {
      const ExitCode code = verify(bundle, {.threads = 1, .parts = {}}).exit_code();
      return code == ExitCode::kPass ? "verified" : fmt::format("exit {}", static_cast<int>(code));
    } catch (const std::exception& error) {
      return fmt::format("exception: {}", error.what());
    }
  }

  fs::path good_;
  Tally tally_;
};

TEST_F(BundleMutationTest, OfTheArchive) {
  const std::string good = slurp(good_);
  const std::map<std::string, Entry> original = entries_of(good_, good);
  for (uint64_t number = 0; number < RECONPROOF_MUTATIONS; ++number) {
    const Mutation& mutation = kMutations[number % std::size(kMutations)];
    Dice dice(number);
    const std::string mutated = mutate(mutation, good, dice);
    put(root_ / "mutated.tar", mutated);
    std::string end = judge(root_ / "mutated.tar");
    if (end == "verified") {
      const std::string reason =
          harmless_difference(root_ / "mutated.tar", good, mutated, original);
      EXPECT_NE(reason, "") << mutation.name << " " << number << " verifies";
      end = "harmless: " + reason;
    } else {
      EXPECT_TRUE(end == "exit 3" || end == "exit 4")
          << mutation.name << " " << number << ": " << end;
    }
    tally_.add(mutation.name, end);
  }
}

TEST_F(BundleMutationTest, OfTheExtractedFolder) {
  const Bag good = bag();
  std::vector<std::string> paths;
  for (const auto& [path, contents] : good) {
    put(root_ / "bag" / path, contents);
    if (!contents.empty()) paths.push_back(path);
  }
  ASSERT_EQ(judge(root_ / "bag"), "verified");
  for (uint64_t number = 0; number < RECONPROOF_MUTATIONS; ++number) {
    const Mutation& mutation = kMutations[number % std::size(kMutations)];
    Dice dice(number);
    const std::string& path = paths[dice.below(paths.size())];
    const std::string mutated = mutate(mutation, good.at(path), dice);
    put(root_ / "bag" / path, mutated);
    const std::string end = judge(root_ / "bag");
    if (mutated == good.at(path))
      EXPECT_EQ(end, "verified") << mutation.name << " " << number;
    else
      EXPECT_TRUE(end == "exit 3" || end == "exit 4")
          << mutation.name << " " << number << ": " << end;
    tally_.add(mutation.name, mutated == good.at(path) ? "no byte changed" : end);
    put(root_ / "bag" / path, good.at(path));
  }
}

}  // namespace
}  // namespace reconproof::submission
