// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// For tests that need a real sandbox: they are skipped where there is none, unless
// RECONPROOF_REQUIRE_SANDBOX=1 says that there has to be one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "system/sandbox.h"
#include "system/sandbox_child.h"

namespace reconproof::tests {

inline bool sandbox_required() {
  const char* value = std::getenv("RECONPROOF_REQUIRE_SANDBOX");
  return value && std::string_view(value) == "1";
}

class SandboxTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { system::set_sandbox_helper_program(RECONPROOF_SANDBOX_HELPER); }
  void SetUp() override {
    const system::SandboxSupport& support = system::probe_sandbox();
    if (support.available) return;
    if (sandbox_required()) FAIL() << support.refused_reason;
    GTEST_SKIP() << support.refused_reason;
  }
};

}  // namespace reconproof::tests
