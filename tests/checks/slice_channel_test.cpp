// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Our end of the slice driver's socket, against an end that says what it likes.
#include "checks/measure/slice_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <vector>

#include "system/error.h"

namespace reconproof::checks {
namespace {

using system::Code;
using testing::HasSubstr;

/// The other end has said all that it will say before it is asked.
class Answers {
 public:
  Answers() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    channel.emplace(system::Descriptor(ends[0]));
    other_ = system::Descriptor(ends[1]);
  }
  void say(std::string text) {
    text.resize(128, ' ');
    say_raw(text.data(), text.size());
  }
  void say_raw(const void* data, size_t size) {
    EXPECT_EQ(::send(other_.get(), data, size, MSG_NOSIGNAL), static_cast<ssize_t>(size));
  }
  void leave() { other_.reset(); }
  std::string heard() {
    std::array<char, 4096> text{};
    const ssize_t got = ::recv(other_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return got > 0 ? std::string(text.data(), static_cast<size_t>(got)) : "";
  }

  std::optional<SliceChannel> channel;

 private:
  system::Descriptor other_;
};

template <typename Action>
std::pair<Code, std::string> error_of(Action&& action) {
  try {
    action();
  } catch (const system::Error& error) {
    return {error.code(), error.what()};
  }
  return {Code::kInternal, "no error"};
}

TEST(SliceChannel, DeliversAnImage) {
  Answers answers;
  const std::vector<float> sent = {1, 2, 3, NAN, 5, 6};
  answers.say(R"({"seconds": 0.25, "type": "float32", "shape": [2, 3]})");
  answers.say_raw(sent.data(), sent.size() * sizeof(float));
  std::vector<float> image(6);
  const SliceTime time = answers.channel->deliver(7, 3, image);
  EXPECT_EQ(time.declared, 0.25);
  EXPECT_GT(time.seconds, 0);
  EXPECT_EQ(std::memcmp(image.data(), sent.data(), sizeof(float) * 6), 0);
  EXPECT_EQ(answers.heard(), "{\"deliver\":true,\"do\":\"slice\",\"slice\":7}\n");
}

TEST(SliceChannel, RefusesWhatIsNoImage) {
  for (const char* header :
       {R"({"seconds": 1, "type": "float64", "shape": [2, 3]})",
        R"({"seconds": 1, "type": "float32", "shape": [3, 2]})",
        R"({"seconds": 1, "type": "float32", "shape": [2, 9223372036854775807]})",
        R"({"seconds": 1, "type": "float32"})", R"({"seconds": 1})"}) {
    Answers answers;
    answers.say(header);
    std::vector<float> image(6);
    const auto [code, text] = error_of([&] { answers.channel->deliver(0, 3, image); });
    EXPECT_EQ(code, Code::kCorrupt) << header;
    EXPECT_THAT(text, HasSubstr("expected float32 (2, 3)")) << header;
  }
}

TEST(SliceChannel, RefusesOtherAnswers) {
  for (const char* header :
       {"PASS \x1b[2J", "[]", "{", R"({"slices": "two"})", R"({"slices": null})", "{}",
        R"({"slices": -1})", R"({"slices": 1e300})", R"({"slices": 18446744073709551615})"}) {
    Answers answers;
    answers.say(header);
    const auto [code, text] = error_of([&] { answers.channel->prepare({"a.h5", "b.h5", false}); });
    EXPECT_EQ(code, Code::kCorrupt) << header;
    EXPECT_THAT(text, HasSubstr("prep_volume")) << header;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << "an escape code reaches the terminal";
  }
}

TEST(SliceChannel, AnEndThatLeavesIsNoticed) {
  Answers gone;
  gone.leave();
  EXPECT_EQ(error_of([&] { gone.channel->load(); }).first, Code::kIo);

  Answers half;  // in the middle of an image
  half.say(R"({"type": "float32", "shape": [2, 3]})");
  half.say_raw("1234", 4);
  half.leave();
  std::vector<float> image(6);
  const auto [code, text] = error_of([&] { half.channel->fetch(3, 3, image); });
  EXPECT_EQ(code, Code::kIo);
  EXPECT_THAT(text, HasSubstr("recon_slice of slice 3: the command ended"));
}

}  // namespace
}  // namespace reconproof::checks
