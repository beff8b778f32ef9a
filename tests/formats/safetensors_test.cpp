// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

using system::Code;

NamedTensor floats(const std::string& name, const Shape& shape, const std::vector<float>& values) {
  return {name, "F32", shape, std::as_bytes(std::span(values))};
}

class SafetensorsTest : public testing::Test {
 protected:
  std::filesystem::path raw(const std::string& bytes) {
    const std::filesystem::path path = folder_.path() / "w.safetensors";
    system::write_file(path, bytes);
    return path;
  }

  std::filesystem::path file(const std::string& header, const std::string& data) {
    const uint64_t length = header.size();
    return raw(std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data);
  }

  void expect_refused(const std::filesystem::path& path, Code code, const std::string& message) {
    try {
      SafetensorsReader reader(path);
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  void expect_corrupt(const std::string& header, const std::string& data,
                      const std::string& message) {
    expect_refused(file(header, data), Code::kCorrupt, message);
  }

  static std::string entry(const std::string& name, const std::string& shape, int64_t begin,
                           int64_t end, const std::string& dtype = "F32") {
    return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name, dtype,
                       shape, begin, end);
  }

  system::TemporaryFolder folder_;
};

TEST_F(SafetensorsTest, RoundTrips) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6}, b = {7};
  const std::filesystem::path path = folder_.path() / "w.safetensors";
  write_safetensors(path, {{"seed", "430"}, {"name", "a \"quoted\" one"}},
                    {floats("b", {1}, b), floats("a", {2, 3}, a)});
  const SafetensorsReader reader(path);
  EXPECT_EQ(reader.require_metadata("seed"), "430");
  EXPECT_EQ(reader.require_metadata("name"), "a \"quoted\" one");
  EXPECT_EQ(reader.tensor("a").shape, (Shape{2, 3}));
  EXPECT_EQ(reader.read_floats("a"), a);
  EXPECT_EQ(reader.read_floats("b"), b);
  EXPECT_THROW(reader.tensor("c"), system::Error);
  EXPECT_THROW(reader.require_metadata("epoch"), system::Error);
}

TEST_F(SafetensorsTest, SameTensorsGiveTheSameBytes) {
  const std::vector<float> a = {1}, b = {2};
  write_safetensors(folder_.path() / "1", {{"k", "v"}}, {floats("a", {1}, a), floats("b", {1}, b)});
  write_safetensors(folder_.path() / "2", {{"k", "v"}}, {floats("b", {1}, b), floats("a", {1}, a)});
  const std::string bytes = system::read_file(folder_.path() / "1");
  EXPECT_EQ(bytes, system::read_file(folder_.path() / "2"));
  EXPECT_EQ(bytes.find("\x00\x00\x80\x3f", 0, 4) % 8, 0U);  // data are aligned
}

TEST_F(SafetensorsTest, WritesOtherTypes) {
  const std::vector<int64_t> n = {5, -6};
  const std::filesystem::path path = folder_.path() / "w.safetensors";
  write_safetensors(path, {}, {{"n", "I64", {2}, std::as_bytes(std::span(n))}});
  const SafetensorsReader reader(path);
  EXPECT_EQ(reader.tensor("n").dtype, "I64");
  const std::vector<std::byte> bytes = reader.read("n");
  ASSERT_EQ(bytes.size(), 16U);
  EXPECT_EQ(std::memcmp(bytes.data(), n.data(), 16), 0);
}

TEST_F(SafetensorsTest, ReadsOtherTypesAsBytes) {
  const std::string header =
      "{" + entry("n", "[1]", 0, 8, "I64") + "," + entry("x", "[]", 8, 16, "F64") + "}";
  const SafetensorsReader reader(
      file(header, std::string("\5\0\0\0\0\0\0\0", 8) + std::string(8, '\0')));
  int64_t n = 0;
  reader.read("n", std::as_writable_bytes(std::span(&n, 1)));
  EXPECT_EQ(n, 5);
  EXPECT_THROW(reader.read_floats("x"), system::Error);
}

TEST_F(SafetensorsTest, AcceptsEmptyTensors) {
  const SafetensorsReader reader(
      file("{" + entry("a", "[0,3]", 0, 0) + "," + entry("b", "[1]", 0, 4) + "}", "abcd"));
  EXPECT_TRUE(reader.read_floats("a").empty());
}

