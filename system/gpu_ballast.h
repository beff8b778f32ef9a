// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A process of ours that holds so much of a large GPU's memory that a run finds no more than a
// small one would leave it: what does not fit there then fails here too, instead of being sampled.
//
// It is this binary, re-executed (`__gpu-ballast`), since a CUDA context cannot be given up inside
// a process that wants to live on, and since a driver that hangs must not hang the harness.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "system/files.h"

namespace reconproof::system {

inline constexpr const char* kGpuBallastCommand = "__gpu-ballast";

/// What the driver leaves may differ by so much from what was asked for.
inline constexpr int64_t kBallastTolerance = int64_t{64} << 20;

class GpuBallast {
 public:
  /// Leaves `leave_bytes` of the GPU `device`, counted as GpuMonitor does and called `name` there.
  /// Never throws for the driver's sake: see `refused_reason`.
  GpuBallast(size_t device, const std::string& name, int64_t leave_bytes);
  /// Gives the memory back.
  ~GpuBallast();
  GpuBallast(const GpuBallast&) = delete;
  GpuBallast& operator=(const GpuBallast&) = delete;

  /// Why it holds nothing; empty when it does.
  const std::string& refused_reason() const { return refused_; }
  /// What was free after all had been taken: what a run can have, its CUDA context included.
  int64_t left_bytes() const { return left_; }
  int64_t held_bytes() const { return held_; }
  pid_t pid() const { return pid_; }
  /// False once it has ended before its time: something killed it, or the GPU was lost.
  bool holds();

 private:
  std::string start();
  std::string ask(size_t device, const std::string& name, int64_t leave_bytes);
  void stop();

  Descriptor socket_;
  pid_t pid_ = 0;
  std::string refused_;
  int64_t left_ = 0, held_ = 0;
};

/// The body of the hidden command: does what descriptor 3 asks for, and holds it until that is
/// closed, which the end of the harness does too. Returns the process's exit code.
int serve_gpu_ballast();

}  // namespace reconproof::system
