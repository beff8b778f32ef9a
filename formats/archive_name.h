// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reconproof::formats {

/// Why a name may not stand in an archive of ours ("has a component '..'"), or "" when it may:
/// relative, plain UTF-8, no empty, '.' or '..' component, no backslash or control character, at
/// most 64 components of at most 255 bytes.
std::string unsafe_name_reason(std::string_view name);

}  // namespace reconproof::formats
