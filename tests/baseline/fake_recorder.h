// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

#include "baseline/model/recording.h"

namespace reconproof::baseline {

/// A device that records by remembering the work. What it replays lands where it was recorded.
class FakeRecorder final : public Recorder {
 public:
  struct Counts {
    int recorded = 0, replayed = 0;
    bool fail = false;
  };
  explicit FakeRecorder(Counts& counts) : counts_(counts) {}

  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    for (int warm_up = 0; warm_up < 2; ++warm_up) work();
    if (counts_.fail) throw std::runtime_error("no memory for a recording");
    ++counts_.recorded;
    return std::make_unique<Fake>(work, counts_);
  }

 private:
  class Fake final : public Recording {
   public:
    Fake(std::function<void()> work, Counts& counts) : work_(std::move(work)), counts_(counts) {}
    void replay() override {
      ++counts_.replayed;
      work_();
    }

   private:
    std::function<void()> work_;
    Counts& counts_;
  };
  Counts& counts_;
};

}  // namespace reconproof::baseline
