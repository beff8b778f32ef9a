// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What is wrong with volumes only in the company of others: copies, and those that follow another
// convention than the rest of their set.
#pragma once

#include <string>
#include <vector>

#include "challenge/edition.h"
#include "checks/data/volume_check.h"

namespace reconproof::checks {

struct SetVolume {
  VolumePair pair;
  ExaminedVolume examined;
};

/// `edition` may be null: then nothing of it is known.
std::vector<DataFault> check_sets(const std::vector<SetVolume>& volumes,
                                  const challenge::Edition* edition);

}  // namespace reconproof::checks
