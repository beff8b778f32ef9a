// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/safetensors.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;

TEST(Convert, RefusesOurSchemaOverForeignTensors) {
  const system::TemporaryFolder folder;
  const fs::path in = folder.path() / "in.safetensors", out = folder.path() / "out.pt";
  const std::vector<float> w = {1, 2};
  // A model of this name once slipped through.
  for (const char* model : {"varnet", "of an unknown kind"}) {
    formats::write_safetensors(in, {{"schema", kCheckpointSchema}, {"model", model}},
                               {{"w", "F32", {2}, std::as_bytes(std::span(w))}});
    try {
      convert_checkpoint(in, out);
      FAIL() << "accepted " << model;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), system::Code::kCorrupt);
      EXPECT_THAT(error.what(), testing::HasSubstr("those of no official network"));
    }
    EXPECT_FALSE(fs::exists(out));
  }
}

}  // namespace
}  // namespace reconproof::challenge
