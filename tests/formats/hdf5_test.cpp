// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <numeric>

#include "formats/hdf5_handle.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::Error;
using testing::HasSubstr;

using Open = std::unique_ptr<Hdf5Reader> (*)(const fs::path&);

/// Every behaviour holds for both readers.
class Hdf5Test : public testing::TestWithParam<Open> {
 protected:
  fs::path file(const std::string& name = "a.h5") const { return folder_.path() / name; }

  void write_volume() const {
    Hdf5Writer writer(file());
    std::vector<float> label(2 * 3 * 4);
    std::iota(label.begin(), label.end(), 0.f);
    writer.write("image_label", {2, 3, 4}, label);
    writer.write("kspace", {1, 2}, std::vector<std::complex<float>>{{1, -1}, {0.5, 2}});
    writer.attribute("max", 0.25f);
    writer.attribute("note", std::string("text"));
    writer.commit();
  }

  std::string error_of(const fs::path& path) const {
    try {
      GetParam()(path);
    } catch (const Error& error) {
      EXPECT_NE(error.code(), Code::kInternal);
      return error.what();
    }
    return "no error";
  }

  /// A file whose data set `x` is made by `make` with the raw library.
  template <typename Make>
  void raw_file(Make&& make) const {
    const Hdf5Handle handle(H5Fcreate(file().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                            H5Fclose);
    ASSERT_TRUE(handle.valid());
    make(handle.get());
  }

  system::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Readers, Hdf5Test, testing::Values(&open_local, &open_confined),
                         [](const auto& parameter) {
                           return parameter.index == 0 ? "local" : "confined";
                         });

TEST_P(Hdf5Test, ReadsWhatItWrote) {
  write_volume();
  const auto reader = GetParam()(file());
  EXPECT_EQ(reader->dataset("image_label").shape, (Shape{2, 3, 4}));
  EXPECT_EQ(reader->dataset("image_label").type_text(), "float32");
  EXPECT_EQ(reader->dataset("kspace").type_text(), "complex64");
  std::vector<float> slice(12);
  reader->read("image_label", 1, 1, slice);
  EXPECT_EQ(slice[0], 12);
  EXPECT_EQ(slice[11], 23);
  EXPECT_EQ(reader->read_complex("kspace")[1], std::complex<float>(0.5, 2));
  EXPECT_EQ(reader->info().attributes.at("max").number, 0.25);
  EXPECT_EQ(reader->info().attributes.at("max").bytes, 4);
  EXPECT_EQ(reader->info().attributes.at("note").text, "text");
}

TEST_P(Hdf5Test, SameContentIsSameBytes) {
  write_volume();
  const std::string first = system::read_file(file());
  write_volume();
  EXPECT_EQ(first, system::read_file(file()));
}

TEST_P(Hdf5Test, MissingDatasetNamesWhatThereIs) {
  write_volume();
  const auto reader = GetParam()(file());
  try {
    reader->dataset("reconstruction");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("no data set 'reconstruction'; the file holds: image_label, kspace"));
  }
}

TEST_P(Hdf5Test, RefusesSlicesBeyondTheEnd) {
  write_volume();
  const auto reader = GetParam()(file());
  std::vector<float> slice(12);
  EXPECT_THROW(reader->read("image_label", 2, 1, slice), Error);
  EXPECT_THROW(reader->read("image_label", -1, 1, slice), Error);
  EXPECT_THROW(reader->read("kspace", 0, 1, slice), Error);
}

TEST_P(Hdf5Test, RefusesWhatIsNoHdf5) {
  EXPECT_THAT(error_of(file("absent.h5")), HasSubstr("No such file"));
  std::ofstream(file("text.h5")) << "not HDF5 at all";
  EXPECT_THAT(error_of(file("text.h5")), HasSubstr("not a readable HDF5 file"));
  std::ofstream(file("empty.h5")) << "";
  EXPECT_THAT(error_of(file("empty.h5")), HasSubstr("not a readable HDF5 file"));
  fs::create_directory(file("folder.h5"));
  EXPECT_THAT(error_of(file("folder.h5")), HasSubstr("is a folder"));
}

TEST_P(Hdf5Test, RefusesTruncatedFiles) {
  write_volume();
  const std::string bytes = system::read_file(file());
  for (size_t keep : {size_t{8}, size_t{96}, bytes.size() / 2, bytes.size() - 1}) {
    std::ofstream(file("cut.h5"), std::ios::binary) << bytes.substr(0, keep);
    EXPECT_THAT(error_of(file("cut.h5")), HasSubstr("cut.h5")) << keep;
  }
}

