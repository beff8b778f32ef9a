// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the rules on trainings say of runs that were watched, that were not, and that failed; and
// what is read of the files that a stranger's process wrote.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "checks/training/divergence.h"
#include "formats/ledger.h"
#include "system/files.h"
#include "tests/checks/clean_facts.h"

namespace reconproof::checks {
namespace {

using challenge::Finding;
using challenge::Status;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TrainingTest : public testing::Test {
 protected:
  TrainingReplays& training() { return facts_.trainings[0]; }
  WatchedTraining& first() { return training().first->watched.trainings[0]; }
  WatchedTraining& again() { return training().again->watched.trainings[0]; }
  WatchedTraining& other() { return training().other->watched.trainings[0]; }
  Finding starts() const { return judged(facts_, "training.starts"); }
  Finding seeded() const { return judged(facts_, "training.seeded"); }
  Finding repeat() const { return judged(facts_, "training.repeat"); }
  Finding fresh() const { return judged(facts_, "training.fresh-weights"); }
  void expect_all_open(const std::string& why) const {
    for (const Finding& finding : {starts(), seeded(), repeat(), fresh()}) {
      EXPECT_EQ(finding.status, Status::kInconclusive) << finding.message;
      EXPECT_THAT(finding.message, HasSubstr(why));
    }
  }

  Facts facts_ = clean_facts();
};

TEST_F(TrainingTest, WithoutOneNothingIsJudged) {
  facts_.trainings.clear();
  facts_.trainings_absent_reason = "reconproof.toml declares no [steps.train]";
  expect_all_open("declares no [steps.train]");
}

TEST_F(TrainingTest, NamesLooksAtTheLeaderboardBeforeTheNetwork) {
  training().other->run.attempts = {{"network", "connect to 127.0.0.53 port 53", 2}};
  training().other->watched.asked = {"weights.example port 443"};
  EXPECT_THAT(starts().message, HasSubstr("tried to reach the network"));
  EXPECT_THAT(starts().evidence, ElementsAre("asked for weights.example port 443",
                                             "connect to 127.0.0.53 port 53 (2 times)"));
  training().again->run.attempts = {{"open", "/root/Data/leaderboard", 1}};
  EXPECT_EQ(starts().status, Status::kFail);
  EXPECT_THAT(starts().message, HasSubstr("looked for the leaderboard"));
  EXPECT_THAT(starts().evidence, ElementsAre("/root/Data/leaderboard (1 times)"));
}

TEST_F(TrainingTest, TalkingToItselfIsNoNetwork) {
  training().first->run.attempts = {{"loopback", "connect to 127.0.0.1 port 4321", 1}};
  EXPECT_EQ(starts().status, Status::kPass);
}

TEST_F(TrainingTest, WhatWasNotObservedIsOpen) {
  training().first->run.observed = false;
  training().first->run.unobserved_reason = "an old kernel";
  EXPECT_EQ(starts().status, Status::kInconclusive);
  EXPECT_THAT(starts().message, HasSubstr("an old kernel"));
  EXPECT_EQ(seeded().status, Status::kPass);
}

TEST_F(TrainingTest, AFailureIsTheStartsAlone) {
  TrainingRun& run = *training().first;
  run.watched.trainings.clear();
  run.run.exit_code = 1;
  run.run.output_tail = "no such folder\n";
  training().again.reset();
  training().other.reset();
  EXPECT_EQ(starts().status, Status::kFail);
  EXPECT_THAT(starts().message, HasSubstr("before its first step: it ended with exit code 1"));
  EXPECT_THAT(starts().evidence, ElementsAre("no such folder"));
  for (const Finding& finding : {seeded(), repeat(), fresh()}) {
    EXPECT_EQ(finding.status, Status::kInconclusive);
    EXPECT_THAT(finding.message, HasSubstr("mend training.starts first"));
  }
}

TEST_F(TrainingTest, WhoeverIsTooSlowIsNotJudged) {
  training().first->run.exit_code = -1;
  training().first->run.timed_out = true;
  training().first->run.wall_s = 1800;
  first().stopped = false;
  expect_all_open("only 6 of 6 steps within 1800 s (--timeout gives more)");
}

TEST_F(TrainingTest, AForgedLedgerFails) {
  training().again->watched.altered = "ledger.jsonl:8: one of the two was altered";
  EXPECT_EQ(starts().status, Status::kFail);
  EXPECT_THAT(starts().evidence, ElementsAre(HasSubstr("was altered")));
  EXPECT_EQ(repeat().status, Status::kInconclusive);
}

TEST_F(TrainingTest, OurOwnFaultIsNobodysFail) {
  training().first->watched.fault = "what watches the training failed: KeyError";
  expect_all_open("KeyError");
}

TEST_F(TrainingTest, OtherWeightsUnderOneSeedAreNamed) {
  training().again = clean_training(431);
  first().seeds.clear();
  EXPECT_EQ(seeded().status, Status::kFail);
  EXPECT_THAT(seeded().message, AllOf(HasSubstr("2 of 2 tensors that are not constant differ"),
                                      HasSubstr("nothing set a seed")));
  EXPECT_THAT(seeded().evidence, Contains(HasSubstr("remedy: Before anything is drawn, seed")));
  EXPECT_THAT(repeat().message, HasSubstr("they first differ before the first step"));
  EXPECT_THAT(repeat().evidence, Contains(HasSubstr("iteration 0: loss ")));
}

TEST_F(TrainingTest, TheFirstDifferenceTellsTheCause) {
  again().series.steps[3].loss = *again().series.steps[3].loss * 1.1;
  Finding finding = repeat();
  EXPECT_EQ(finding.status, Status::kFail);
  EXPECT_THAT(finding.message,
              AllOf(HasSubstr("at iteration 3: loss"), HasSubstr("other inputs at iteration 3"),
                    HasSubstr("augmentation")));
  EXPECT_NEAR(finding.measured.get<double>(), 0.1 / 1.1, 1e-9);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("iteration 3: loss ")));