TEST_F(SafetensorsTest, RefusesBadLengths) {
  expect_refused(raw("short"), Code::kCorrupt, "too short");
  expect_refused(raw(std::string(8, '\xff')), Code::kCorrupt, "claims a header");
  expect_refused(raw(std::string("\x0a\0\0\0\0\0\0\0{}", 10)), Code::kCorrupt,
                 "claims a header of 10 bytes");
  expect_refused(raw(std::string("\x00\xe1\xf5\x06\0\0\0\0", 8) + std::string(100, ' ')),
                 Code::kCorrupt, "claims a header");
}

TEST_F(SafetensorsTest, RefusesMalformedHeaders) {
  expect_corrupt("", "", "does not begin with '{'");
  expect_corrupt("[]", "", "does not begin with '{'");
  expect_corrupt("{\"a\":", "", "header");
  expect_corrupt("{\"a\":3}", "", "expected exactly dtype");
  expect_corrupt("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "", "expected exactly dtype");
  expect_corrupt("{\"__metadata__\":{\"seed\":430}}", "", "not a text");
  expect_corrupt("{\"__metadata__\":[]}", "", "object of texts");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  expect_corrupt(deep, "", "header");
}

TEST_F(SafetensorsTest, RefusesDuplicateNames) {
  expect_corrupt("{" + entry("a", "[1]", 0, 4) + "," + entry("a", "[1]", 4, 8) + "}", "abcdefgh",
                 "a");
  expect_corrupt("{" + entry("a", "[1]", 0, 4) + "," + entry("\\u0061", "[1]", 4, 8) + "}",
                 "abcdefgh", "a");
}

TEST_F(SafetensorsTest, RefusesTooManyTensors) {
  std::string header = "{";
  for (int i = 0; i < 9'000; ++i)
    header += (i ? "," : "") + entry("t" + std::to_string(i), "[0]", 0, 0);
  expect_corrupt(header + "}", "", "9000 tensors, at most 8192");
}

TEST_F(SafetensorsTest, RefusesOverlapsGapsAndRests) {
  const std::string a = entry("a", "[2]", 0, 8);
  expect_corrupt("{" + a + "," + entry("b", "[2]", 4, 12) + "}", "abcdefghijkl", "overlap");
  expect_corrupt("{" + a + "," + entry("b", "[1]", 12, 16) + "}", "abcdefghijklmnop", "gap");
  expect_corrupt("{" + entry("b", "[1]", 4, 8) + "}", "abcdefgh", "gap");
  expect_corrupt("{" + a + "}", "abcdefghi", "belong to none");
  expect_corrupt("{" + a + "}", "abcdefg", "ends beyond");
}

TEST_F(SafetensorsTest, RefusesShapesThatDoNotFit) {
  expect_corrupt("{" + entry("a", "[3]", 0, 8) + "}", "abcdefgh", "needs 12 bytes");
  expect_corrupt("{" + entry("a", "[4294967296,4294967296]", 0, 8) + "}", "abcdefgh",
                 "absurd shape");
  expect_corrupt("{" + entry("a", "[-2]", 0, 8) + "}", "abcdefgh", "natural number");
  expect_corrupt("{" + entry("a", "[1.5]", 0, 8) + "}", "abcdefgh", "natural number");
  expect_corrupt("{" + entry("a", "[18446744073709551615]", 0, 8) + "}", "abcdefgh",
                 "natural number");
  expect_corrupt("{" + entry("a", "[1,1,1,1,1,1,1,1,2]", 0, 8) + "}", "abcdefgh", "at most 8");
  expect_corrupt("{" + entry("a", "[2]", 8, 0) + "}", "abcdefgh", "[begin, end]");
  expect_corrupt("{" + entry("a", "[0]", INT64_MAX, INT64_MAX) + "}", "", "beyond any file");
  expect_refused(file("{" + entry("a", "[2]", 0, 8, "C64") + "}", "abcdefgh"), Code::kUnsupported,
                 "dtype 'C64'");
}

}  // namespace
}  // namespace reconproof::formats
