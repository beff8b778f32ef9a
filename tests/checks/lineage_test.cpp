// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Attacks on a ledger, each with what finds it: the chain, the grammar of its lines, the files
// beside it, the weights, or a head that was published. What a forger makes whole in all of these
// only a replay finds (tests/cli/ledger_replay.sh).
#include "checks/determinism/lineage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "formats/npy.h"
#include "system/files.h"
#include "tests/checks/training_ledger.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

enum class FoundBy { kChain, kGrammar, kWeights, kHead };

struct Attack {
  const char* name;
  FoundBy found_by;
  std::string told;  // part of what is said; empty: nothing is but another head
  std::function<void(TrainingLedger&)> make;
};

void edit(TrainingLedger& t, size_t line, const std::string& from, const std::string& to) {
  t.replace(line, from, to);
  t.relink();
}

const Attack kAttacks[] = {
    {"LineRemoved", FoundBy::kChain, ":3: seq is 3, expected 2",
     [](TrainingLedger& t) { t.lines.erase(t.lines.begin() + 2); }},
    {"LineChanged", FoundBy::kChain, ":3: prev is",
     [](TrainingLedger& t) { t.replace(1, "\"loss\":0.5", "\"loss\":0.4"); }},
    {"LinesReordered", FoundBy::kChain, ":2: seq is 2",
     [](TrainingLedger& t) { std::swap(t.lines[1], t.lines[2]); }},
    {"LineAppended", FoundBy::kChain, "a line after the end",
     [](TrainingLedger& t) {
       t.lines.push_back(t.lines[1]);
       t.relink();
     }},
    {"LineDuplicated", FoundBy::kChain, ":3: seq is 1, expected 2",
     [](TrainingLedger& t) { t.lines.insert(t.lines.begin() + 1, t.lines[1]); }},
    {"StepDuplicatedAndRelinked", FoundBy::kGrammar, "has iteration 0, expected 1",
     [](TrainingLedger& t) {
       t.lines.insert(t.lines.begin() + 1, t.lines[1]);
       t.relink();
     }},
    {"StepRemovedAndRelinked", FoundBy::kGrammar, "has iteration 1, expected 0",
     [](TrainingLedger& t) {
       t.lines.erase(t.lines.begin() + 1);
       t.relink();
     }},
    {"IterationRenumbered", FoundBy::kGrammar, "has iteration 2, expected 1",
     [](TrainingLedger& t) {
       edit(t, t.line_of("step", 1), "\"iteration\":1", "\"iteration\":2");
     }},
    {"TailTruncated", FoundBy::kWeights, "",
     [](TrainingLedger& t) { t.lines.resize(t.line_of("step", 3)); }},
    {"TailTruncatedAndEndForged", FoundBy::kGrammar, "after 1 epochs; 2 were asked for",
     [](TrainingLedger& t) {
       const std::string end = t.lines.back();
       t.lines.resize(t.line_of("weights", 1) + 1);
       t.lines.push_back(end);
       t.replace(t.lines.size() - 1, "\"iteration\":4", "\"iteration\":2");
       t.relink();
     }},
    {"SplicedInAnEpoch", FoundBy::kGrammar, "whose slices are not those of epoch 1",
     [](TrainingLedger& t) {  // a step of the first epoch in place of one of the second
       t.lines[t.line_of("step", 3)] = t.lines[t.line_of("step", 1)];
       edit(t, t.line_of("step", 3), "\"iteration\":1", "\"iteration\":3");
     }},
    {"SplicedWithAnotherTraining", FoundBy::kWeights, "states initial_weights_sha256",
     [](TrainingLedger& t) {  // the first epoch of one, the second of another that made the weights
       const TrainingLedger other(t.folder() / "other", 431, false);
       for (size_t i = 0; i < 5; ++i) t.lines[i] = other.lines[i];
       t.relink();
     }},
    {"StartExchanged", FoundBy::kWeights, "states initial_weights_sha256",
     [](TrainingLedger& t) {
       t.lines[0] = TrainingLedger(t.folder() / "other", 431, false).lines[0];
       t.relink();
     }},
    {"InitialWeightsEdited", FoundBy::kGrammar, "states initial_weights_sha256",
     [](TrainingLedger& t) {
       t.lines[0].replace(t.lines[0].find("\"weights_sha256\":\"") + 18, 64, std::string(64, 'd'));
       t.relink();
     }},
    {"FinalWeightsExchanged", FoundBy::kWeights, "",
     [](TrainingLedger& t) { write_weights(t.weights(), 9, std::string(64, '0')); }},
    {"WeightsOfTheEndEdited", FoundBy::kGrammar, "has other weights than the line before it",
     [](TrainingLedger& t) {
       const size_t end = t.lines.size() - 1, at = t.lines[end].find("\"weights_sha256\":\"") + 18;
       t.lines[end].replace(at, 64, std::string(64, 'f'));
       t.relink();
     }},
    {"ResumeForged", FoundBy::kGrammar, "has other weights than the line before it",
     [](TrainingLedger& t) {  // hides that other weights were put in
       const size_t at = t.line_of("resume");
       t.lines[at].replace(t.lines[at].find("\"weights_sha256\":\"") + 18, 64,
                           std::string(64, 'e'));
       t.relink();
     }},
    {"ResumeBehindAStep", FoundBy::kGrammar, "follows a step line",
     [](TrainingLedger& t) {
       const size_t at = t.line_of("step", 3) + 1;
       t.lines.insert(t.lines.begin() + static_cast<std::ptrdiff_t>(at),
                      t.lines[t.line_of("resume")]);
       edit(t, at, "\"iteration\":3", "\"iteration\":4");
     }},
    {"SettingChangedByAForgedResume", FoundBy::kGrammar, "changes epochs from 9, but it was 2",
     [](TrainingLedger& t) {
       edit(t, t.line_of("resume"), "\"changed\":{}",
            "\"changed\":{\"epochs\":{\"from\":9,\"to\":2}}");
     }},
    {"VolumeExchanged", FoundBy::kGrammar, "does not list brain_test1.h5",
     [](TrainingLedger& t) {
       for (std::string& line : t.lines)
         for (size_t at; (at = line.find("brain_acc4_1")) != std::string::npos;)
           line.replace(at, 12, "brain_test1");
       t.relink();
     }},
    {"DataExchanged", FoundBy::kGrammar, "but the ledger's start states data_sha256",
     [](TrainingLedger& t) {
       std::string list = system::read_file(t.folder() / "data.sha256");
       list[0] = list[0] == '0' ? '1' : '0';
       system::write_file(t.folder() / "data.sha256", list);
     }},
    {"ValidationLogEdited", FoundBy::kGrammar, "is no sum over whole volumes",
     [](TrainingLedger& t) {
       const std::vector<double> losses = {0, 0.8, 1, 0.7};
       formats::write_npy(t.folder() / "val_loss_log.npy", {2, 2}, std::span<const double>(losses));
     }},
    {"LossEditedAndRelinked", FoundBy::kHead, "",
     [](TrainingLedger& t) { edit(t, t.line_of("step", 2), "\"loss\":0.", "\"loss\":0.1"); }},
    {"SeedEditedAndRelinked", FoundBy::kHead, "",
     [](TrainingLedger& t) { edit(t, 0, "\"seed\":430", "\"seed\":431"); }},
};

