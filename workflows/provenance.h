// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Where a result was made and by which program, in the form every artifact embeds.
#pragma once

#include <nlohmann/json.hpp>

#include "system/host.h"

namespace reconproof::workflows {

/// {os, kernel, cpu, threads, memory_bytes, gpus, sandbox: {state, reason}}
nlohmann::json environment_json(const system::HostInfo& host);

/// {version, revision, dirty, source_sha256, rules_sha256, compiler, build_type, libtorch}
nlohmann::json build_json();

}  // namespace reconproof::workflows
