// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/hashing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "submission/bundle/extract.h"
#include "submission/bundle/read_ahead.h"
#include "submission/bundle/shards.h"
#include "submission/bundle/verify.h"
#include "system/error.h"
#include "system/sha256.h"
#include "tests/submission/sample_bundle.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using system::ExitCode;

constexpr const char* kWeights = "data/weights/best_model.pt";
constexpr size_t kShard = kShardBytes;

std::vector<std::string> states_of(const std::string& contents) {
  std::vector<std::string> states;
  system::Sha256 hash;
  for (int64_t part = 0; part < shard_boundaries(static_cast<int64_t>(contents.size())); ++part) {
    hash.update(std::string_view(contents).substr(static_cast<size_t>(part) * kShard, kShard));
    states.push_back(hash.chaining_value());
  }
  return states;
}

/// A bundle whose weights have three parts, the last of them 5 bytes.
class HashingTest : public ::testing::Test, public SampleProject {
 protected:
  void SetUp() override {
    std::string weights(2 * kShard + 5, 'w');
    for (size_t i = 0; i < weights.size(); i += 4096) weights[i] = static_cast<char>(i >> 12);
    bag_ = bag();
    bag_[kWeights] = weights;
    set_shards({{kWeights, states_of(weights)}});
  }

  void set_shards(const Shards& shards) {
    bag_[kShardsFile] = shards_text(shards);
    reseal(bag_);
  }

  /// As archive, and as folder.
  void expect(ExitCode code, const std::string& path, const std::string& message,
              const VerifyOptions& options = {}) {
    put(root_ / "large.tar", archive_of(bag_));
    fs::remove_all(root_ / "large");
    for (const auto& [name, contents] : bag_) put(root_ / "large" / name, contents);
    for (const char* form : {"large.tar", "large"}) {
      SCOPED_TRACE(form);
      const VerifyResult result = verify(root_ / form, options);
      EXPECT_EQ(result.exit_code(), code) << to_text(result);
      const bool named = std::ranges::any_of(result.problems, [&](const BundleProblem& problem) {
        return problem.path == path && problem.message.find(message) != std::string::npos;
      });
      EXPECT_TRUE(path.empty() || named) << message << " is not in:\n" << to_text(result);
      EXPECT_EQ(result.problems.size(), path.empty() ? 0u : 1u) << to_text(result);
    }
  }

  void spoil(size_t at) { bag_[kWeights][at] = static_cast<char>(bag_[kWeights][at] ^ 1); }

  Bag bag_;
};

TEST_F(HashingTest, PartsAreTheWhole) {
  for (const int threads : {1, 2, 7})
    expect(ExitCode::kPass, "", "", {.threads = threads, .parts = {}});
}

TEST_F(HashingTest, DamageIsToldToThePart) {
  spoil(kShard + 1);
  expect(ExitCode::kIntegrity, kWeights, "; damaged: bytes 16777216 to 33554431 (part 2 of 3)");
  spoil(2 * kShard + 4);
  expect(ExitCode::kIntegrity, kWeights, "(part 2 of 3), 33554432 to 33554436 (part 3 of 3)");
  spoil(0);
  expect(ExitCode::kIntegrity, kWeights, "; damaged: bytes 0 to 16777215 (part 1 of 3), 16777216");
  const std::string digest = system::sha256_hex(bag_[kWeights]);
  expect(ExitCode::kIntegrity, kWeights, "was changed: SHA-256 " + digest);
}

TEST_F(HashingTest, WithoutStatesTheWholeIsHashed) {
  bag_.erase(kShardsFile);
  reseal(bag_);
  expect(ExitCode::kPass, "", "");
  spoil(3);
  expect(ExitCode::kIntegrity, kWeights, "was changed");
}

TEST_F(HashingTest, StatesThatAreWrongAreAccusedAlone) {
  std::vector<std::string> states = states_of(bag_[kWeights]);
  states[1][0] = states[1][0] == '0' ? '1' : '0';
  set_shards({{kWeights, states}});
  expect(ExitCode::kMalformed, kShardsFile, "gives wrong states for 'data/weights/best_model.pt'");
  states.pop_back();
  set_shards({{kWeights, states}});
  expect(ExitCode::kMalformed, kShardsFile, "has 1 states for 'data/weights/best_model.pt', which");
  set_shards({});
  expect(ExitCode::kMalformed, kShardsFile, "has 0 states for 'data/weights/best_model.pt', which");
  states = states_of(bag_[kWeights]);
  set_shards({{kWeights, states}, {"data/nothing", states}});
  expect(ExitCode::kMalformed, kShardsFile, "lists 'data/nothing'");
  bag_[kShardsFile] = "{}";
  reseal(bag_);
  expect(ExitCode::kMalformed, kShardsFile, "schema");
}

