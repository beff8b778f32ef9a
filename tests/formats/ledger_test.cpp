// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/ledger.h"

#include <gtest/gtest.h>

#include <sstream>

#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::formats {
namespace {

using system::Code;

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    LedgerWriter writer(path_);
    LedgerEntry start;
    start.kind = kLedgerStart;
    start.weights_sha256 = std::string(64, 'a');
    start.extra = {{"seed", 430}, {"config", {{"chans", 9}}}};
    writer.append(start);
    for (int64_t i = 0; i < 2; ++i) {
      LedgerEntry step;
      step.kind = kLedgerStep;
      step.iteration = i;
      step.file = "brain_acc4_1.h5";
      step.slice = i;
      step.loss = 0.1;
      step.grad_norm = 2.5;
      writer.append(step);
    }
    LedgerEntry weights;
    weights.kind = kLedgerWeights;
    weights.iteration = 2;
    weights.weights_sha256 = std::string(64, 'b');
    writer.append(weights);
    weights.kind = kLedgerEnd;
    writer.append(weights);
    writer.sync();
    std::istringstream text(system::read_file(path_));
    for (std::string line; std::getline(text, line);) lines_.push_back(line);
  }

  void write_lines() {
    std::string text;
    for (const std::string& line : lines_) text += line + '\n';
    system::write_file(path_, text);
  }

  void replace(size_t line, const std::string& from, const std::string& to) {
    const size_t at = lines_.at(line).find(from);
    ASSERT_NE(at, std::string::npos) << lines_[line];
    lines_[line].replace(at, from.size(), to);
    write_lines();
  }

  /// Makes the chain hold again from `line` on, as a forger who knows the format would.
  void relink(size_t line) {
    for (size_t i = line; i < lines_.size(); ++i) {
      const size_t at = lines_[i].find("\"prev\":\"") + 8;
      lines_[i].replace(at, 64, system::sha256_hex(lines_[i - 1]));
    }
    write_lines();
  }

  void expect_refused(Code code, const std::string& message) {
    try {
      read_ledger(path_);
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  system::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "ledger.jsonl";
  std::vector<std::string> lines_;
};

TEST_F(LedgerTest, RoundTrips) {
  const Ledger ledger = read_ledger(path_);
  ASSERT_EQ(ledger.entries.size(), 5U);
  EXPECT_TRUE(ledger.ended);
  EXPECT_EQ(ledger.head, system::sha256_hex(lines_.back()));
  EXPECT_EQ(ledger.entries[0].extra["config"]["chans"], 9);
  EXPECT_FALSE(ledger.entries[0].loss);
  EXPECT_EQ(ledger.entries[2].slice, 1);
  EXPECT_EQ(ledger.entries[2].loss, 0.1);
}

TEST_F(LedgerTest, HasTheDocumentedBytes) {
  EXPECT_EQ(lines_[1],
            "{\"seq\":1,\"prev\":\"" + system::sha256_hex(lines_[0]) +
                "\",\"kind\":\"step\",\"iteration\":0,\"file\":\"brain_acc4_1.h5\",\"slice\":0,"
                "\"loss\":0.1,\"grad_norm\":2.5,\"weights_sha256\":null}");
  EXPECT_NE(lines_[0].find("\"prev\":\"" + std::string(64, '0') + "\""), std::string::npos);
}

TEST_F(LedgerTest, IsNeverOverwritten) { EXPECT_THROW(LedgerWriter writer(path_), system::Error); }

TEST_F(LedgerTest, ALineThatNoReaderTakesIsNotWritten) {
  LedgerWriter writer(folder_.path() / "other.jsonl");
  LedgerEntry start;
  start.kind = kLedgerStart;
  start.weights_sha256 = std::string(64, 'a');
  start.extra = {{"note", std::string(1 << 20, 'x')}};
  try {
    writer.append(start);
    FAIL() << "written";
  } catch (const system::Error& error) {
    EXPECT_NE(std::string(error.what()).find("other.jsonl: the line of iteration 0"),
              std::string::npos)
        << error.what();
  }
  start.extra = {{"note", std::string(100'000, 'x')}};  // as a batch of thousands of slices
  writer.append(start);
  EXPECT_EQ(read_ledger(folder_.path() / "other.jsonl").entries.size(), 1U);
}

TEST_F(LedgerTest, KnowsARunThatHasOnlyBegun) {
  EXPECT_FALSE(is_only_begun(path_));
  lines_.resize(2);
  write_lines();
  EXPECT_FALSE(is_only_begun(path_));
  lines_.resize(1);
  write_lines();
  EXPECT_TRUE(is_only_begun(path_));
  for (const std::string& torn : {std::string(), lines_[0].substr(0, 40)}) {
    system::write_file(path_, torn);
    EXPECT_TRUE(is_only_begun(path_)) << torn;
  }
}

TEST_F(LedgerTest, AcceptsARunThatWasKilled) {
  lines_.resize(3);
  write_lines();
  EXPECT_FALSE(read_ledger(path_).ended);
}

/// What is seen of a training from outside: no slice, and a loss only where there was one.
TEST_F(LedgerTest, AcceptsUpdatesWithTheirKeysAlone) {
  const std::filesystem::path path = folder_.path() / "watched.jsonl";
  const auto write = [&](const char* key, const std::optional<std::string>& weights) {
    std::filesystem::remove(path);
    LedgerWriter writer(path);
    LedgerEntry entry;
    entry.kind = kLedgerStart;
    entry.weights_sha256 = std::string(64, 'a');
    writer.append(entry);
    entry.kind = kLedgerUpdate;
    entry.weights_sha256 = weights;
    entry.extra = {{key, 1}};
    writer.append(entry);
  };
  for (const char* key : {"optimizer", "losses", "files", "indices", "tensors", "not_finite"}) {
    write(key, std::string(64, 'b'));
    EXPECT_EQ(read_ledger(path).entries.at(1).extra.at(key), 1);
  }
  write("batch", std::string(64, 'b'));
  EXPECT_THROW(read_ledger(path), system::Error);
  write("losses", std::nullopt);
  EXPECT_THROW(read_ledger(path), system::Error);
}

TEST_F(LedgerTest, NamesTheLineAfterAnAlteredOne) {
  replace(1, "0.1", "0.01");
  expect_refused(Code::kIntegrity, "ledger.jsonl:3: prev is");
}

TEST_F(LedgerTest, NamesADroppedLine) {
  lines_.erase(lines_.begin() + 1);
  write_lines();
  expect_refused(Code::kIntegrity, "ledger.jsonl:2: seq is 2, expected 1");
}

TEST_F(LedgerTest, NamesExchangedLines) {
  std::swap(lines_[1], lines_[2]);
  write_lines();
  expect_refused(Code::kIntegrity, "ledger.jsonl:2: seq is 2");
}

TEST_F(LedgerTest, NamesAMissingStart) {
  replace(0, "\"start\"", "\"weights\"");
  replace(0, ",\"config\":{\"chans\":9}", "");
  replace(0, ",\"seed\":430", "");
  relink(1);
  expect_refused(Code::kIntegrity, "ledger.jsonl:1: kind is weights");
}

TEST_F(LedgerTest, NamesWhatFollowsTheEnd) {
  replace(3, "\"weights\"", "\"end\"");
  relink(4);
  expect_refused(Code::kIntegrity, "ledger.jsonl:5: a line after the end");
}

TEST_F(LedgerTest, NamesIterationsThatGoBack) {
  replace(3, "\"iteration\":2", "\"iteration\":0");
  relink(4);
  expect_refused(Code::kIntegrity, "ledger.jsonl:4: iteration 0 after 1");
}

TEST_F(LedgerTest, NamesMalformedLines) {
  system::write_file(path_, "");
  expect_refused(Code::kCorrupt, "is empty");
  lines_.back() += "}";
  write_lines();
  expect_refused(Code::kCorrupt, "ledger.jsonl:5");
  lines_.back() = "[]";
  write_lines();
  expect_refused(Code::kCorrupt, "ledger.jsonl:5: the line is not a JSON object");
  lines_.back() = "{}";
  write_lines();
  expect_refused(Code::kCorrupt, "has no 'seq'");
}

TEST_F(LedgerTest, NamesALineCutShort) {
  std::string text = system::read_file(path_);
  text.pop_back();
  system::write_file(path_, text);
  expect_refused(Code::kCorrupt, "ledger.jsonl:5: the last line is cut short");
}

TEST_F(LedgerTest, NamesWrongValues) {
  const auto original = lines_;
  const auto expect = [&](size_t line, const std::string& from, const std::string& to,
                          const std::string& message) {
    lines_ = original;
    replace(line, from, to);
    expect_refused(Code::kCorrupt, message);
  };
  expect(1, "\"step\"", "\"jump\"", "unknown kind 'jump'");
  expect(1, "\"loss\":0.1", "\"loss\":null", "step without");
  expect(1, "\"loss\":0.1", "\"loss\":\"0.1\"", "'loss' that is not a number");
  expect(1, "\"seq\":1", "\"seq\":1.5", "'seq' that is not an integer");
  expect(1, "\"weights_sha256\":null", "\"weights_sha256\":null,\"note\":1", "unknown key 'note'");
  expect(1, "\"slice\":0", "\"slice\":-1", "negative 'slice'");
  expect(1, "\"iteration\":0", "\"iteration\":-1", "negative 'iteration'");
  expect(1, "\"slice\":0", "\"slice\":0,\"slice\":0", "slice");
  expect(3, std::string(64, 'b'), "abc", "64 hexadecimal digits");
}

}  // namespace
}  // namespace reconproof::formats
