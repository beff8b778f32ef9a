// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/npy.h"

#include <gtest/gtest.h>

#include <array>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

using system::Code;

class NpyTest : public testing::Test {
 protected:
  /// A version 1.0 file with this header text and `data`.
  std::filesystem::path file(const std::string& header, const std::string& data, char major = 1) {
    std::string bytes = std::string("\x93NUMPY") + major + '\0';
    bytes += static_cast<char>(header.size() & 0xFF);
    bytes += static_cast<char>(header.size() >> 8);
    if (major == 2) bytes += std::string(2, '\0');
    return raw(bytes + header + data);
  }

  std::filesystem::path raw(const std::string& bytes) {
    const std::filesystem::path path = folder_.path() / "a.npy";
    system::write_file(path, bytes);
    return path;
  }

  void expect_refused(const std::filesystem::path& path, Code code, const std::string& message) {
    try {
      read_npy(path);
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  system::TemporaryFolder folder_;
};

TEST_F(NpyTest, WritesWhatNumpySaveWrites) {
  // numpy.save of the official trainer: the same log, written by Python.
  const std::filesystem::path golden =
      std::filesystem::path(RECONPROOF_TEST_DATA) / "varnet/val_loss_log-torch1.13.npy";
  const NpyArray log = read_npy(golden);
  ASSERT_EQ(log.shape, (Shape{3, 2}));
  EXPECT_EQ(log.doubles()[4], 2.0);
  const std::filesystem::path copy = folder_.path() / "copy.npy";
  write_npy(copy, log.shape, log.doubles());
  EXPECT_EQ(system::read_file(copy), system::read_file(golden));
}

TEST_F(NpyTest, RoundTripsOneDimensionalFloats) {
  const std::array<float, 3> values = {1, -2, 0.5};
  const std::filesystem::path path = folder_.path() / "b.npy";
  write_npy(path, {3}, std::span<const float>(values));
  const NpyArray array = read_npy(path);
  EXPECT_EQ(array.type, NpyType::kFloat32);
  EXPECT_EQ(array.shape, (Shape{3}));
  EXPECT_TRUE(std::equal(values.begin(), values.end(), array.floats().begin()));
}

TEST_F(NpyTest, ReadsComplexAndVersionTwo) {
  const std::string header = "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }\n";
  const NpyArray array = read_npy(file(header, std::string(8, '\0'), 2));
  EXPECT_EQ(array.complexes()[0], std::complex<float>(0, 0));
}

TEST_F(NpyTest, ReadsAnEmptyArrayAndAScalar) {
  EXPECT_EQ(
      read_npy(file("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5), }", "")).data.size(),
      0U);
  EXPECT_EQ(read_npy(file("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "abcd")).shape,
            Shape{});
}

TEST_F(NpyTest, RefusesWhatIsNoNpy) {
  expect_refused(raw(""), Code::kCorrupt, "too early");
  expect_refused(raw("PK\3\4 and so on"), Code::kCorrupt, "not a .npy file");
  expect_refused(file("{}", "", 3), Code::kUnsupported, "format 3.0");
  expect_refused(folder_.path() / "absent.npy", Code::kNotFound, "No such file");
}

TEST_F(NpyTest, RefusesAHeaderLongerThanTheFile) {
  expect_refused(raw(std::string("\x93NUMPY\x02\x00\xff\xff\xff\x7f", 12)), Code::kCorrupt,
                 "claims a header");
  expect_refused(raw(std::string("\x93NUMPY\x01\x00\x76\x00{", 11)), Code::kCorrupt,
                 "claims a header");
}

TEST_F(NpyTest, RefusesDataOfAnotherLength) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  expect_refused(file(header, "1234567"), Code::kCorrupt, "needs 8 bytes, but the file holds 7");
  expect_refused(file(header, "123456789"), Code::kCorrupt, "needs 8 bytes, but the file holds 9");
}

TEST_F(NpyTest, RefusesAbsurdShapes) {
  const auto shape = [&](const std::string& text) {
    return file("{'descr': '<f8', 'fortran_order': False, 'shape': " + text + ", }", "");
  };
  expect_refused(shape("(4294967296, 4294967296)"), Code::kCorrupt, "absurd shape");
  expect_refused(shape("(1099511627776,)"), Code::kCorrupt, "needs");
  expect_refused(shape("(99999999999999999999,)"), Code::kCorrupt, "not a natural number");
  expect_refused(shape("(-1,)"), Code::kCorrupt, "not a natural number");
  expect_refused(
      shape(
          "(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "
          "1, 1, 1, 1)"),
      Code::kCorrupt, "dimensions");
}

TEST_F(NpyTest, RefusesOtherHeaders) {
  const std::string shape = "'shape': (1,), ";
  expect_refused(file("{'descr': '>f4', 'fortran_order': False, " + shape + "}", "abcd"),
                 Code::kUnsupported, "'>f4'");
  expect_refused(file("{'descr': '|O', 'fortran_order': False, " + shape + "}", "abcd"),
                 Code::kUnsupported, "'|O'");
  expect_refused(file("{'descr': '<f4', 'fortran_order': True, " + shape + "}", "abcd"),
                 Code::kUnsupported, "Fortran order");
  expect_refused(file("{'descr': '<f4', 'fortran_order': __import__('os'), " + shape + "}", "abcd"),
                 Code::kCorrupt, "neither True nor False");
  expect_refused(
      file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, " + shape + "}", "abcd"),
      Code::kCorrupt, "twice");
  expect_refused(file("{'descr': '<f4', 'x': 1, }", "abcd"), Code::kCorrupt, "unknown key 'x'");
  expect_refused(file("{'descr': '<f4', 'fortran_order': False, }", "abcd"), Code::kCorrupt,
                 "is missing");
  expect_refused(file("{'descr': '<f4', 'fortran_order': False, " + shape + "} + 1", "abcd"),
                 Code::kCorrupt, "after the closing brace");
  expect_refused(file("{'descr': '<f4", "abcd"), Code::kCorrupt, "closing quote");
  expect_refused(file("", "abcd"), Code::kCorrupt, "expected '{'");
}

}  // namespace
}  // namespace reconproof::formats
