// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tensorboard.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "system/error.h"

namespace reconproof::formats {
namespace {

constexpr size_t kFrameHead = 12, kFrameTail = 4;
constexpr uint64_t kMaxRecord = uint64_t{64} << 20;
constexpr size_t kMaxTag = 1000, kMaxScalars = 1'000'000;

constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0x82F63B78u : value >> 1;
    table[i] = value;
  }
  return table;
}();

template <typename Value>
Value little_endian(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  Value value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

struct Malformed {
  const char* what;
};

/// One field of a message: its number, and what it holds.
struct WireField {
  uint32_t number = 0, type = 0;
  uint64_t integer = 0;    // varint
  std::string_view bytes;  // of a fixed or length-delimited one
};

/// The fields of a message, one by one. Groups, which nobody writes any more, are refused.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : rest_(bytes) {}

  std::optional<WireField> next() {
    if (rest_.empty()) return std::nullopt;
    const uint64_t key = varint();
    WireField field;
    field.type = static_cast<uint32_t>(key & 7);
    if (key >> 3 == 0 || key >> 3 > 0x1FFFFFFF) throw Malformed{"a field's number"};
    field.number = static_cast<uint32_t>(key >> 3);
    switch (field.type) {
      case 0:
        field.integer = varint();
        break;
      case 1:
        field.bytes = take(8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        field.bytes = take(4);
        break;
      default:
        throw Malformed{"a field's type"};
    }
    return field;
  }

 private:
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      if (shift == 63 && byte > 1) break;
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    throw Malformed{"a varint"};
  }
  std::string_view take(uint64_t size) {
    if (size > rest_.size()) throw Malformed{"a length"};
    const std::string_view bytes = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

  std::string_view rest_;
};

/// TensorProto: of one number, else nothing.
std::optional<double> tensor_value(std::string_view bytes) {
  constexpr uint64_t kFloat = 1, kDouble = 2;
  uint64_t type = 0;
  std::string_view content, floats, doubles;
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->type == 0) type = field->integer;
    if (field->number == 4 && field->type == 2) content = field->bytes;
    if (field->number == 5 && (field->type == 2 || field->type == 5)) floats = field->bytes;
    if (field->number == 6 && (field->type == 2 || field->type == 1)) doubles = field->bytes;
  }
  for (const std::string_view value : {content, floats}) {
    if (type == kFloat && value.size() == 4) return little_endian<float>(value);
  }
  for (const std::string_view value : {content, doubles}) {
    if (type == kDouble && value.size() == 8) return little_endian<double>(value);
  }
  return std::nullopt;
}

/// Summary.Value
void read_value(std::string_view bytes, const TensorboardScalar& event,
                std::vector<TensorboardScalar>& scalars) {
  TensorboardScalar scalar = event;
  std::optional<double> value;
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->type == 2) {
      if (field->bytes.size() > kMaxTag) throw Malformed{"a tag of more than 1,000 bytes"};
      scalar.tag = field->bytes;
    }
    if (field->number == 2 && field->type == 5) value = little_endian<float>(field->bytes);
    if (field->number == 8 && field->type == 2) value = tensor_value(field->bytes);
  }
  if (!value || scalar.tag.empty()) return;
  if (scalars.size() == kMaxScalars) throw Malformed{"more than 1,000,000 scalars"};
  scalar.value = *value;
  scalars.push_back(std::move(scalar));
}

void read_event(std::string_view bytes, std::vector<TensorboardScalar>& scalars) {
  TensorboardScalar event;
  std::vector<std::string_view> summaries;
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->type == 1) event.wall_s = little_endian<double>(field->bytes);
    if (field->number == 2 && field->type == 0) event.step = static_cast<int64_t>(field->integer);
    if (field->number == 5 && field->type == 2) summaries.push_back(field->bytes);
  }
  for (const std::string_view summary : summaries) {
    MessageReader values(summary);
    while (const auto field = values.next()) {
      if (field->number == 1 && field->type == 2) read_value(field->bytes, event, scalars);
    }
  }
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes)
    crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

uint32_t masked_crc32c(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8u;
}

bool is_tensorboard(std::string_view bytes) {
  return bytes.size() >= kFrameHead &&
         little_endian<uint32_t>(bytes.substr(8)) == masked_crc32c(bytes.substr(0, 8));
}

TensorboardEvents parse_tensorboard(std::string_view bytes, const std::string& name) {
  TensorboardEvents events;
  size_t at = 0;
  const auto refuse = [&](const char* what) {
    system::fail(system::Code::kCorrupt, "{}: offset {}: {}; is it an event file of TensorBoard?",
                 name, at, what);
  };
  while (at < bytes.size()) {
    const std::string_view rest = bytes.substr(at);
    events.cut_off = rest.size() < kFrameHead;
    if (events.cut_off) break;
    if (!is_tensorboard(rest)) refuse("the checksum of a record's length is wrong");
    const auto length = little_endian<uint64_t>(rest);
    if (length > kMaxRecord) refuse("a record of more than 64 MiB");
    events.cut_off = rest.size() - kFrameHead < length + kFrameTail;
    if (events.cut_off) break;
    const std::string_view data = rest.substr(kFrameHead, static_cast<size_t>(length));
    if (little_endian<uint32_t>(rest.substr(kFrameHead + data.size())) != masked_crc32c(data))
      refuse("the checksum of a record is wrong");
    try {
      read_event(data, events.scalars);
    } catch (const Malformed& malformed) {
      system::fail(system::Code::kCorrupt, "{}: offset {}: malformed record: {}", name, at,
                   malformed.what);
    }
    ++events.records;
    at += kFrameHead + data.size() + kFrameTail;
  }
  if (events.records == 0) refuse("no whole record");
  return events;
}

}  // namespace reconproof::formats
