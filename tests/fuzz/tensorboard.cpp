// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The input as it is, and as the contents of records whose checksums are right.
#include "formats/tensorboard.h"

#include <cstring>

#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

template <typename Value>
std::string raw(Value value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string record(std::string_view data) {
  const std::string length = raw(uint64_t{data.size()});
  return length + raw(formats::masked_crc32c(length)) + std::string(data) +
         raw(formats::masked_crc32c(data));
}

void read(const std::string& bytes) {
  formats::TensorboardEvents events;
  if (!accepted([&] { events = formats::parse_tensorboard(bytes, "input"); })) return;
  RP_ASSERT(formats::is_tensorboard(bytes) && events.records > 0);
  for (const formats::TensorboardScalar& scalar : events.scalars)
    RP_ASSERT(!scalar.tag.empty() && scalar.tag.size() <= 1000);
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::read(std::string(text));
  const std::string_view first = text.substr(0, size / 2);
  fuzz::read(fuzz::record(text));
  fuzz::read(fuzz::record(first) + fuzz::record(text.substr(first.size())));
  return 0;
}