TEST_P(Hdf5Test, SurvivesMutations) {
  write_volume();
  const std::string bytes = system::read_file(file());
  unsigned state = 430;
  for (int round = 0; round < 60; ++round) {
    std::string damaged = bytes;
    for (int i = 0; i < 4; ++i) {
      state = state * 1664525u + 1013904223u;
      damaged[(state >> 8) % 800] = static_cast<char>(state);
    }
    std::ofstream(file("damaged.h5"), std::ios::binary) << damaged;
    if (GetParam() == &open_local)
      continue;  // libhdf5 itself may crash: that is why there is a child
    try {
      const auto reader = open_confined(file("damaged.h5"));
      if (reader->info().datasets.contains("image_label")) reader->read_floats("image_label");
    } catch (const Error& error) {
      EXPECT_NE(error.code(), Code::kInternal);
    }
  }
}

TEST_P(Hdf5Test, RefusesExternalAndSoftLinks) {
  write_volume();
  const fs::path target = file("target.h5");
  fs::rename(file(), target);
  raw_file([&](hid_t id) {
    H5Lcreate_external(target.c_str(), "/image_label", id, "reconstruction", H5P_DEFAULT,
                       H5P_DEFAULT);
  });
  EXPECT_THAT(error_of(file()), HasSubstr("'reconstruction' is a link to another place"));
  raw_file([&](hid_t id) {
    H5Lcreate_soft("/nowhere", id, "reconstruction", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_THAT(error_of(file()), HasSubstr("is a link to another place"));
}

TEST_P(Hdf5Test, RefusesExternalStorage) {
  std::ofstream(file("raw.bin")) << std::string(64, 'x');
  raw_file([&](hid_t id) {
    const hsize_t extent = 16;
    const Hdf5Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_external(creation.get(), file("raw.bin").c_str(), 0, 64);
    const Hdf5Handle set(H5Dcreate2(id, "reconstruction", H5T_NATIVE_FLOAT, space.get(),
                                    H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         H5Dclose);
    ASSERT_TRUE(set.valid());
  });
  EXPECT_THAT(error_of(file()), HasSubstr("stores its data in another file"));
}

TEST_P(Hdf5Test, RefusesVirtualDatasets) {
  write_volume();
  fs::rename(file(), file("source.h5"));
  raw_file([&](hid_t id) {
    const hsize_t extents[3] = {2, 3, 4};
    const Hdf5Handle space(H5Screate_simple(3, extents, nullptr), H5Sclose);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_virtual(creation.get(), space.get(), file("source.h5").c_str(), "/image_label",
                   space.get());
    const Hdf5Handle set(H5Dcreate2(id, "reconstruction", H5T_NATIVE_FLOAT, space.get(),
                                    H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         H5Dclose);
    ASSERT_TRUE(set.valid());
  });
  EXPECT_THAT(error_of(file()), HasSubstr("is a virtual data set"));
}

TEST_P(Hdf5Test, RefusesAbsurdShapes) {
  raw_file([&](hid_t id) {
    const hsize_t extents[3] = {hsize_t{1} << 39, hsize_t{1} << 20, 4};
    const Hdf5Handle space(H5Screate_simple(3, extents, nullptr), H5Sclose);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const hsize_t chunk[3] = {1, 1, 4};
    H5Pset_chunk(creation.get(), 3, chunk);
    const Hdf5Handle set(H5Dcreate2(id, "reconstruction", H5T_NATIVE_FLOAT, space.get(),
                                    H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         H5Dclose);
    ASSERT_TRUE(set.valid());
  });
  EXPECT_THAT(error_of(file()), HasSubstr("absurd shape"));
}

TEST_P(Hdf5Test, AllocatesNoMoreThanTheFileCanHold) {
  raw_file([&](hid_t id) {
    const hsize_t extents[2] = {1, hsize_t{1} << 30}, chunk[2] = {1, 16};
    const Hdf5Handle space(H5Screate_simple(2, extents, nullptr), H5Sclose);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_chunk(creation.get(), 2, chunk);
    const Hdf5Handle set(H5Dcreate2(id, "unwritten", H5T_NATIVE_FLOAT, space.get(), H5P_DEFAULT,
                                    creation.get(), H5P_DEFAULT),
                         H5Dclose);
    ASSERT_TRUE(set.valid());
  });
  const auto reader = GetParam()(file());
  try {
    reader->read_floats("unwritten");
    FAIL() << "4 GiB were read of a file of a few hundred bytes";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    EXPECT_THAT(error.what(), HasSubstr("absurd shape"));
  }
}

TEST_P(Hdf5Test, ConvertsOtherNumbers) {
  raw_file([&](hid_t id) {
    const hsize_t extent = 3;
    const Hdf5Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
    const double doubles[3] = {0.1, 1e300, -2};
    const Hdf5Handle set(
        H5Dcreate2(id, "d", H5T_IEEE_F64BE, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    H5Dwrite(set.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, doubles);
    const Hdf5Handle boolean(H5Tcreate(H5T_ENUM, 1), H5Tclose);  // as h5py stores numpy.bool_
    signed char value = 0;
    const Hdf5Handle truth(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
    H5Tenum_insert(truth.get(), "FALSE", &value);
    value = 1;
    H5Tenum_insert(truth.get(), "TRUE", &value);
    const signed char mask[3] = {1, 0, 1};
    const Hdf5Handle flags(
        H5Dcreate2(id, "mask", truth.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    H5Dwrite(flags.get(), truth.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, mask);
  });
  const auto reader = GetParam()(file());
  EXPECT_EQ(reader->dataset("d").type_text(), "float64");
  EXPECT_EQ(reader->read_floats("d")[0], 0.1f);
  EXPECT_EQ(reader->read_floats("d")[1], INFINITY);
  EXPECT_EQ(reader->read_floats("mask"), (std::vector<float>{1, 0, 1}));
}

TEST(ConfinedReader, RefusesSymbolicLinks) {
  system::TemporaryFolder folder;
  Hdf5Writer writer(folder.path() / "a.h5");
  writer.write("x", {1}, std::vector<float>{1});
  writer.commit();
  fs::create_symlink(folder.path() / "a.h5", folder.path() / "link.h5");
  EXPECT_THROW(open_confined(folder.path() / "link.h5"), Error);
}

/// libhdf5 1.10 runs round this file's B-tree for ever; a stranger who hands in a hundred such
/// files must not take hours.
TEST(ConfinedReader, EndsWhenAFileKeepsItBusyForEver) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(open_confined(fs::path(RECONPROOF_TEST_DATA) / "hdf5/endless.h5"), Error);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(4));
}

TEST(Hdf5Writer, LeavesNothingWithoutCommit) {
  system::TemporaryFolder folder;
  {
    Hdf5Writer writer(folder.path() / "a.h5");
    writer.write("x", {1}, std::vector<float>{1});
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Hdf5Writer, UpdatesOneDataSetAndKeepsTheRest) {
  system::TemporaryFolder folder;
  const fs::path path = folder.path() / "a.h5";
  const std::vector<float> kept = {1, -0.0f, 3}, first = {4, 5}, second = {6, 7, 8, 9};
  {
    Hdf5Writer writer(path);
    writer.write("kept", {3}, kept);
    writer.attribute("max", 0.1f);
    writer.commit();
  }
  {
    Hdf5Writer writer = Hdf5Writer::updating(path);
    writer.write("added", {2}, first);
    writer.commit();
  }
  EXPECT_EQ(open_local(path)->read_floats("added"), first);
  {
    Hdf5Writer writer = Hdf5Writer::updating(path);
    EXPECT_THROW(writer.write("added", {2}, first), Error);  // not without removing it
  }
  const std::string before = system::read_file(path);
  {
    Hdf5Writer writer = Hdf5Writer::updating(path);
    writer.remove("added");
    writer.write("added", {4}, second);
  }
  EXPECT_EQ(system::read_file(path), before);  // no commit
  {
    Hdf5Writer writer = Hdf5Writer::updating(path);
    writer.remove("added");
    writer.write("added", {4}, second);
    writer.commit();
  }
  const auto reader = open_local(path);
  EXPECT_EQ(reader->read_floats("added"), second);
  EXPECT_EQ(reader->info().attributes.at("max").number, 0.1f);
  const std::vector<float> found = reader->read_floats("kept");
  EXPECT_EQ(std::memcmp(found.data(), kept.data(), kept.size() * sizeof(float)), 0);
  EXPECT_THROW(Hdf5Writer::updating(folder.path() / "none.h5"), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Hdf5WriterTest, TellsOnALineWhyAFileCannotGrow) {
  const system::TemporaryFolder folder;
  const rlimit small{4096, RLIM_INFINITY};
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  std::string message = "no error";
  {
    Hdf5Writer writer(folder.path() / "a.h5");
    setrlimit(RLIMIT_FSIZE, &small);
    try {
      writer.write("x", {100'000}, std::vector<float>(100'000));
      writer.commit();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kIo);
      message = error.what();
    }
  }
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(message, testing::EndsWith("/a.h5: file write failed: File too large"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace reconproof::formats
