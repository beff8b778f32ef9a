// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The parent of the confined HDF5 reader, whose worker answers whatever it likes: the "file" holds
// the answers, one a line. A line "=..." is sent as it is, any other as a message with its length.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "formats/hdf5_child.h"
#include "system/files.h"
#include "tests/fuzz/hdf5_readers.h"
#include "tests/fuzz/memory_file.h"

namespace reconproof::fuzz {
namespace {

constexpr int kControl = 3;  // as in hdf5_child.cpp

/// The worker's socket and the file.
bool receive(std::array<system::Descriptor, 2>& out) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(kControl, &message, MSG_CMSG_CLOEXEC) <= 0) return false;
  std::array<int, 2> fds{};
  std::memcpy(fds.data(), CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fds);
  out = {system::Descriptor(fds[0]), system::Descriptor(fds[1])};
  return true;
}

std::string answers_of(std::string_view text) {
  std::string answers;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const uint32_t length = static_cast<uint32_t>(line.size());
    if (line.starts_with('=')) {
      answers += line.substr(1);
    } else {
      answers.append(reinterpret_cast<const char*>(&length), sizeof length).append(line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return answers;
}

[[noreturn]] void answer() {
  std::array<system::Descriptor, 2> given;
  while (receive(given)) {
    std::string text(1 << 20, '\0');
    const ssize_t got = ::pread(given[1].get(), text.data(), text.size(), 0);
    const std::string answers =
        answers_of(text.substr(0, static_cast<size_t>(std::max<ssize_t>(got, 0))));
    ::send(given[0].get(), answers.data(), answers.size(), MSG_NOSIGNAL);
    ::shutdown(given[0].get(), SHUT_WR);
    while (::recv(given[0].get(), text.data(), text.size(), 0) > 0) continue;
    given = {};
  }
  ::_exit(0);
}

}  // namespace
}  // namespace reconproof::fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  using namespace reconproof;
  if (*argc > 1 && std::string_view((*argv)[1]) == formats::kHdf5ReaderCommand) fuzz::answer();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof::fuzz;
  static ScratchFile file("input.h5");
  file.set(text_of(data, size));
  read_confined(file.path());
  return 0;
}
