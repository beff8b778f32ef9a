// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The 512 bytes before each entry of a tar archive. libarchive is lenient where readers of one
// archive could come to differ, or where bytes could be hidden; such headers are refused here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reconproof::formats {

inline constexpr int64_t kTarBlock = 512;

/// What is wrong with a header's magic or checksum, or "".
std::string tar_header_fault(const char* header);

/// What is wrong with the fields of a header that has neither fault above, or "": text is zeros
/// after its end, a number is octal digits (or, where these do not suffice, GNU's base 256), the
/// mode is one that a file of a bundle can have, and no byte is outside a field.
std::string tar_field_fault(const char* header);

/// 0 to 2^33, or -1 for anything but octal digits that end with NUL, space or the field.
int64_t tar_octal(std::string_view field);

char tar_type(const char* header);
/// Prefix and name, byte for byte; whether it is a name is not judged.
std::string tar_plain_name(const char* header);
int64_t tar_plain_size(const char* header);

bool is_regular_tar_type(char type);

/// Types that every reader takes for one entry; the rest change what follows, or are read
/// differently.
bool is_single_tar_type(char type);

const char* tar_type_name(char type);

}  // namespace reconproof::formats
