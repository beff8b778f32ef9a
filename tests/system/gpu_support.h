// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// For tests with the fake libraries of the NVIDIA driver (fake_gpu.h).
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "system/files.h"

namespace reconproof::tests {

/// A variable of the environment for the time of a test.
class WithVariable {
 public:
  WithVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~WithVariable() {
    if (before_) {
      ::setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

/// The fake library stands for the driver's.
class GpuTest : public testing::Test {
 private:
  WithVariable library_{"RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML};
};

#ifdef RECONPROOF_FAKE_CUDA
/// So does a fake library for CUDA, whose processes the other one shows.
class CudaTest : public GpuTest {
 private:
  system::TemporaryFolder state_;
  WithVariable library_{"RECONPROOF_CUDA_LIBRARY", RECONPROOF_FAKE_CUDA};
  WithVariable state_variable_{"FAKE_GPU_STATE", state_.path().string()};
};
#endif

}  // namespace reconproof::tests
