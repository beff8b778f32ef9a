// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/write_behind.h"

#include <utility>

namespace reconproof::baseline {

WriteBehind::~WriteBehind() {
  if (last_.valid()) last_.wait();
}

void WriteBehind::begin(std::function<void()> write) {
  finish();
  last_ = std::async(std::launch::async, std::move(write));
}

void WriteBehind::finish() {
  if (last_.valid()) last_.get();
}

}  // namespace reconproof::baseline
