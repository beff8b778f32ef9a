// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a team's process answers: the input, as it is.
#include <sys/socket.h>

#include <vector>

#include "checks/measure/slice_channel.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

/// A driver that has said all it will say, and listens.
system::Descriptor answering(std::string_view answers, system::Descriptor& ours) {
  int pair[2];
  RP_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  ours = system::Descriptor(pair[0]);
  system::Descriptor theirs(pair[1]);
  if (!answers.empty()) ::send(theirs.get(), answers.data(), answers.size(), MSG_DONTWAIT);
  ::shutdown(theirs.get(), SHUT_WR);
  return theirs;
}

/// Answers have 128 bytes; shorter lines of the input are filled up with blanks.
std::string filled_up(std::string_view text) {
  constexpr size_t kAnswer = 128;
  std::string answers;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    answers += text.substr(0, end);
    if (end < kAnswer) answers.append(kAnswer - end, ' ');
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return answers;
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  system::Descriptor ours;
  const system::Descriptor theirs =
      fuzz::answering(fuzz::filled_up(fuzz::text_of(data, size)), ours);
  checks::SliceChannel channel(std::move(ours));
  std::vector<float> image(32);
  try {
    channel.load();
    RP_ASSERT(channel.prepare({"image", "kspace"}) >= 0);
    channel.reconstruct(0);
    channel.fetch(0, 8, image);
    channel.deliver(1, 8, image);
    RP_ASSERT(channel.alter(0.5f) >= 0);
    channel.end();
  } catch (const system::Error& error) {
    RP_ASSERT(error.code() == system::Code::kIo || error.code() == system::Code::kCorrupt);
  }
  return 0;
}