  again().indices[4] = 99;
  EXPECT_THAT(repeat().message, HasSubstr("the data come in another order"));
  again().indices.clear();
  again().files[3] = {"another.h5"};
  first().indices.clear();
  EXPECT_THAT(repeat().message, HasSubstr("the data come in another order"));
  again().files = first().files;

  again().series.steps[3].loss = *first().series.steps[3].loss * (1 + 1e-7);
  EXPECT_THAT(repeat().message, HasSubstr("in another order in the forward pass"));
  EXPECT_THAT(repeat().evidence, Contains(HasSubstr("OMP_NUM_THREADS")));
  first().device = "cuda:0";
  EXPECT_THAT(repeat().evidence, Contains(HasSubstr("remedy: Call torch.use_deterministic")));

  again().series.steps[3].loss = first().series.steps[3].loss;
  again().series.steps[2].grad_norm = 5;
  EXPECT_THAT(repeat().message,
              AllOf(HasSubstr("at iteration 2: gradient norm"), HasSubstr("backward pass")));
  again().series.steps[2].grad_norm = first().series.steps[2].grad_norm;
  again().series.weights[2].sha256 = std::string(64, 'f');
  EXPECT_THAT(repeat().message,
              AllOf(HasSubstr("after 2 steps: weights"), HasSubstr("the optimizer's own kernels")));
}

TEST_F(TrainingTest, GivenWeightsAreNamedInWholeAndInPart) {
  other().tensors[0] = first().tensors[0];
  EXPECT_EQ(fresh().status, Status::kFail);
  EXPECT_THAT(fresh().message, HasSubstr("1 of 2 initial tensors (50 % of the values)"));
  EXPECT_THAT(fresh().evidence, ElementsAre("first.weight", HasSubstr("torch.manual_seed(430)")));
  EXPECT_EQ(seeded().status, Status::kPass);
  EXPECT_EQ(repeat().status, Status::kPass);

  first().tensors[0].optimized = false;
  EXPECT_THAT(fresh().evidence, Contains("first.weight (not trained)"));

  // So small a part may be computed: a window, a frequency.
  first().tensors[1].values = other().tensors[1].values = 9901;
  EXPECT_EQ(fresh().status, Status::kInconclusive);
  first().tensors[1].values = other().tensors[1].values = 9900;
  EXPECT_EQ(fresh().status, Status::kFail);
}

