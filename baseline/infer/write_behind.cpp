// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/write_behind.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace reconproof::baseline {

WriteBehind::~WriteBehind() {
  try {
    finish();
  } catch (const std::exception& error) {
    fmt::print(stderr, "reconproof: {}\n", error.what());
  }
}

void WriteBehind::begin(std::function<void()> write) {
  finish();
  last_ = std::async(std::launch::async, std::move(write));
}

void WriteBehind::finish() {
  if (last_.valid()) last_.get();
}

}  // namespace reconproof::baseline
