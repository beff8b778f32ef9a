// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Stands between a command and the person, file or pipe that it would otherwise talk to, without
// being noticed.
#pragma once

#include <poll.h>
#include <signal.h>
#include <termios.h>

#include <array>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "system/files.h"

namespace reconproof::system {

/// Whether two descriptors lead to one file: then what is written to them has an order.
bool same_file(int a, int b);

/// Our stdin, stdout and stderr, handed to a command. What it writes to 1 and 2 comes out of ours,
/// byte for byte. Where ours are a terminal the command has one too (a pseudoterminal of the same
/// size and settings; ours is raw meanwhile, so that Ctrl-C and all other keys reach the command);
/// where both lead to one file the order of its writes stays what it was.
class StreamRelay {
 public:
  /// Called with what has come out: of stream 1 or 2 (a terminal that is both: 1).
  using Tap = std::function<void(int stream, std::string_view bytes)>;

  explicit StreamRelay(Tap tap);
  /// The terminal is as it was before.
  ~StreamRelay();
  StreamRelay(const StreamRelay&) = delete;
  StreamRelay& operator=(const StreamRelay&) = delete;

  /// What the command gets as 0, 1, 2.
  const std::array<int, 3>& streams() const { return streams_; }
  /// Which of them is to be its controlling terminal; -1: none.
  int terminal_stream() const { return terminal_stream_; }
  /// The command has its ends; ours of them are closed.
  void started();

  /// What poll() is to wait for.
  void add_to(std::vector<pollfd>& polled) const;
  /// Moves what is there. `interrupted` is called where a signal cuts into a write.
  void move(const std::function<void()>& interrupted);
  /// All writers are dead: moves what is left.
  void finish(const std::function<void()>& interrupted);
  /// Whether Ctrl-C was typed, and the command did not read it as a mere key.
  bool typed_interrupt() const { return typed_interrupt_; }

 private:
  struct Way {
    Descriptor from;
    int to = -1, stream = 0;
    bool open = true;
  };

  void open_terminal(bool input, const std::array<bool, 3>& terminal);
  bool move(Way& way, const std::function<void()>& interrupted);
  void type();
  void follow_window_size();

  Tap tap_;
  std::array<int, 3> streams_{0, 1, 2};
  std::vector<Descriptor> theirs_;
  std::vector<Way> ways_;
  int terminal_stream_ = -1;
  int master_ = -1;  // of `ways_`
  bool typing_ = false, typed_interrupt_ = false;
  int terminal_ = -1;  // ours
  std::optional<termios> before_;
  struct sigaction pipe_before_ {};
};

}  // namespace reconproof::system
