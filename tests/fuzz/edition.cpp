// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  challenge::Edition edition;
  const auto parse = [&] {
    edition = challenge::parse_edition(fuzz::text_of(data, size), "input.toml");
  };
  if (!fuzz::accepted(parse)) return 0;
  RP_ASSERT(edition.image_size >= 0 && edition.official_volume_count() >= 0);
  RP_ASSERT(!edition.item_names().empty());
  edition.official_volumes();
  RP_ASSERT(!edition.score.printed(0.5).empty());
  return 0;
}