TEST_F(HashingTest, StatesOfAnotherFileDoNotHideDamage) {
  // A forger who changes a part and gives the states of the changed file.
  const std::string good = bag_[kWeights];
  spoil(7);
  bag_[kShardsFile] = shards_text({{kWeights, states_of(bag_[kWeights])}});
  Bag sealed = bag_;
  sealed[kWeights] = good;
  reseal(sealed);
  for (const char* name : {kManifestFile, kTagManifestFile, kBagInfoFile})
    bag_[name] = sealed[name];
  expect(ExitCode::kIntegrity, kWeights, "was changed");
}

TEST_F(HashingTest, StatesThatNobodyVouchesForAreNotUsed) {
  std::vector<std::string> states = states_of(bag_[kWeights]);
  states[0][0] = states[0][0] == '0' ? '1' : '0';
  bag_[kShardsFile] = shards_text({{kWeights, states}});  // not resealed
  expect(ExitCode::kIntegrity, kShardsFile, "was changed");
}

TEST_F(HashingTest, OnlySomeParts) {
  expect(ExitCode::kPass, "", "", {.threads = 1, .parts = {"weights"}});
  spoil(1);
  expect(ExitCode::kPass, "", "", {.threads = 1, .parts = {"code", "recon"}});
  expect(ExitCode::kIntegrity, kWeights, "part 1 of 3", {.threads = 1, .parts = {"weights"}});
  bag_["data/code/main.py"] += "x";  // its size is still judged
  const VerifyOptions weights{.threads = 1, .parts = {"code"}};
  put(root_ / "large.tar", archive_of(bag_));
  EXPECT_EQ(verify(root_ / "large.tar", weights).exit_code(), ExitCode::kIntegrity);
}

TEST_F(HashingTest, AnAnswerAboutSomePartsSaysSo) {
  const VerifyResult result = verify(packed(), {.threads = 1, .parts = {"weights", "code"}});
  EXPECT_EQ(to_json(result)["partial"], nlohmann::json({"code", "weights"}));
  EXPECT_NE(to_text(result).find("verified in part: of data/ only code, weights was read"),
            std::string::npos)
      << to_text(result);
  EXPECT_EQ(to_json(verify(packed()))["partial"], nlohmann::json::array());
}

TEST_F(HashingTest, NamesOfParts) {
  EXPECT_EQ(parse_parts("weights"), (std::set<std::string>{"weights"}));
  EXPECT_EQ(parse_parts("weights,code"), (std::set<std::string>{"code", "weights"}));
  for (const char* wrong : {"", "weights,", ",", "data", "weights code"})
    EXPECT_THROW(parse_parts(wrong), system::Error) << wrong;
}

TEST_F(HashingTest, ReadsAheadWhatStandsThere) {
  std::string text(9'000'000, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 7);
  put(root_ / "bytes", text);
  const auto file =
      std::make_shared<const system::Descriptor>(system::open_for_reading(root_ / "bytes"));
  const Place place{file, 10, "bytes"};
  for (const int64_t size : {0, 1, 1048575, 1048576, 1048577, 2097152, 5242881, 8'900'000}) {
    ReadAhead bytes(place, 5, size);
    std::string read;
    for (auto some = bytes.next(); !some.empty(); some = bytes.next())
      read.append(some.data(), some.size());
    EXPECT_TRUE(read == text.substr(15, static_cast<size_t>(size))) << size;
  }
  { const ReadAhead left_alone(place, 0, 8'900'000); }
  ReadAhead beyond(place, 0, 9'000'000);
  int64_t good = 0;
  EXPECT_THROW(
      {
        for (auto some = beyond.next(); !some.empty(); some = beyond.next())
          good += static_cast<int64_t>(some.size());
      },
      system::Error);
  EXPECT_EQ(good, 8 * 1048576 - 10);  // whole blocks of the file before its end
}

TEST_F(HashingTest, ExtractsLargeFilesInParts) {
  put(root_ / "large.tar", archive_of(bag_));
  EXPECT_TRUE(extract(root_ / "large.tar", root_ / "good").ok());
  EXPECT_TRUE(slurp(root_ / "good" / kWeights) == bag_[kWeights]);
  spoil(kShard);
  put(root_ / "large.tar", archive_of(bag_));
  EXPECT_EQ(extract(root_ / "large.tar", root_ / "bad").exit_code(), ExitCode::kIntegrity);
  EXPECT_FALSE(fs::exists(root_ / "bad"));
}

}  // namespace
}  // namespace reconproof::submission
