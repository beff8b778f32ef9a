// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/training_log.h"

#include <gtest/gtest.h>

#include <vector>

namespace reconproof::challenge {
namespace {

using Kind = TrainingLogLine::Kind;

TEST(TrainingLog, ReadsAStep) {
  const auto line =
      parse_training_log_line("Epoch = [  3/ 25] Iter = [ 100/1200] Loss = 0.4123 Time = 0.5210s");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Kind::kStep);
  EXPECT_EQ(line->epoch, 3);
  EXPECT_EQ(line->epochs, 25);
  EXPECT_EQ(line->iteration, 100);
  EXPECT_EQ(line->iterations, 1200);
  EXPECT_EQ(line->loss, 0.4123);
  EXPECT_EQ(line->time_s, 0.521);
  EXPECT_EQ(line->digits, 4);
  EXPECT_FALSE(line->not_finite);
}

TEST(TrainingLog, ReadsTheEndOfAnEpoch) {
  const auto line = parse_training_log_line(
      "Epoch = [   0/   5] TrainLoss = 0.1613 ValLoss = 0.06217 TrainTime = 52.0871s ValTime = "
      "4.1042s");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Kind::kEpochEnd);
  EXPECT_EQ(line->epochs, 5);
  EXPECT_EQ(line->train_loss, 0.1613);
  EXPECT_EQ(line->val_loss, 0.06217);
  EXPECT_EQ(line->train_time_s, 52.0871);
  EXPECT_EQ(line->val_time_s, 4.1042);
}

TEST(TrainingLog, TellsWhatIsNotFiniteFromWhatIsNotThere) {
  for (const char* value : {"nan", "NaN", "inf", "-inf"}) {
    const auto step = parse_training_log_line(std::string("Epoch = [0/1] Iter = [0/9] Loss = ") +
                                              value + " Time = 0.1s");
    ASSERT_TRUE(step) << value;
    EXPECT_FALSE(step->loss);
    EXPECT_TRUE(step->not_finite);
    EXPECT_EQ(step->time_s, 0.1);
    EXPECT_EQ(step->digits, 0);
  }
  const auto end =
      parse_training_log_line("Epoch = [0/1] TrainLoss = 0.5 ValLoss = nan TrainTime = 1s");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->train_loss, 0.5);
  EXPECT_FALSE(end->val_loss);
  EXPECT_TRUE(end->not_finite);
  EXPECT_EQ(end->train_time_s, 1);
  EXPECT_FALSE(end->val_time_s);
  const auto short_end = parse_training_log_line("Epoch = [0/1] TrainLoss = 0.5");
  ASSERT_TRUE(short_end);
  EXPECT_FALSE(short_end->val_loss);
  EXPECT_FALSE(short_end->not_finite);
}

TEST(TrainingLog, RefusesAllElse) {
  for (const char* text :
       {"", "Epoch # 0 ............... test_Varnet ...............", "Epoch = [", "Epoch = [0/1]",
        "Epoch = [-1/1] Iter = [0/9] Loss = 1", "Epoch = [1/99999999999] Iter = [0/9] Loss = 1",
        "Epoch = [0/1] Iter = [0/9] Loss = much",
        "Epoch = [0/1] TrainLoss = ", "Epoch = [0/1] Iter = [0] Loss = 1"})
    EXPECT_FALSE(parse_training_log_line(text)) << text;
}

TEST(TrainingLog, FindsLinesInWhateverPiecesTheyCome) {
  const std::string text =
      " 10%|#         | 1/10\rEpoch = [0/2] Iter = [0/9] Loss = 1 Time = 1s\n" +
      std::string(5000, 'x') + "Epoch = [0/2] Iter = [1/9] Loss = 1\n\r\n" +
      "Epoch = [0/2] Iter = [2/9] Loss = 1\rEpoch = [0/2] Iter = [3/9] Loss = 1";
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{999}, size_t{1001}, text.size()}) {
    std::vector<int64_t> iterations;
    TrainingLogReader reader(
        [&](const TrainingLogLine& line) { iterations.push_back(line.iteration); });
    for (size_t at = 0; at < text.size(); at += piece)
      reader.add(std::string_view(text).substr(at, piece));
    EXPECT_EQ(iterations, (std::vector<int64_t>{0, 2})) << piece;
    reader.finish();
    EXPECT_EQ(iterations, (std::vector<int64_t>{0, 2, 3})) << piece;
  }
}

}  // namespace
}  // namespace reconproof::challenge
