// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/write_behind.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <vector>

namespace reconproof::baseline {
namespace {

TEST(WriteBehind, WritesWhileTheNextIsComputedAndOneAfterAnother) {
  std::vector<int> written;
  std::promise<void> computed;
  WriteBehind writer;
  const std::shared_future<void> done = computed.get_future().share();
  writer.begin([&] {
    done.wait();
    written.push_back(1);
  });
  EXPECT_TRUE(written.empty());
  computed.set_value();
  writer.begin([&] { written.push_back(2); });
  EXPECT_EQ(written.front(), 1);
  writer.finish();
  EXPECT_EQ(written, (std::vector{1, 2}));
}

TEST(WriteBehind, AnErrorEndsTheRunAtTheNextVolumeOrAtTheEnd) {
  const auto fail = [] { throw std::runtime_error("no space"); };
  bool written = false;
  WriteBehind writer;
  writer.begin(fail);
  EXPECT_THROW(writer.begin([&] { written = true; }), std::runtime_error);
  EXPECT_FALSE(written);
  writer.begin(fail);
  EXPECT_THROW(writer.finish(), std::runtime_error);
  writer.finish();  // told once
}

TEST(WriteBehind, WhatHasBegunIsWrittenThoughTheRunEnds) {
  bool written = false;
  try {
    WriteBehind writer;
    writer.begin([&] { written = true; });
    throw std::runtime_error("the next volume is corrupt");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(written);
}

TEST(WriteBehind, AnErrorThatNobodyAskedForIsTold) {
  testing::internal::CaptureStderr();
  {
    WriteBehind().begin([] { throw std::runtime_error("no space"); });
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "reconproof: no space\n");
}

}  // namespace
}  // namespace reconproof::baseline
