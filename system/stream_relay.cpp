// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/stream_relay.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "system/error.h"

namespace reconproof::system {
namespace {

/// False where nobody reads any more.
bool write_through(int to, std::string_view bytes, const std::function<void()>& interrupted) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(to, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes.remove_prefix(static_cast<size_t>(put));
    } else if (errno == EINTR) {
      interrupted();
    } else if (errno == EAGAIN) {  // someone made our stream non-blocking
      pollfd ready{to, POLLOUT, 0};
      ::poll(&ready, 1, 100);
    } else {
      return false;
    }
  }
  return true;
}

void make_ours(int fd, bool nonblocking) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (nonblocking) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

bool same_file(int a, int b) {
  struct stat first {
  }, second{};
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

StreamRelay::StreamRelay(Tap tap) : tap_(std::move(tap)) {
  // Where nobody reads any more it is the command that ends by it, not we.
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignored, &pipe_before_);
  std::array<bool, 3> terminal{};
  for (int stream = 0; stream < 3; ++stream)
    terminal[static_cast<size_t>(stream)] = ::isatty(stream) == 1;
  if (terminal[1] || terminal[2]) open_terminal(terminal[0], terminal);
  const bool together = !terminal[1] && !terminal[2] && same_file(1, 2);
  for (int stream = 1; stream <= 2; ++stream) {
    if (terminal[static_cast<size_t>(stream)]) continue;
    if (stream == 2 && together) {
      streams_[2] = streams_[1];
      continue;
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail_errno(Code::kIo, "pipe");
    make_ours(ends[0], true);
    ways_.push_back({Descriptor(ends[0]), stream, stream});
    theirs_.emplace_back(ends[1]);
    streams_[static_cast<size_t>(stream)] = ends[1];
  }
}

StreamRelay::~StreamRelay() {
  ::sigaction(SIGPIPE, &pipe_before_, nullptr);
  if (before_) ::tcsetattr(terminal_, TCSADRAIN, &*before_);
}

void StreamRelay::open_terminal(bool input, const std::array<bool, 3>& terminal) {
  terminal_ = input ? 0 : terminal[1] ? 1 : 2;
  termios settings{};
  winsize size{};
  ::tcgetattr(terminal_, &settings);
  ::ioctl(terminal_, TIOCGWINSZ, &size);
  // In the background we must not touch the terminal, and nothing is typed for us.
  typing_ = input && ::tcgetpgrp(0) == ::getpgrp();
  termios theirs = settings;
  // Our own terminal still turns line ends into what it needs.
  if (!typing_) theirs.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  int master = -1, slave = -1;
  if (::openpty(&master, &slave, nullptr, &theirs, &size) != 0)
    fail_errno(Code::kIo, "a pseudoterminal");
  make_ours(master, true);
  make_ours(slave, false);
  const int to = terminal[1] ? 1 : 2;
  ways_.push_back({Descriptor(master), to, to});
  master_ = master;
  theirs_.emplace_back(slave);
  for (int stream = 0; stream < 3; ++stream) {
    if (!terminal[static_cast<size_t>(stream)]) continue;
    streams_[static_cast<size_t>(stream)] = slave;
    terminal_stream_ = stream;
  }
  if (!typing_) return;
  before_ = settings;
  ::cfmakeraw(&settings);
  ::tcsetattr(0, TCSANOW, &settings);
}

void StreamRelay::started() { theirs_.clear(); }

void StreamRelay::add_to(std::vector<pollfd>& polled) const {
  for (const Way& way : ways_) {
    if (way.open) polled.push_back({way.from.get(), POLLIN, 0});
  }
  if (typing_) polled.push_back({0, POLLIN, 0});
}

bool StreamRelay::move(Way& way, const std::function<void()>& interrupted) {
  char buffer[1 << 14];
  for (int rounds = 0; rounds < 16; ++rounds) {  // a flood must not keep us from the clock
    const ssize_t got = ::read(way.from.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;  // EIO: nobody has the terminal open
    if (got == 0) return false;
    const std::string_view bytes(buffer, static_cast<size_t>(got));
    // The command is to see that nobody reads, as it would without us.
    if (!write_through(way.to, bytes, interrupted)) return false;
    if (tap_) tap_(way.stream, bytes);
  }
  return true;
}

void StreamRelay::move(const std::function<void()>& interrupted) {
  for (Way& way : ways_) {
    if (!way.open || move(way, interrupted)) continue;
    way.open = false;
    if (way.from.get() == master_) typing_ = false, master_ = -1;
    way.from.reset();
  }
  if (typing_) type();
  if (master_ >= 0) follow_window_size();
}

/// What is typed, to the command.
void StreamRelay::type() {
  pollfd ready{0, POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) return;
  char buffer[256];  // what a terminal takes at once
  const ssize_t got = ::read(0, buffer, sizeof buffer);
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) typing_ = false;
  if (got <= 0) return;
  const std::string_view keys(buffer, static_cast<size_t>(got));
  termios settings{};
  if (::tcgetattr(master_, &settings) == 0 && (settings.c_lflag & ISIG) != 0 &&
      keys.find(static_cast<char>(settings.c_cc[VINTR])) != std::string_view::npos)
    typed_interrupt_ = true;
  write_through(master_, keys, [] {});
}

void StreamRelay::follow_window_size() {
  winsize ours{}, theirs{};
  if (::ioctl(terminal_, TIOCGWINSZ, &ours) != 0 || ::ioctl(master_, TIOCGWINSZ, &theirs) != 0)
    return;
  if (ours.ws_row != theirs.ws_row || ours.ws_col != theirs.ws_col)
    ::ioctl(master_, TIOCSWINSZ, &ours);
}

void StreamRelay::finish(const std::function<void()>& interrupted) {
  for (Way& way : ways_) {
    pollfd ready{way.from.get(), POLLIN, 0};
    while (way.open && ::poll(&ready, 1, 0) > 0 && move(way, interrupted)) {
    }
    way.open = false;
  }
}

}  // namespace reconproof::system
