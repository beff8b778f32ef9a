// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/torch_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "formats/torch_checkpoint_writer.h"
#include "formats/zip.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/formats/raw_pickle.h"

namespace reconproof::formats {
namespace {

namespace fs = std::filesystem;
using raw::global;
using raw::integer;
using raw::kProtocol2;
using raw::text;
using system::Code;
using testing::ElementsAre;

const fs::path kData = fs::path(RECONPROOF_TEST_DATA) / "torch";

template <typename T>
std::vector<T> values(const TensorFile& file, const std::string& name) {
  const std::vector<std::byte> bytes = file.read(name);
  std::vector<T> result(bytes.size() / sizeof(T));
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

/// A tensor on storage 0, which has `count` float32 elements.
std::string tensor(const std::string& offset, const std::string& shape, const std::string& strides,
                   int64_t count = 6) {
  return global("torch._utils", "_rebuild_tensor_v2") + "((" + text("storage") +
         global("torch", "FloatStorage") + text("0") + text("cpu") + integer(count) + "tQ" +
         offset + shape + strides + "\x89" + global("collections", "OrderedDict") + ")RtR";
}
std::string pair(int64_t first, int64_t second) {
  return integer(first) + integer(second) + "\x86";
}
/// A state dict {"w": value}.
std::string dict_of(const std::string& value) {
  return kProtocol2 + "}" + text("w") + value + "s.";
}

class TorchCheckpointTest : public testing::Test {
 protected:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  fs::path archive(const Entries& entries) {
    const fs::path path = folder_.path() / "x.pt";
    ZipWriter zip(path);
    for (const auto& [name, data] : entries) zip.add(name, data);
    zip.commit();
    return path;
  }
  /// With storage 0 of six float32 elements.
  fs::path checkpoint(const std::string& pickle) {
    return archive({{"a/data.pkl", pickle}, {"a/data/0", std::string(24, '\1')}});
  }
  fs::path raw(const std::string& bytes) {
    system::write_file(folder_.path() / "x.pt", bytes);
    return folder_.path() / "x.pt";
  }
  void expect_refused(const fs::path& path, Code code, const std::string& message) {
    try {
      TorchCheckpoint file(path);
      for (const auto& item : file.tensors()) file.read(item.first);
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(message));
      EXPECT_THAT(error.what(), testing::HasSubstr(path.string()));
    }
  }
  /// Reads whatever can be read: a damaged file may be refused, nothing else may happen.
  bool survives(const fs::path& path) {
    try {
      const TorchCheckpoint file(path);
      for (const auto& item : file.tensors()) file.read(item.first);
      return true;
    } catch (const system::Error& error) {
      EXPECT_TRUE(error.code() == Code::kCorrupt || error.code() == Code::kUnsupported)
          << error.what();
      return false;
    }
  }

  system::TemporaryFolder folder_;
};

TEST_F(TorchCheckpointTest, ReadsWhatTorchWrites) {
  for (const char* name : {"protocol2.pt", "protocol5.pt"}) {
    SCOPED_TRACE(name);
    const TorchCheckpoint file(kData / name);
    EXPECT_EQ(file.tensors().size(), 8U);
    EXPECT_THAT(values<float>(file, "plain"), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_EQ(file.tensor("transposed").shape, (Shape{4, 3}));
    EXPECT_THAT(values<float>(file, "transposed"),
                ElementsAre(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
    EXPECT_THAT(values<float>(file, "tail_of_shared"), ElementsAre(8, 9, 10, 11));
    EXPECT_THAT(values<float>(file, "parameter"), ElementsAre(0.5F, 0.5F));
    EXPECT_EQ(file.tensor("count").dtype, "I64");
    EXPECT_EQ(file.tensor("count").shape, Shape{});
    EXPECT_THAT(values<int64_t>(file, "count"), ElementsAre(-7));
    EXPECT_EQ(file.tensor("half").dtype, "BF16");
    EXPECT_THAT(values<uint16_t>(file, "half"), ElementsAre(0x3F80, 0x4000));
    EXPECT_EQ(file.tensor("flags").dtype, "BOOL");
    EXPECT_THAT(values<uint8_t>(file, "flags"), ElementsAre(1, 0, 1));
    EXPECT_EQ(file.tensor("empty").shape, (Shape{0, 3}));
    EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"epoch", "3"},
                                                                   {"best_val_loss", "0.125"},
                                                                   {"seed", "431"},
                                                                   {"args.seed", "431"},
                                                                   {"args.lr", "0.25"}}));
    EXPECT_THAT(file.left_out(), ElementsAre("log", "device"));
  }
}

TEST_F(TorchCheckpointTest, ReadsAnOfficialCheckpoint) {
  const TorchCheckpoint file(kData / "unet-torch1.13.pt");
  EXPECT_EQ(file.tensors().size(), 46U);
  EXPECT_EQ(file.tensor("first_block.layers.0.weight").shape, (Shape{2, 1, 3, 3}));
  EXPECT_THAT(values<int64_t>(file, "first_block.layers.1.num_batches_tracked"), ElementsAre(9));
  EXPECT_EQ(file.require_metadata("epoch"), "3");
  EXPECT_EQ(file.require_metadata("best_val_loss"), "0.5620772376078377");
  EXPECT_EQ(file.require_metadata("seed"), "430");
  EXPECT_THAT(file.left_out(), ElementsAre("optimizer", "exp_dir"));
}

TEST_F(TorchCheckpointTest, ReadsABareStateDict) {
  const TorchCheckpoint file(kData / "bare.pth");
  EXPECT_THAT(values<float>(file, "weight"), ElementsAre(1, 1));
  EXPECT_TRUE(file.metadata().empty());
  EXPECT_TRUE(file.left_out().empty());
}

TEST_F(TorchCheckpointTest, WritesWhatItReads) {
  const std::vector<float> w = {1, 2, 3, 4, 5, 6};
  const int64_t count = -3;
  const std::vector<NamedTensor> tensors = {
      {"w", "F32", {2, 3}, std::as_bytes(std::span(w))},
      {"count", "I64", {}, std::as_bytes(std::span(&count, 1))},
      {"empty", "U8", {0, 2}, {}}};
  TorchCheckpointInfo info;
  info.epoch = 5;
  info.best_val_loss = 0.1;
  info.args = {{"cascade", 2}, {"seed", int64_t{1} << 40}};
  write_torch_checkpoint(folder_.path() / "a.pt", info, tensors);
  write_torch_checkpoint(folder_.path() / "b.pt", info, tensors);
  EXPECT_EQ(system::read_file(folder_.path() / "a.pt"), system::read_file(folder_.path() / "b.pt"));

  const TorchCheckpoint file(folder_.path() / "a.pt");
  EXPECT_EQ(file.tensor("w").shape, (Shape{2, 3}));
  EXPECT_THAT(values<float>(file, "w"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(values<int64_t>(file, "count"), ElementsAre(-3));
  EXPECT_EQ(file.tensor("empty").shape, (Shape{0, 2}));
  EXPECT_EQ(file.require_metadata("epoch"), "5");
  EXPECT_EQ(file.require_metadata("best_val_loss"), "0.1");
  EXPECT_EQ(file.require_metadata("args.cascade"), "2");
  EXPECT_EQ(file.require_metadata("seed"), "1099511627776");
  EXPECT_TRUE(file.left_out().empty());
}

TEST_F(TorchCheckpointTest, KeepsTextsOfOurs) {
  TorchCheckpointInfo info;
  info.args = {{"cascade", 2}};
  info.metadata = {{"edition", "snu-2025"}, {"cascades", "2"}};
  const float w = 1;
  write_torch_checkpoint(folder_.path() / "a.pt", info,
                         {{"w", "F32", {1}, std::as_bytes(std::span(&w, 1))}});
  const TorchCheckpoint file(folder_.path() / "a.pt");
  std::map<std::string, std::string> expected = info.metadata;
  expected["best_val_loss"] = "nan";
  EXPECT_EQ(file.metadata(), expected);
}

TEST_F(TorchCheckpointTest, WritesNoTypeThatTorchLacks) {
  const uint32_t value = 1;
  const std::vector<NamedTensor> tensors = {{"n", "U32", {1}, std::as_bytes(std::span(&value, 1))}};
  EXPECT_THROW(write_torch_checkpoint(folder_.path() / "a.pt", {}, tensors), system::Error);
  EXPECT_FALSE(fs::exists(folder_.path() / "a.pt"));
}

TEST_F(TorchCheckpointTest, RefusesOtherKindsOfFiles) {
  expect_refused(kData / "legacy.pt", Code::kUnsupported, "from before version 1.6");
  expect_refused(kData / "script.pt", Code::kUnsupported, "TorchScript");
  expect_refused(kData / "whole_module.pt", Code::kUnsupported, "names __main__.Whole");
  expect_refused(kData / "expanded.pt", Code::kUnsupported, "save it with .clone()");
  expect_refused(raw(""), Code::kCorrupt, "it is empty");
  expect_refused(raw("\x89HDF\r\n\x1a\n"), Code::kCorrupt,
                 "does not begin as a file of torch.save");
  expect_refused(folder_.path() / "none.pt", Code::kNotFound, "No such file");
  expect_refused(archive({{"a/notes.txt", "hi"}}), Code::kUnsupported, "has no data.pkl");
  expect_refused(archive({{"data.pkl", "hi"}}), Code::kUnsupported, "the one folder");
  expect_refused(archive({{"a/data.pkl", "hi"}, {"b/data/0", "hi"}}), Code::kUnsupported,
                 "the one folder");
  expect_refused(archive({{"a/data.pkl", dict_of("N")}, {"a/byteorder", "big"}}),
                 Code::kUnsupported, "byte order 'big'");
}

TEST_F(TorchCheckpointTest, RefusesWhatHoldsNoWeights) {
  expect_refused(checkpoint(kProtocol2 + "]."), Code::kUnsupported,
                 "holds a list of 0, but no dict");
  expect_refused(checkpoint(dict_of("N")), Code::kUnsupported,
                 "holds a dict of 1 with the text 'w', but no dict of tensors");
  expect_refused(checkpoint(kProtocol2 + "}" + text("model") + "}s."), Code::kUnsupported,
                 "no dict of tensors");
  const std::string good = tensor(integer(0), pair(2, 3), pair(3, 1));
  expect_refused(checkpoint(kProtocol2 + "}(" + text("w") + good + text("w") + good + "u."),
                 Code::kCorrupt, "'w' stands there twice");
  const std::string model = text("model") + "}" + text("w") + good + "s";
  expect_refused(checkpoint(kProtocol2 + "}(" + model + model + "u."), Code::kCorrupt,
                 "'model' stands twice");
  expect_refused(checkpoint(kProtocol2 + "}" + text("w\x1b[31m") + good + "s."), Code::kUnsupported,
                 "a tensor is named");
}

TEST_F(TorchCheckpointTest, RefusesCode) {
  for (const auto& [module, name] : {std::pair("os", "system"),
                                     {"posix", "system"},
                                     {"builtins", "eval"},
                                     {"utils.model.varnet", "VarNet"}}) {
    expect_refused(checkpoint(dict_of(global(module, name) + text("touch pwned") + "\x85R")),
                   Code::kUnsupported, std::string("names ") + module + "." + name);
  }
  expect_refused(kData / "trap.pt", Code::kUnsupported, "names posix.system");
  expect_refused(checkpoint(dict_of(global("torch", "FloatStorage") + ")R")), Code::kUnsupported,
                 "calls torch.FloatStorage");
  expect_refused(checkpoint(dict_of(tensor(integer(0), pair(2, 3), pair(3, 1)) + "}b")),
                 Code::kUnsupported, "sets the state of a torch._utils._rebuild_tensor_v2");
}

TEST_F(TorchCheckpointTest, RefusesTensorsThatDoNotFit) {
  TorchCheckpoint(
      checkpoint(dict_of(tensor(integer(0), pair(2, 3), pair(3, 1)))));  // this one does
  const auto corrupt = [&](const std::string& value, const std::string& message) {
    expect_refused(checkpoint(dict_of(value)), Code::kCorrupt, message);
    // Beside the weights too: what the optimizer holds is checked as well.
    const std::string good = tensor(integer(0), pair(2, 3), pair(3, 1));
    expect_refused(checkpoint(kProtocol2 + "}(" + text("model") + "}" + text("w") + good + "s" +
                              text("optimizer") + value + "u."),
                   Code::kCorrupt, message);
  };
  corrupt(tensor(integer(1), pair(2, 3), pair(3, 1)), "reaches beyond its storage of 6 elements");
  expect_refused(checkpoint(dict_of(tensor(integer(1), pair(2, 3), pair(3, 1)))), Code::kCorrupt,
                 ": tensor 'w' of shape (2, 3) reaches beyond");
  corrupt(tensor(integer(0), pair(2, 4), pair(3, 1)), "reaches beyond its storage");
  corrupt(tensor(integer(0), pair(2, 3), pair(4, 1)), "reaches beyond its storage");
  corrupt(tensor(integer(-1), pair(2, 3), pair(3, 1)), "offset -1");
  corrupt(tensor(integer(0), pair(-2, 3), pair(3, 1)), "holds -2, which is negative");
  corrupt(tensor(integer(5), pair(2, 3), pair(-3, 1)), "holds -3, which is negative");
  corrupt(tensor(integer(INT64_MAX), pair(1, 1), pair(1, 1)), "reaches beyond its storage");
  corrupt(tensor(integer(0), pair(3, 2), pair(INT64_MAX, 1)), "reaches beyond its storage");
  corrupt(tensor(integer(0), pair(int64_t{1} << 40, 1 << 20), pair(0, 0)), "absurd shape");
  corrupt(tensor(integer(0), pair(2, 3), integer(1) + "\x85"), "with strides");
  corrupt(tensor(integer(0), pair(2, 3), pair(3, 1), 7), "a storage of 7 elements of 4 bytes");
  corrupt(tensor(integer(0), pair(2, 3), pair(3, 1), -6), "a storage of -6 elements");
  corrupt(tensor(integer(0), pair(2, 3), pair(3, 1), INT64_MAX),
          "a storage of 9223372036854775807");
  corrupt(tensor("N", pair(2, 3), pair(3, 1)), "offset is None");
  corrupt(tensor(integer(0), text("x"), pair(3, 1)), "shape is the text 'x'");
  corrupt(global("torch._utils", "_rebuild_tensor_v2") + ")R", "expected a tensor");
  expect_refused(archive({{"a/data.pkl", dict_of(tensor(integer(0), pair(2, 3), pair(3, 1)))}}),
                 Code::kCorrupt, "which the archive lacks");
  // A message is read on a terminal: it does not repeat a megabyte.
  std::string long_key = tensor(integer(0), pair(2, 3), pair(3, 1));
  long_key.replace(long_key.find(text("0")), text("0").size(), text(std::string(1 << 20, 'k')));
  corrupt(long_key, "a storage whose key has 1048576 bytes");
}

TEST_F(TorchCheckpointTest, TakesAnyStrideOfOneElement) {
  const TorchCheckpoint file(
      checkpoint(dict_of(tensor(integer(4), pair(1, 2), pair(INT64_MAX, 1)))));
  EXPECT_EQ(file.read("w").size(), 8U);
}

TEST_F(TorchCheckpointTest, RefusesTensorsThatUnfold) {
  const std::string repeated = tensor(integer(0), pair(1000, 1000), pair(0, 0));
  expect_refused(checkpoint(dict_of(repeated)), Code::kUnsupported, "repeats elements");
  // Rows of one row each, repeated: little of the storage is read, and as much comes out.
  for (const std::string& strides : {pair(20, 1), pair(0, 1), pair(0, 0)}) {
    std::string many = kProtocol2 + "}" + tensor(integer(0), pair(50'000, 20), strides, 1'000'000) +
                       "q" + std::string(1, '\0') + "0(";
    for (int i = 0; i < 100; ++i)
      many += text("w" + std::to_string(i)) + "h" + std::string(1, '\0');
    expect_refused(
        archive({{"a/data.pkl", many + "u."}, {"a/data/0", std::string(4'000'000, '\1')}}),
        Code::kUnsupported, "unfold to 16 times its size");
  }
}

TEST_F(TorchCheckpointTest, TakesTheLossFromAnyTensorOfOneElement) {
  const std::string weights = text("model") + "}" + text("w") +
                              tensor(integer(0), pair(2, 3), pair(3, 1)) + "s" +
                              text("best_val_loss");
  const std::string one = std::string(1, '\0') + std::string(1, '\0') + "\x80\x3f";
  const auto loss_of = [&](const std::string& value) {
    const TorchCheckpoint file(archive({{"a/data.pkl", kProtocol2 + "}(" + weights + value + "u."},
                                        {"a/data/0", std::string(20, '\0') + one}}));
    const auto found = file.metadata().find("best_val_loss");
    return found == file.metadata().end() ? "" : found->second;
  };
  EXPECT_EQ(loss_of(tensor(integer(5), ")", ")")), "1");
  EXPECT_EQ(loss_of(tensor(integer(4), pair(1, 1), pair(1, 1))), "0");
  EXPECT_EQ(loss_of(tensor(integer(4), pair(1, 2), pair(1, 1))), "");
}

TEST_F(TorchCheckpointTest, RefusesEveryCutFile) {
  const std::string whole = system::read_file(kData / "protocol2.pt");
  for (size_t size = 0; size < whole.size(); size += 64)
    EXPECT_FALSE(survives(raw(whole.substr(0, size))));
  EXPECT_FALSE(survives(raw(whole + "x")));
  EXPECT_TRUE(survives(raw(whole)));
}

TEST_F(TorchCheckpointTest, SurvivesFlippedBits) {
  const std::string whole = system::read_file(kData / "protocol2.pt");
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    survives(raw(damaged));
  }
}

TEST_F(TorchCheckpointTest, SurvivesAnyPickle) {
  const ZipReader zip(kData / "protocol5.pt");
  Entries entries;
  std::string* pickle = nullptr;
  for (const auto& item : zip.entries()) entries.emplace_back(item.first, zip.read(item.first));
  for (auto& [name, data] : entries) {
    if (name.ends_with("/data.pkl")) pickle = &data;
  }
  ASSERT_NE(pickle, nullptr);
  EXPECT_TRUE(survives(archive(entries)));
  const std::string whole = *pickle;
  std::mt19937 random(2);
  for (int i = 0; i < 300; ++i) {
    *pickle = whole;
    for (unsigned change = random() % 4 + 1; change-- > 0;)
      (*pickle)[random() % whole.size()] = static_cast<char>(random() % 256);
    survives(archive(entries));
  }
}

TEST_F(TorchCheckpointTest, OpensByName) {
  EXPECT_EQ(open_tensor_file(kData / "bare.pth")->tensors().size(), 1U);
  EXPECT_THROW(open_tensor_file(kData / "make.py"), system::Error);
}

}  // namespace
}  // namespace reconproof::formats