TEST_F(TrainingTest, ConstantsTellNothing) {
  for (InitialTensor& tensor : first().tensors) tensor.constant = true;
  EXPECT_EQ(fresh().status, Status::kInconclusive);
  EXPECT_THAT(fresh().message, HasSubstr("constants"));
}

TEST_F(TrainingTest, LogLinesStateTheirResolution) {
  for (auto* run : {&training().first, &training().again, &training().other}) {
    (*run)->watched.trainings.clear();
    (*run)->own_ended = true;
    (*run)->log.digits = 4;
    for (int i = 0; i < 3; ++i) {
      (*run)->log.steps.emplace_back();
      (*run)->log.steps.back().iteration = i;
      (*run)->log.steps.back().loss = 0.1234;
    }
  }
  EXPECT_EQ(starts().status, Status::kPass);
  EXPECT_EQ(repeat().status, Status::kPass);
  EXPECT_THAT(repeat().message, HasSubstr("the same 3 losses, in the 4 significant digits"));
  EXPECT_EQ(seeded().status, Status::kInconclusive);
  EXPECT_EQ(fresh().status, Status::kInconclusive);
  EXPECT_THAT(fresh().message, HasSubstr("cannot be told"));
  training().again->log.steps[1].loss = 0.1235;
  EXPECT_EQ(repeat().status, Status::kFail);
  EXPECT_THAT(repeat().message, AllOf(HasSubstr("at iteration 1: loss 0.1234 against 0.1235"),
                                      HasSubstr("4 significant digits")));
}

TEST_F(TrainingTest, ItsOwnLedgerHasOneHashForAllWeights) {
  for (auto* run : {&training().first, &training().again, &training().other}) {
    (*run)->watched.trainings[0].own = true;
    (*run)->watched.trainings[0].tensors.clear();
  }
  EXPECT_EQ(starts().status, Status::kPass);
  EXPECT_EQ(repeat().status, Status::kPass);
  EXPECT_EQ(seeded().status, Status::kPass);
  EXPECT_EQ(fresh().status, Status::kPass);
  other().series.weights[0] = first().series.weights[0];
  EXPECT_EQ(fresh().status, Status::kFail);
  other().seeds = first().seeds;
  EXPECT_EQ(fresh().status, Status::kInconclusive);
  EXPECT_THAT(fresh().message, HasSubstr("no other seed could be given"));
  again().series.weights[0].sha256 = std::string(64, 'a');
  EXPECT_EQ(seeded().status, Status::kFail);
}

TEST_F(TrainingTest, TheWorstOfSeveralTrainingsSpeaks) {
  facts_.trainings.push_back(facts_.trainings[0]);
  facts_.trainings[0].name = "small";
  facts_.trainings[1].name = "large";
  EXPECT_THAT(fresh().message, HasSubstr("small: with another seed"));
  facts_.trainings[1].other = facts_.trainings[1].first;
  EXPECT_EQ(fresh().status, Status::kFail);
  EXPECT_THAT(fresh().message, HasSubstr("large: 2 of 2 initial tensors"));
  EXPECT_THAT(fresh().evidence, Contains("large: first.weight"));
}

json tensor(const char* name, const json& shape) {
  return json::array({name, shape, "ab", false, true});
}

