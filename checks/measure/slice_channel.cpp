// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/slice_channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cmath>

#include "formats/array.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::checks {

using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr size_t kAnswerBytes = 128;  // as in slice_driver.py

/// A number of an answer; anything else is refused.
double number(const json& answer, const char* key, const std::string& awaited) {
  const auto found = answer.find(key);
  if (found == answer.end() || !found->is_number() || !std::isfinite(found->get<double>()))
    fail(Code::kCorrupt, "{}: the answer holds no number '{}'", awaited, key);
  return found->get<double>();
}

/// How many of something.
int64_t count(const json& answer, const char* key, const std::string& awaited) {
  const auto found = answer.find(key);
  if (found == answer.end() || !found->is_number_integer() || found->get<int64_t>() < 0)
    fail(Code::kCorrupt, "{}: the answer holds no whole number '{}'", awaited, key);
  return found->get<int64_t>();
}

std::string slice_text(int64_t slice) { return fmt::format("recon_slice of slice {}", slice); }

}  // namespace

/// That nobody listens any more is said by whoever waits for the answer.
void SliceChannel::send(const json& request) {
  const std::string line = request.dump() + "\n";
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t got = ::send(socket_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    sent += static_cast<size_t>(got);
  }
}

void SliceChannel::receive(void* out, size_t size, const std::string& awaited) {
  for (size_t have = 0; have < size;) {
    const ssize_t got =
        ::recv(socket_.get(), static_cast<char*>(out) + have, size - have, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail(Code::kIo, "{}: the command ended without an answer", awaited);
    have += static_cast<size_t>(got);
  }
}

json SliceChannel::answer(const std::string& awaited) {
  std::array<char, kAnswerBytes> text;
  receive(text.data(), text.size(), awaited);
  json parsed = json::parse(text.begin(), text.end(), nullptr, false);
  if (!parsed.is_object()) {
    fail(Code::kCorrupt, "{}: it answered '{}' in place of a slice driver", awaited,
         system::printable({text.data(), text.size()}));
  }
  return parsed;
}

void SliceChannel::receive_image(const json& header, const std::string& awaited, int64_t columns,
                                 std::span<float> image) {
  const formats::Shape expected = {static_cast<int64_t>(image.size()) / columns, columns};
  const json type = header.value("type", json()), shape = header.value("shape", json());
  if (type == "float32" && shape == json(expected))
    return receive(image.data(), image.size_bytes(), awaited);
  fail(Code::kCorrupt, "{} gave {} {}, expected float32 {}: return the image as it is saved",
       awaited, system::printable(type.dump()), system::printable(shape.dump()),
       formats::shape_text(expected));
}

void SliceChannel::load() {
  send({{"do", "load"}});
  answer("load_model");
}

int64_t SliceChannel::prepare(const VolumeFiles& files) {
  send({{"do", "volume"},
        {"image", files.image.string()},
        {"kspace", files.kspace.string()},
        {"dropped", files.dropped}});
  return count(answer("prep_volume"), "slices", "prep_volume");
}

SliceTime SliceChannel::reconstruct(int64_t slice) {
  const double begin = system::monotonic_seconds();
  send({{"do", "slice"}, {"slice", slice}, {"deliver", false}});
  const json header = answer(slice_text(slice));
  const double seconds = system::monotonic_seconds() - begin;
  return {seconds, number(header, "seconds", slice_text(slice))};
}

SliceTime SliceChannel::deliver(int64_t slice, int64_t columns, std::span<float> image) {
  const double begin = system::monotonic_seconds();
  send({{"do", "slice"}, {"slice", slice}, {"deliver", true}});
  const json header = answer(slice_text(slice));
  receive_image(header, slice_text(slice), columns, image);
  const double seconds = system::monotonic_seconds() - begin;
  return {seconds, number(header, "seconds", slice_text(slice))};
}

void SliceChannel::fetch(int64_t slice, int64_t columns, std::span<float> image) {
  send({{"do", "image"}, {"slice", slice}});
  const json header = answer(slice_text(slice));
  receive_image(header, slice_text(slice), columns, image);
}

int64_t SliceChannel::alter(float value) {
  const std::string awaited = "a question about prep_volume's result";
  send({{"do", "alter"}, {"value", value}});
  return count(answer(awaited), "altered", awaited);
}

void SliceChannel::end() {
  send({{"do", "end"}});
  socket_.reset();
}

}  // namespace reconproof::checks
