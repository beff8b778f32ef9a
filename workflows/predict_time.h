// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the measured time would be on the edition's official GPU.
#pragma once

#include "checks/facts.h"

namespace reconproof::workflows {

/// Fills in `prediction`, or why there is none. Runs the baseline for some seconds where its pace
/// on this machine is needed.
void predict_time(checks::Facts& facts);

}  // namespace reconproof::workflows
