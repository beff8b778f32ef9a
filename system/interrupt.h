// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Ctrl-C and a polite kill, turned into an exception, so that half-written files are removed and
// children are killed on the way out.
#pragma once

namespace reconproof::system {

/// Thrown where work stops for a signal. No std::exception on purpose: only main may catch it, and
/// it ends with `die_of`.
struct Interrupted {
  int signal;
};

/// While one lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT are noted instead of ending the process.
/// The last one to go restores the dispositions; a signal that nobody threw for then takes its
/// course.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  static bool interrupted();
  static void throw_if_interrupted();
  /// The signal that came, for who hands it on to another process: it counts no more. 0: none did.
  static int take_signal();
};

/// Ends the process by the signal, as its parent expects to see it.
[[noreturn]] void die_of(const Interrupted& interrupted);

}  // namespace reconproof::system