class WatchedTest : public testing::Test {
 protected:
  void ledger(const std::function<void(json&)>& change = {}, int updates = 2) {
    formats::LedgerWriter writer(folder_.path() / "ledger-0000000012.jsonl");
    formats::LedgerEntry start;
    start.kind = formats::kLedgerStart;
    start.weights_sha256 = std::string(64, '1');
    start.extra = {{"torch", "2.1"},
                   {"device", "cuda:0"},
                   {"threads", 4},
                   {"seeds", json::array({json::array({"torch.manual_seed", 430})})},
                   {"tensors", json::array({tensor("a.weight", {2, 3})})}};
    if (change) change(start.extra);
    writer.append(start);
    for (int i = 0; i < updates; ++i) {
      formats::LedgerEntry update;
      update.kind = formats::kLedgerUpdate;
      update.iteration = i;
      update.loss = 0.5;
      update.weights_sha256 = std::string(64, '2');
      update.extra = {{"files", {"a.h5"}}, {"indices", {i}}, {"losses", 1}, {"optimizer", 0}};
      writer.append(update);
    }
    formats::LedgerEntry end;
    end.kind = formats::kLedgerEnd;
    end.iteration = updates;
    end.weights_sha256 = std::string(64, '2');
    end.extra = {{"stopped_after", updates}};
    writer.append(end);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name, std::ios::app) << text;
  }
  WatchedRun read() const { return read_watched(folder_.path()); }

  system::TemporaryFolder folder_;
};

TEST_F(WatchedTest, ReadsALedger) {
  ledger();
  const WatchedRun run = read();
  ASSERT_THAT(run.trainings, SizeIs(1));
  EXPECT_THAT(run.altered + run.fault, IsEmpty());
  const WatchedTraining& training = run.trainings[0];
  EXPECT_TRUE(training.stopped);
  EXPECT_EQ(training.updates(), 2);
  EXPECT_EQ(training.tensors[0].values, 6);
  EXPECT_TRUE(training.tensors[0].optimized);
  EXPECT_THAT(training.indices, ElementsAre(0, 1));
  EXPECT_EQ(training.seeds[0].second, 430);
  EXPECT_EQ(training.series.weights.size(), 3u);
}

TEST_F(WatchedTest, AnAppendedLineIsFound) {
  ledger();
  write("ledger-0000000012.jsonl", "{}\n");
  const WatchedRun run = read();
  EXPECT_THAT(run.trainings, IsEmpty());
  EXPECT_THAT(run.altered, HasSubstr("ledger-0000000012.jsonl:5"));
}

TEST_F(WatchedTest, ACutLineIsNoForgery) {
  ledger();
  write("ledger-0000000012.jsonl", "{\"seq\":4,");
  EXPECT_THAT(read().fault, HasSubstr("cut short"));
  EXPECT_THAT(read().altered, IsEmpty());
}

TEST_F(WatchedTest, WhatTheWatcherNeverWritesIsForged) {
  for (const auto& change : std::vector<std::function<void(json&)>>{
           [](json& start) { start["tensors"] = json::array({tensor("a", json::array({"x"}))}); },
           [](json& start) { start["tensors"] = json::array({json::array({"a"})}); },
           [](json& start) { start.erase("seeds"); }, [](json& start) { start["torch"] = 2; }}) {
    ledger(change);
    EXPECT_THAT(read().altered, HasSubstr("never writes"));
    std::filesystem::remove(folder_.path() / "ledger-0000000012.jsonl");
  }
}

TEST_F(WatchedTest, SizesThatOverflowAreBounded) {
  ledger([](json& start) {
    const int64_t large = int64_t{1} << 40;
    start["tensors"] = json::array({tensor("a", {large, large, -3}), tensor("b", {large, large})});
  });
  EXPECT_EQ(read().trainings.at(0).tensors[0].values, 0);
  EXPECT_EQ(read().trainings.at(0).tensors[1].values, int64_t{1} << 40);
}

TEST_F(WatchedTest, NotesAreBoundedAndSaid) {
  write("asked-12.txt", "http://a.example/w.pt\na.example port 80\n");
  write("asked-13.txt", "http://a.example/w.pt\n");
  write("fault-12.txt", "Traceback\n  KeyError: 'x'\n");
  const WatchedRun run = read();
  EXPECT_THAT(run.asked, ElementsAre("a.example port 80", "http://a.example/w.pt"));
  EXPECT_THAT(run.fault, HasSubstr("KeyError: 'x'"));
  EXPECT_THAT(run.trainings, IsEmpty());
}

}  // namespace
}  // namespace reconproof::checks
