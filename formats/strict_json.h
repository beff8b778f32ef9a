// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// JSON as if written by an enemy: two readers must not see two documents, and none may exhaust its
// stack or memory.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace reconproof::formats {

inline constexpr size_t kMaxJsonDepth = 32;
/// Of a document: each takes up to a hundred bytes of memory, and two of the text ("1,").
inline constexpr size_t kMaxJsonValues = 1'000'000;

/// Throws kCorrupt, with `name` and the place, for a syntax error, a byte-order mark, a key that
/// stands twice in one object, nesting deeper than kMaxJsonDepth, and more values than
/// kMaxJsonValues.
nlohmann::json parse_strict_json(std::string_view text, const std::string& name);

/// The same, for an object whose "schema" and "schema_version" must be these.
nlohmann::json parse_schema_json(std::string_view text, const std::string& name,
                                 std::string_view schema, int64_t version);

/// Sorted keys, two spaces, a newline at the end: the form of every JSON that we write. Bytes of
/// strangers that are not UTF-8 become U+FFFD.
std::string canonical_json(const nlohmann::json& value);

}  // namespace reconproof::formats
