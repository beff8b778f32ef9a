// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The fields of meta/*.json as docs/formats/bundle.md gives them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace reconproof::submission {

/// `name` is one of kJudgedMeta, `value` an object with the right schema. kCorrupt for a field that
/// is missing or of another type; fields beyond those are passed over.
void check_meta_fields(const std::string& name, const nlohmann::json& value);

}  // namespace reconproof::submission
