// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/office_package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/zip.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

class OfficePackage : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "x.pptx"; }

  void expect_refused(system::Code code, const std::string& message) {
    try {
      read_package(path());
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(message));
    }
  }

  system::TemporaryFolder folder_;
};

TEST_F(OfficePackage, RoundTripsWithTheTypesFirst) {
  const PackageParts parts = {
      {"[Content_Types].xml", "<Types/>"}, {"a/b.xml", "<b/>"}, {"A.png", std::string(70000, 'p')}};
  write_package(path(), parts);
  EXPECT_EQ(read_package(path()), parts);
  const std::string bytes = system::read_file(path());
  EXPECT_EQ(bytes.find("[Content_Types].xml"), 30U);  // behind the first header, without padding
  EXPECT_EQ(bytes.substr(49, 8), "<Types/>");
  write_package(path(), parts);
  EXPECT_EQ(system::read_file(path()), bytes);
  EXPECT_EQ(ZipReader(path()).read("a/b.xml"), "<b/>");
}

TEST_F(OfficePackage, RefusesWhatIsNone) {
  expect_refused(system::Code::kNotFound, "x.pptx");
  system::write_file(path(), "no archive");
  expect_refused(system::Code::kCorrupt, "x.pptx");
  {
    ZipWriter zip(path());
    zip.add("a.xml", std::string_view("<a/>"));
    zip.commit();
  }
  expect_refused(system::Code::kCorrupt, "has no [Content_Types].xml");
  write_package(path(), {{"[Content_Types].xml", "<Types/>"}, {"a.xml", "<a>12345</a>"}});
  std::string bytes = system::read_file(path());
  bytes.replace(bytes.find("12345"), 5, "54321");
  system::write_file(path(), bytes);
  expect_refused(system::Code::kCorrupt, "x.pptx");  // its CRC-32
}

}  // namespace
}  // namespace reconproof::formats
