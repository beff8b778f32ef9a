// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The first program inside the sandbox. It puts itself under a seccomp filter, hands the filter's
// listener to the harness, and becomes the stranger's command. Static and without C++ runtime
// features: it must start in whatever file system the sandbox shows.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system/launcher_protocol.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace {

constexpr rlim_t kMaxOpenFiles = 1 << 20;
constexpr int kMaxMoves = 64;

using reconproof::system::LauncherMessage;
using reconproof::system::LauncherWord;

void say(int socket, LauncherWord word, int error, int descriptor = -1) {
  LauncherMessage message{word, error};
  iovec data{&message, sizeof message};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  sendmsg(socket, &header, MSG_NOSIGNAL);
}

/// The filter as BPF in `program`; 0 or an errno.
///
/// `answer` is what happens to calls that the harness judges: user notification, or plain refusal
/// where there is no listener. Opens are only watched, so without a listener they have no rule.
int make_filter(bool notify, int socket, sock_filter* room, size_t room_bytes,
                sock_fprog* program) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (!filter) return ENOMEM;
  // 32-bit and x32 calls would pass by numbers that mean other calls.
  int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
  // io_uring opens and connects without a system call that could be seen.
  const int kUring[] = {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
                        SCMP_SYS(io_uring_register)};
  for (int call : kUring) failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
  const uint32_t answer = notify ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO(EACCES);
  // Sockets of families that a network namespace does not confine (vsock reaches the host) or that
  // nobody reconstructing images needs. Internet sockets may be made, since importing a library
  // does that; using one is what counts.
  const scmp_datum_t kAllowed[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
  scmp_datum_t previous = kAllowed[0];
  for (scmp_datum_t family : kAllowed) {
    for (scmp_datum_t other = previous + 1; other < family; ++other) {
      failed |=
          seccomp_rule_add(filter, answer, SCMP_SYS(socket), 1, SCMP_A0_32(SCMP_CMP_EQ, other));
    }
    previous = family;
  }
  failed |=
      seccomp_rule_add(filter, answer, SCMP_SYS(socket), 1, SCMP_A0_32(SCMP_CMP_GT, AF_NETLINK));
  if (notify) {
    failed |= seccomp_rule_add(filter, answer, SCMP_SYS(connect), 0);
    failed |= seccomp_rule_add(filter, answer, SCMP_SYS(sendto), 1, SCMP_A4(SCMP_CMP_NE, 0));
    // Our own socket still has to carry the listener out.
    const scmp_datum_t ours = static_cast<scmp_datum_t>(socket);
    const int kMessages[] = {SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg)};
    for (int call : kMessages) {
      failed |= seccomp_rule_add(filter, answer, call, 1, SCMP_A0_32(SCMP_CMP_NE, ours));
    }
    const int kOpens[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat)};
    for (int call : kOpens) failed |= seccomp_rule_add(filter, answer, call, 0);
  }
  // libseccomp 2.5 exports to descriptors only.
  const int file = memfd_create("filter", MFD_CLOEXEC);
  ssize_t bytes = -1;
  if (failed == 0 && file >= 0 && seccomp_export_bpf(filter, file) == 0) {
    bytes = pread(file, room, room_bytes, 0);
  }
  close(file);
  seccomp_release(filter);
  if (bytes <= 0 || static_cast<size_t>(bytes) >= room_bytes) return ENOSYS;
  program->len = static_cast<unsigned short>(static_cast<size_t>(bytes) / sizeof(sock_filter));
  program->filter = room;
  return 0;
}

long load(const sock_fprog& program, unsigned long flags) {
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/// False when the command would run without any filter.
bool confine(int socket, bool observe) {
  static sock_filter room[512];
  sock_fprog program{};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int error = 0;
  if (observe) {
    error = make_filter(true, socket, room, sizeof room, &program);
    if (error == 0) {
      // A call under judgement is not restarted by every signal, where the kernel knows that flag
      // (5.19).
      long listener =
          load(program, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
      if (listener < 0 && errno == EINVAL)
        listener = load(program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
      if (listener >= 0) {
        say(socket, LauncherWord::kListener, 0, static_cast<int>(listener));
        close(static_cast<int>(listener));
        return true;
      }
      error = errno;
    }
  }
  say(socket, LauncherWord::kNoListener, error);
  return make_filter(false, socket, room, sizeof room, &program) == 0 && load(program, 0) == 0;
}

/// Moves the socket to the last number that can be open, and takes that number off the limit: the
/// filter lets messages through on it, and no descriptor of the command can ever have it. Negative
/// when that fails.
int out_of_reach(int socket) {
  rlimit bound{};
  if (getrlimit(RLIMIT_NOFILE, &bound) != 0 || bound.rlim_cur > kMaxOpenFiles) return -1;
  const int last = static_cast<int>(bound.rlim_cur) - 1;
  if (dup3(socket, last, O_CLOEXEC) != last) return -1;
  bound.rlim_cur = bound.rlim_max = static_cast<rlim_t>(last);
  return setrlimit(RLIMIT_NOFILE, &bound) == 0 ? last : -1;
}

struct Move {
  int from, to;
};

/// "7:3,8:4"; the number of moves, or -1 when it is no such text.
int read_moves(const char* text, Move* moves, int room) {
  int count = 0;
  if (strcmp(text, "-") == 0) return 0;
  while (count < room) {
    char* end = nullptr;
    moves[count].from = static_cast<int>(strtol(text, &end, 10));
    if (end == text || *end != ':') return -1;
    text = end + 1;
    moves[count].to = static_cast<int>(strtol(text, &end, 10));
    if (end == text || moves[count].from < 3 || moves[count].to < 3) return -1;
    ++count;
    if (*end == '\0') return count;
    if (*end != ',') return -1;
    text = end + 1;
  }
  return -1;
}

/// Leaves 0, 1, 2, the socket, and the passed descriptors under their numbers.
bool place_descriptors(const char* text, int socket) {
  static Move moves[kMaxMoves];
  const int count = read_moves(text, moves, kMaxMoves);
  if (count < 0) return false;
  int above = 3;  // out of the way of all numbers that are still to be given
  for (int i = 0; i < count; ++i) above = moves[i].to >= above ? moves[i].to + 1 : above;
  for (int i = 0; i < count; ++i) {
    moves[i].from = fcntl(moves[i].from, F_DUPFD_CLOEXEC, above);
    if (moves[i].from < 0 || moves[i].from >= socket) return false;
  }
  close_range(3, static_cast<unsigned>(above) - 1, 0);
  for (int i = 0; i < count; ++i) {
    if (dup2(moves[i].from, moves[i].to) < 0) return false;
  }
  close_range(static_cast<unsigned>(above), static_cast<unsigned>(socket) - 1, 0);
  close_range(static_cast<unsigned>(socket) + 1, ~0u, 0);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  using reconproof::system::kLauncherArguments;
  if (argc <= kLauncherArguments) return 70;
  const int socket = out_of_reach(atoi(argv[1]));
  if (socket < 0) return 70;
  const bool observe = argv[2][0] == '1';
  // Inside the user namespace: outside it would count the processes of everybody with this uid.
  const rlim_t processes = static_cast<rlim_t>(atoll(argv[3]));
  const rlimit bound{processes, processes};
  setrlimit(RLIMIT_NPROC, &bound);
  if (!place_descriptors(argv[4], socket)) return 70;
  if (!confine(socket, observe)) return 70;
  say(socket, LauncherWord::kReady, 0);
  execvp(argv[kLauncherArguments], argv + kLauncherArguments);
  say(socket, LauncherWord::kExecFailed, errno);
  return 127;
}
