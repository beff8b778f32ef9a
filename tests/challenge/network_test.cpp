// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/network.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/torch_checkpoint.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using TensorMap = std::map<std::string, formats::TensorInfo>;

const fs::path kData = fs::path(RECONPROOF_TEST_DATA);

TensorMap tensors_of(const NetworkSizes& sizes) {
  TensorMap tensors;
  for (const NetworkTensor& tensor : network_tensors(sizes))
    tensors[tensor.name] = {tensor.dtype, tensor.shape, 0};
  return tensors;
}

TEST(Network, HasTheOfficialVarnetTensors) {
  const auto golden = nlohmann::json::parse(
      system::read_file(kData / "varnet/default_seed430.json"))["initial_weights"];
  const TensorMap tensors = tensors_of(VarnetSizes{});
  EXPECT_EQ(tensors.size(), golden.size());
  for (const auto& [name, item] : golden.items()) {
    ASSERT_TRUE(tensors.contains(name)) << name;
    EXPECT_EQ(nlohmann::json(tensors.at(name).shape), item["shape"]) << name;
  }
}

TEST(Network, RecognisesEverySize) {
  for (const NetworkSizes& sizes :
       {NetworkSizes(VarnetSizes{}), NetworkSizes(VarnetSizes{12, 18, 8, 4}),
        NetworkSizes(VarnetSizes{2, 1, 3, 1}), NetworkSizes(VarnetSizes{1, 2, 2, 6}),
        NetworkSizes(UnetSizes{})}) {
    EXPECT_EQ(recognise_network(tensors_of(sizes)), sizes);
  }
}

TEST(Network, RecognisesAnOfficialCheckpoint) {
  const formats::TorchCheckpoint file(kData / "torch/unet-torch1.13.pt");
  EXPECT_EQ(recognise_network(file.tensors()), NetworkSizes(UnetSizes{}));
}

TEST(Network, TakesNothingElseForAnOfficialNetwork) {
  for (const NetworkSizes& sizes :
       {NetworkSizes(VarnetSizes{2, 2, 1, 2}), NetworkSizes(UnetSizes{})}) {
    const TensorMap whole = tensors_of(sizes);
    for (const auto& [name, info] : whole) {
      TensorMap changed = whole;
      changed.erase(name);
      EXPECT_NE(recognise_network(changed), sizes) << "without " << name;
      changed = whole;
      changed[name].shape.push_back(1);
      EXPECT_FALSE(recognise_network(changed)) << "another shape of " << name;
      changed = whole;
      changed[name].dtype = "F64";
      EXPECT_FALSE(recognise_network(changed)) << "another type of " << name;
    }
    TensorMap larger = whole;
    larger["attention.weight"] = {"F32", {1}, 4};
    EXPECT_FALSE(recognise_network(larger));
  }
  EXPECT_FALSE(recognise_network({}));
}

TEST(Network, RefusesAbsurdSizes) {
  EXPECT_EQ(absurd_size_reason(VarnetSizes{}), "");
  EXPECT_EQ(absurd_size_reason(VarnetSizes{65, 9, 4, 4}), "cascades is 65, expected 1 to 64");
  EXPECT_EQ(absurd_size_reason(VarnetSizes{1, 0, 4, 4}), "chans is 0, expected 1 to 1024");
  EXPECT_EQ(absurd_size_reason(VarnetSizes{1, 9, 1025, 4}),
            "sens_chans is 1025, expected 1 to 1024");
  EXPECT_EQ(absurd_size_reason(VarnetSizes{1, 9, 4, 9}), "pools is 9, expected 1 to 8");
  EXPECT_EQ(absurd_size_reason(UnetSizes{0, 1}), "in_chans is 0, expected 1 to 1");
  EXPECT_EQ(absurd_size_reason(UnetSizes{1, 2}), "out_chans is 2, expected 1 to 1");
}

TEST(Network, NamesItsSizes) {
  EXPECT_STREQ(network_name(VarnetSizes{}), "varnet");
  EXPECT_STREQ(network_name(UnetSizes{}), "unet");
  EXPECT_EQ(size_fields(VarnetSizes{2, 9, 4, 3}).at("pools"), 3);
  EXPECT_EQ(size_fields(UnetSizes{1, 2}).at("out_chans"), 2);
}

}  // namespace
}  // namespace reconproof::challenge
