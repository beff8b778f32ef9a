// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Listens to the launcher and answers the seccomp notifications of a sandboxed command, on a thread
// of its own.
#pragma once

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "system/files.h"
#include "system/sandbox.h"

namespace reconproof::system {

/// What one call amounts to: recorded when `kind` is not empty, refused when `error` is not 0.
struct Judgement {
  std::string kind, detail;
  int error = 0;
};

/// A connect or sendto with this address (as the kernel would read it). Loopback is recorded and
/// let through, since the sandbox has one of its own, except port 53: a name looked up there was
/// meant for the world.
Judgement judge_address(const void* address, size_t size);

/// A socket of a family other than Unix, Internet and netlink.
Judgement judge_family(int family);

class Observer {
 public:
  /// `socket`: our end of the launcher's socket. Opening what lies below `watch_prefixes` is
  /// recorded; opening what lies below `write_prefixes` is, where it is meant to write.
  Observer(Descriptor socket, std::vector<std::string> watch_prefixes,
           std::vector<std::string> write_prefixes);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// Call after the command's end; then the rest may be read.
  void finish();

  double ready_s() const { return ready_s_; }  // monotonic; 0: the command was never reached
  int exec_error() const { return exec_error_; }
  bool observed() const { return observed_; }
  std::string unobserved_reason() const { return unobserved_reason_; }
  std::vector<Attempt> attempts() const;

 private:
  struct Notification;
  void work();
  bool hear_launcher();
  bool answer();
  Judgement judge(const Notification& call);
  Judgement judge_open(const Notification& call);
  void record(Judgement judgement);

  Descriptor socket_, listener_, wake_read_, wake_write_;
  std::vector<std::string> watch_prefixes_, write_prefixes_;
  double ready_s_ = 0;
  int exec_error_ = 0;
  bool observed_ = false;
  std::string unobserved_reason_ = "the command was not reached";
  std::map<std::pair<std::string, std::string>, int64_t> attempts_;
  std::thread thread_;
};

}  // namespace reconproof::system