void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

class LedgerAttack : public testing::TestWithParam<Attack> {
 protected:
  system::TemporaryFolder folder_;
  TrainingLedger training_{folder_.path() / "run"};
};
INSTANTIATE_TEST_SUITE_P(All, LedgerAttack, testing::ValuesIn(kAttacks),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_P(LedgerAttack, IsFound) {
  const std::string published = trace_ledger(training_.path()).head;
  GetParam().make(training_);
  training_.write();
  const LedgerTrace trace = trace_ledger(training_.path());
  const Lineage lineage = trace_weights(training_.weights(), "w", {trace});
  const std::string& told = GetParam().told;
  switch (GetParam().found_by) {
    case FoundBy::kChain:
      EXPECT_THAT(trace.broken, HasSubstr(told));
      break;
    case FoundBy::kGrammar:
      EXPECT_EQ(trace.broken, "");
      EXPECT_THAT(trace.problems, Contains(HasSubstr(told)));
      break;
    case FoundBy::kWeights:
      EXPECT_TRUE(trace.sound());
      if (told.empty()) {
        EXPECT_THAT(lineage.origins, IsEmpty());
      } else {
        EXPECT_THAT(lineage.problems, Contains(HasSubstr(told)));
      }
      break;
    case FoundBy::kHead:
      EXPECT_TRUE(trace.sound()) << "found without a head, too";
      EXPECT_NE(trace.head, published);
      break;
  }
}

class LineageTest : public testing::Test {
 protected:
  system::TemporaryFolder folder_;
};

TEST_F(LineageTest, AGenuineTrainingPassesResumedOrNot) {
  for (const bool resumed : {true, false}) {
    const TrainingLedger training(folder_.path() / (resumed ? "resumed" : "whole"), 430, resumed);
    const LedgerTrace trace = trace_ledger(training.path());
    EXPECT_EQ(trace.broken, "");
    EXPECT_THAT(trace.problems, IsEmpty());
    EXPECT_EQ(trace.agreeing.size(), 2U);
    EXPECT_EQ(trace.resumes, resumed ? 1 : 0);
    EXPECT_EQ(trace.epochs, 2);
    const Lineage lineage = trace_weights(training.weights(), "w", {trace});
    EXPECT_THAT(lineage.problems, IsEmpty());
    ASSERT_EQ(lineage.origins.size(), 1U);
    EXPECT_EQ(lineage.origins[0].iteration, 4);
    EXPECT_EQ(origin_text(lineage), "ledger.jsonl: 4 steps");
  }
}

// A second program that goes on from the first one's weights writes a ledger of its own.
TEST_F(LineageTest, FollowsATrainingInPieces) {
  const TrainingLedger first(folder_.path() / "first");
  TrainingLedger second(folder_.path() / "second", 431, false);
  const std::string end = trace_ledger(first.path()).series.weights.back().sha256;
  const std::string begin = trace_ledger(second.path()).series.weights.front().sha256;
  for (size_t at; (at = second.lines[0].find(begin)) != std::string::npos;)
    second.lines[0].replace(at, 64, end);
  second.relink();
  second.write();
  write_weights(second.weights(), 431, trace_ledger(first.path()).series.weights.front().sha256);
  const Lineage lineage = trace_weights(second.weights(), "w",
                                        {trace_ledger(second.path()), trace_ledger(first.path())});
  EXPECT_THAT(lineage.problems, IsEmpty());
  ASSERT_EQ(lineage.origins.size(), 2U);
  EXPECT_EQ(origin_text(lineage), "ledger.jsonl: 4 steps -> ledger.jsonl: 4 steps");
}

TEST_F(LineageTest, FindsTheModelAmongSeveral) {
  const TrainingLedger one(folder_.path() / "one"), two(folder_.path() / "two", 431);
  const Lineage lineage =
      trace_weights(one.weights(), "w", {trace_ledger(two.path()), trace_ledger(one.path())});
  ASSERT_EQ(lineage.origins.size(), 1U);
  EXPECT_EQ(lineage.origins[0].ledger, 1U);
}

TEST_F(LineageTest, FindsTheLedgersOfAProject) {
  const TrainingLedger training(folder_.path() / "result");
  submission::Project project;
  project.root = folder_.path() / "code";
  project.reconstruct_step.emplace().weights = "../result/best_model.safetensors";
  EXPECT_EQ(trace_project(project).at(0).origins.size(), 1U) << "beside the weights";
  fs::create_directories(training.folder() / "checkpoints");
  fs::rename(training.weights(), training.folder() / "checkpoints/best_model.safetensors");
  project.reconstruct_step->weights = "../result/checkpoints/best_model.safetensors";
  EXPECT_EQ(trace_project(project).at(0).origins.size(), 1U) << "in the folder above";
  fs::create_directories(folder_.path() / "logs");
  fs::rename(training.path(), folder_.path() / "logs/run.jsonl");
  EXPECT_THAT(trace_project(project).at(0).ledgers, IsEmpty());
  EXPECT_FALSE(trace_project(project).at(0).declared);
  project.train_steps.emplace_back().ledger = "../logs/run.jsonl";
  EXPECT_EQ(trace_project(project).at(0).origins.size(), 1U) << "where it is declared";
  project.train_steps[0].ledger = "../logs/none.jsonl";
  EXPECT_TRUE(trace_project(project).at(0).declared);
  EXPECT_THAT(trace_project(project).at(0).absent_reason, HasSubstr("none.jsonl is not there"));
}

TEST_F(LineageTest, TracesEveryModelOfAProject) {
  const TrainingLedger one(folder_.path() / "one"), two(folder_.path() / "two", 431);
  submission::Project project;
  project.root = folder_.path();
  project.reconstruct_step.emplace().weights = "one/best_model.safetensors";
  for (const char* name : {"one", "two"}) {
    submission::Step& train = project.train_steps.emplace_back();
    train.outputs = name;
    train.weights = std::string(name) + "/best_model.safetensors";
  }
  std::vector<Lineage> lineages = trace_project(project);
  ASSERT_EQ(lineages.size(), 2U);
  EXPECT_EQ(lineages[0].origins.at(0).ledger, 0U);
  EXPECT_EQ(lineages[1].origins.at(0).ledger, 1U);
  fs::remove(two.path());
  lineages = trace_project(project);
  ASSERT_EQ(lineages.size(), 2U);
  EXPECT_THAT(lineages[1].origins, IsEmpty());
}

TEST_F(LineageTest, SaysWhyWeightsCannotBeRead) {
  const TrainingLedger training(folder_.path());
  system::write_file(training.weights(), "no tensors");
  EXPECT_NE(trace_weights(training.weights(), "w", {trace_ledger(training.path())}).unread_reason,
            "");
}

TEST_F(LineageTest, ComparesTheDataThatAreThere) {
  const TrainingLedger training(folder_.path() / "run");
  for (const char* name :
       {"kspace/brain_acc4_1.h5", "image/brain_acc4_1.h5", "kspace/brain_acc4_2.h5"}) {
    fs::create_directories((folder_.path() / "train" / name).parent_path());
    system::write_file(folder_.path() / "train" / name, std::string("content of ") + name);
  }
  system::write_file(folder_.path() / "train/kspace/brain_acc4_2.h5", "altered");
  const LedgerTrace trace = trace_ledger(training.path());
  EXPECT_THAT(compare_data_list(trace, {folder_.path() / "train"}),
              testing::ElementsAre("kspace/brain_acc4_2.h5: has another content",
                                   "image/brain_acc4_2.h5: is not there"));
}

TEST_F(LineageTest, ALedgerThatWasCutOffIsNotEnded) {
  TrainingLedger training(folder_.path());
  training.lines.pop_back();
  training.write();
  const LedgerTrace trace = trace_ledger(training.path());
  EXPECT_TRUE(trace.sound());
  EXPECT_FALSE(trace.ended);
  EXPECT_EQ(trace_weights(training.weights(), "w", {trace}).origins.size(), 1U);
}

}  // namespace
}  // namespace reconproof::checks
