// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a report reads beside the check: weights, history, reproduction, rehearsal.
#include <gtest/gtest.h>

#include "formats/safetensors.h"
#include "reports/history_record.h"
#include "reports/network_record.h"
#include "reports/reproduction_record.h"
#include "submission/runs/history.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/reports/recorded_runs.h"
#include "tests/reports/synthetic_project.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Weights of zeros with these tensors.
fs::path write_weights(const fs::path& file,
                       const std::vector<challenge::NetworkTensor>& described) {
  std::vector<std::vector<std::byte>> data;
  std::vector<formats::NamedTensor> tensors;
  for (const challenge::NetworkTensor& tensor : described) {
    int64_t elements = 1;
    for (const int64_t side : tensor.shape) elements *= side;
    data.emplace_back(static_cast<size_t>(elements * formats::dtype_bytes(tensor.dtype)));
  }
  for (size_t i = 0; i < described.size(); ++i)
    tensors.push_back({described[i].name, described[i].dtype, described[i].shape, data[i]});
  formats::write_safetensors(file, {{"epoch", "4"}, {"best_val_loss", "0.25"}}, tensors);
  return file;
}

TEST(NetworkRecord, CountsTheOfficialNetwork) {
  const system::TemporaryFolder folder;
  const challenge::VarnetSizes sizes{2, 6, 4, 3};
  const auto tensors = challenge::network_tensors(sizes);
  const NetworkRecord record = read_network(write_weights(folder.path() / "w.safetensors", tensors),
                                            "../result/w.safetensors");
  EXPECT_EQ(record.unreadable, "");
  int64_t parameters = 0;
  for (const challenge::NetworkTensor& tensor : tensors) {
    int64_t elements = 1;
    for (const int64_t side : tensor.shape) elements *= side;
    parameters += elements;
  }
  EXPECT_EQ(record.parameters, parameters);
  EXPECT_EQ(record.parameter_bytes, 4 * parameters);
  EXPECT_EQ(record.tensors, std::ssize(tensors));
  ASSERT_TRUE(record.sizes);
  EXPECT_EQ(std::get<challenge::VarnetSizes>(*record.sizes), sizes);
  ASSERT_EQ(record.parts.size(), 3U);
  EXPECT_EQ(record.parts[0].name, "cascades.0");
  EXPECT_EQ(record.parts[2].name, "sens_net");
  EXPECT_EQ(record.parts[0].parameters + record.parts[1].parameters + record.parts[2].parameters,
            parameters);
  EXPECT_EQ(record.epoch, 4);
  EXPECT_EQ(record.best_val_loss, 0.25);
}

TEST(NetworkRecord, BuffersAreNoParameters) {
  const system::TemporaryFolder folder;
  const NetworkRecord record = read_network(
      write_weights(folder.path() / "w.safetensors", {{"conv.weight", "F32", {2, 3}},
                                                      {"norm.running_mean", "F32", {2}},
                                                      {"norm.num_batches_tracked", "I64", {}}}),
      "w.safetensors");
  EXPECT_EQ(record.parameters, 6);
  EXPECT_EQ(record.tensors, 3);
  EXPECT_FALSE(record.sizes);
}

TEST(NetworkRecord, WhatCannotBeReadSaysWhyUnderItsDeclaredName) {
  const system::TemporaryFolder folder;
  system::write_file(folder.path() / "w.pt", "no checkpoint");
  const NetworkRecord record = read_network(folder.path() / "w.pt", "../result/w.pt");
  EXPECT_NE(record.unreadable.find("../result/w.pt"), std::string::npos) << record.unreadable;
  EXPECT_EQ(record.unreadable.find(folder.path().string()), std::string::npos);
  EXPECT_NE(read_network(folder.path() / "none.pt", "none.pt").unreadable, "");
  EXPECT_NE(read_network(folder.path() / "w.pt", "w").unreadable, "");
}

TEST(HistoryRecord, IsAbsentWithoutAHistory) {
  const system::TemporaryFolder folder;
  EXPECT_FALSE(read_history(folder.path()).exists);
}

TEST(HistoryRecord, FailuresByCostThenSuccessesByLoss) {
  const system::TemporaryFolder folder;
  record_runs(folder.path());
  const HistoryRecord history = read_history(folder.path());
  EXPECT_TRUE(history.exists);
  EXPECT_EQ(history.runs, 5);
  EXPECT_EQ(history.other_runs, 1);
  ASSERT_EQ(history.failed.size(), 2U);
  EXPECT_EQ(history.failed[0].wall_s, 7200);  // the costly one first
  EXPECT_EQ(history.failed[0].message, "CUDA out of memory");
  ASSERT_EQ(history.worked.size(), 3U);
  EXPECT_EQ(history.worked[0].best_val_loss, 0.125);
  EXPECT_EQ(history.worked[1].best_val_loss, 0.25);
  EXPECT_FALSE(history.worked[2].best_val_loss);
  ASSERT_EQ(history.worked[0].validation.size(), 3U);
  EXPECT_EQ(history.worked[0].validation[2].x, 2);
  EXPECT_EQ(history.worked[0].validation[2].y, 0.125);
  ASSERT_EQ(history.lessons.size(), 1U);
  EXPECT_EQ(history.lessons[0].text, "12 channels need 7.1 GiB");
  EXPECT_EQ(history.lessons[0].day, "2026-08-22");
  EXPECT_EQ(history.persons, (std::vector<std::string>{"kim", "lee"}));
}

TEST(ReproductionRecord, ReadsItemsAndTiers) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "reproduce.json";
  EXPECT_FALSE(read_reproduction(file));
  system::write_file(file, reproduce_json().dump());
  const auto record = read_reproduction(file);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->bundle_id, std::string(64, 'b'));
  EXPECT_EQ(record->re_executed.at("total"), "0.9640");
  ASSERT_EQ(record->agreements.size(), 4U);
  EXPECT_EQ(record->agreements[1].tier, "bitwise");
  EXPECT_TRUE(record->agreements[3].is_training);
  EXPECT_EQ(record->identical_files, 2);
  EXPECT_EQ(record->tolerance, 1e-4);
}

TEST(ReproductionRecord, ADamagedBundleLeftNothingToCompare) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "reproduce.json";
  system::write_file(file, json{{"schema", "reconproof.reproduce"},
                                {"schema_version", 1},
                                {"exit_code", 4},
                                {"bundle", json::object()}}
                               .dump());
  EXPECT_FALSE(read_reproduction(file));
}

TEST(ReproductionRecord, AMalformedOneNamesTheKey) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "reproduce.json";
  json result = reproduce_json();
  result["items"][1]["claimed"] = 0.97;
  system::write_file(file, result.dump());
  try {
    read_reproduction(file);
    FAIL();
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kCorrupt);
    EXPECT_NE(std::string(error.what()).find("items[1].claimed: found number, expected text"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace reconproof::reports
