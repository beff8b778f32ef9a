// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>

namespace reconproof::system {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

std::atomic<int> g_interrupted{0};
std::mutex g_mutex;  // guards what follows
int g_watches = 0;
std::array<struct sigaction, kSignals.size()> g_before{};

void note_signal(int signal) { g_interrupted = signal; }

}  // namespace

InterruptWatch::InterruptWatch() {
  const std::lock_guard lock(g_mutex);
  if (g_watches++ > 0) return;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &g_before[i]);
    // nohup, or a program with plans of its own
    if (g_before[i].sa_handler != SIG_DFL) continue;
    struct sigaction action {};
    action.sa_handler = note_signal;
    ::sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptWatch::~InterruptWatch() {
  const std::lock_guard lock(g_mutex);
  if (--g_watches > 0) return;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    if (g_before[i].sa_handler == SIG_DFL) ::sigaction(kSignals[i], &g_before[i], nullptr);
  }
  if (const int signal = g_interrupted.exchange(0)) ::raise(signal);
}

bool InterruptWatch::interrupted() { return g_interrupted != 0; }

void InterruptWatch::throw_if_interrupted() {
  if (const int signal = g_interrupted.exchange(0)) throw Interrupted{signal};
}

int InterruptWatch::take_signal() { return g_interrupted.exchange(0); }

void die_of(const Interrupted& interrupted) {
  ::signal(interrupted.signal, SIG_DFL);
  ::raise(interrupted.signal);
  ::_exit(128 + interrupted.signal);
}

}  // namespace reconproof::system
