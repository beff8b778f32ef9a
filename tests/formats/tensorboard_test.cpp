// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "formats/csv.h"
#include "system/error.h"

namespace reconproof::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename Value>
std::string little_endian_bytes(Value value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string field(int number, int type, const std::string& bytes) {
  std::string text(1, static_cast<char>(number << 3 | type));
  if (type == 2) text += static_cast<char>(bytes.size());  // below 128 here
  return text + bytes;
}

std::string record(const std::string& data) {
  const std::string length = little_endian_bytes(uint64_t{data.size()});
  return length + little_endian_bytes(masked_crc32c(length)) + data +
         little_endian_bytes(masked_crc32c(data));
}

std::string event(int step, const std::string& value) {
  return record(field(1, 1, little_endian_bytes(1.75e9)) +
                field(2, 0, std::string(1, static_cast<char>(step))) +
                field(5, 2, field(1, 2, value)));
}

const std::string kVersion =
    record(field(1, 1, little_endian_bytes(1.75e9)) + field(3, 2, "brain.Event:2"));
const std::string kFloat =
    event(7, field(1, 2, "loss/val") + field(2, 5, little_endian_bytes(0.25f)));

std::string message_of(const std::string& bytes) {
  try {
    parse_tensorboard(bytes, "events");
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kCorrupt);
    return error.what();
  }
  return "";
}

TEST(Crc32c, IsThatOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
}

TEST(Tensorboard, ReadsScalarsInEachForm) {
  const std::string float_tensor = field(1, 0, "\x01") + field(4, 2, little_endian_bytes(0.5f));
  const std::string double_tensor = field(1, 0, "\x02") + field(6, 2, little_endian_bytes(0.125));
  const std::string bytes =
      kVersion + kFloat + event(8, field(1, 2, "loss/train") + field(8, 2, float_tensor)) +
      event(9, field(1, 2, "loss/train") + field(8, 2, double_tensor)) +
      event(10, field(1, 2, "loss/train") + field(2, 5, little_endian_bytes(std::nanf(""))));
  ASSERT_TRUE(is_tensorboard(bytes));
  const TensorboardEvents events = parse_tensorboard(bytes, "events");
  EXPECT_EQ(events.records, 5);
  EXPECT_FALSE(events.cut_off);
  ASSERT_EQ(events.scalars.size(), 4U);
  EXPECT_EQ(events.scalars[0].tag, "loss/val");
  EXPECT_EQ(events.scalars[0].step, 7);
  EXPECT_EQ(events.scalars[0].value, 0.25);
  EXPECT_EQ(events.scalars[0].wall_s, 1.75e9);
  EXPECT_EQ(events.scalars[1].value, 0.5);
  EXPECT_EQ(events.scalars[2].value, 0.125);
  EXPECT_TRUE(std::isnan(events.scalars[3].value));
}

TEST(Tensorboard, PassesOverWhatIsNoScalar) {
  const std::string image = field(1, 2, "image") + field(4, 2, "some bytes");
  const std::string matrix =
      field(1, 2, "m") + field(8, 2, field(1, 0, "\x01") + field(4, 2, little_endian_bytes(0.5)));
  EXPECT_TRUE(parse_tensorboard(event(1, image) + event(2, matrix), "events").scalars.empty());
}

TEST(Tensorboard, TakesWhatAKilledWriterLeft) {
  for (const size_t missing : {size_t{1}, size_t{5}, kFloat.size() - 1}) {
    const std::string bytes = kVersion + kFloat + kFloat.substr(0, kFloat.size() - missing);
    const TensorboardEvents events = parse_tensorboard(bytes, "events");
    EXPECT_TRUE(events.cut_off) << missing;
    EXPECT_EQ(events.scalars.size(), 1U);
  }
}

TEST(Tensorboard, RefusesWhatIsDamaged) {
  EXPECT_THAT(message_of(""), HasSubstr("no whole record"));
  EXPECT_THAT(message_of("Epoch = [0/1] and more of a log"), HasSubstr("record's length is wrong"));
  std::string bytes = kVersion + kFloat;
  bytes[kVersion.size() + 14] ^= 1;
  EXPECT_THAT(message_of(bytes), HasSubstr("offset 40: the checksum of a record is wrong"));
  const std::string length = little_endian_bytes(uint64_t{1} << 40);
  EXPECT_THAT(message_of(length + little_endian_bytes(masked_crc32c(length)) + "x"),
              HasSubstr("more than 64 MiB"));
  for (const std::string& data :
       {std::string("\x0B"), std::string("\x00\x01", 2), std::string("\x2A\x05x"),
        std::string("\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"), std::string("\x10\x80")})
    EXPECT_THAT(message_of(record(data)), HasSubstr("malformed record")) << data;
  EXPECT_THAT(message_of(event(1, field(1, 2, "x") + "\x15")), HasSubstr("malformed record"));
}

TEST(Csv, ReadsFieldsAndQuotes) {
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBF\"Step\",\"moon, 3 - val_loss\"\r\n0,\"0.5\"\n1,\n\n2,\"a\"\"b\nc\"", "t.csv");
  EXPECT_THAT(table.header, ElementsAre("Step", "moon, 3 - val_loss"));
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_THAT(table.rows[0], ElementsAre("0", "0.5"));
  EXPECT_THAT(table.rows[1], ElementsAre("1", ""));
  EXPECT_THAT(table.rows[2], ElementsAre("2", "a\"b\nc"));
}

TEST(Csv, RefusesWhatHasTwoMeanings) {
  for (const char* text : {"", "a,b\n1\n", "a,b\n1,2,3\n", "a\"b\n", "a,\"b\n", "\"a\"b\n1\n"}) {
    try {
      parse_csv(text, "t.csv");
      ADD_FAILURE() << text;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), system::Code::kCorrupt) << text;
    }
  }
  EXPECT_THROW(parse_csv(std::string("a\0b", 3), "t.csv"), system::Error);
  EXPECT_THROW(parse_csv(std::string(2000, ','), "t.csv"), system::Error);
}

}  // namespace
}  // namespace reconproof::formats
