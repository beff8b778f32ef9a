// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace reconproof::submission {

/// A commented reconproof.toml that parses as it stands.
std::string project_template(const std::string& name, const std::string& edition);

}  // namespace reconproof::submission
