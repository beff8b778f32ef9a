// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tar_header.h"

#include <fmt/core.h>

#include <algorithm>

namespace reconproof::formats {

namespace {

using std::string_view_literals::operator""sv;

struct HeaderField {
  const char* name;
  size_t offset, size;
};

constexpr HeaderField kNameField = {"name", 0, 100}, kModeField = {"mode", 100, 8},
                      kSizeField = {"size", 124, 12}, kChecksumField = {"checksum", 148, 8},
                      kMagicField = {"magic", 257, 8}, kPrefixField = {"prefix", 345, 155},
                      kRestField = {"last bytes", 500, 12};
constexpr HeaderField kTexts[] = {
    kNameField, {"linkname", 157, 100}, {"uname", 265, 32}, {"gname", 297, 32}};
constexpr HeaderField kNumbers[] = {
    kSizeField, {"uid", 108, 8}, {"gid", 116, 8}, {"mtime", 136, 12}};
constexpr HeaderField kDeviceNumbers[] = {{"devmajor", 329, 8}, {"devminor", 337, 8}};
constexpr size_t kTypeOffset = 156;
constexpr std::string_view kUstarMagic = "ustar\00000"sv, kGnuMagic = "ustar  \0"sv;

std::string_view field_of(const char* header, const HeaderField& field) {
  return {header + field.offset, field.size};
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

bool is_text(std::string_view bytes) {
  return all_zero(bytes.substr(std::min(bytes.find('\0'), bytes.size())));
}

bool is_octal(std::string_view bytes) {
  const size_t digits = std::min(bytes.find_first_not_of("01234567"), bytes.size());
  return digits > 0 && bytes.find_first_not_of(" \0"sv, digits) == std::string_view::npos;
}

/// A number that octal digits cannot hold, as GNU tar writes it: a large uid, a time before 1970.
bool is_base_256(std::string_view bytes) { return bytes[0] == '\x80' || bytes[0] == '\xff'; }

/// An executable bit that its owner has not, or a file that its owner cannot read, is no mode that
/// a program gives: fields were exchanged.
bool is_mode(int64_t mode, bool regular) {
  if (mode < 0 || mode > 07777) return false;
  return !regular || (mode <= 0777 && (mode & 0400) && ((mode & 0111) == 0 || (mode & 0100)));
}

}  // namespace

std::string tar_header_fault(const char* header) {
  const std::string_view magic = field_of(header, kMagicField);
  if (magic != kUstarMagic && magic != kGnuMagic) return "no ustar, pax or GNU tar header";
  int64_t sum = 0;
  for (size_t i = 0; i < static_cast<size_t>(kTarBlock); ++i) {
    const bool own = i >= kChecksumField.offset && i < kChecksumField.offset + kChecksumField.size;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  const std::string expected = fmt::format("{:06o}", sum) + '\0' + ' ';
  return field_of(header, kChecksumField) == expected ? "" : "the header's checksum is wrong";
}

std::string tar_field_fault(const char* header) {
  const auto wrong = [](const HeaderField& which) {
    return fmt::format("the header's field '{}' is not what tar programs write", which.name);
  };
  for (const HeaderField& text : kTexts) {
    if (!is_text(field_of(header, text))) return wrong(text);
  }
  const bool gnu = field_of(header, kMagicField) == kGnuMagic;
  const std::string_view prefix = field_of(header, kPrefixField);
  if (gnu ? !all_zero(prefix) : !is_text(prefix)) return wrong(kPrefixField);
  for (const HeaderField& number : kNumbers) {
    const std::string_view bytes = field_of(header, number);
    if (!is_octal(bytes) && !is_base_256(bytes)) return wrong(number);
  }
  for (const HeaderField& number : kDeviceNumbers) {
    const std::string_view bytes = field_of(header, number);
    if (!is_octal(bytes) && !all_zero(bytes)) return wrong(number);
  }
  const std::string_view mode = field_of(header, kModeField);
  if (!is_octal(mode) || !is_mode(tar_octal(mode), is_regular_tar_type(tar_type(header))))
    return wrong(kModeField);
  return all_zero(field_of(header, kRestField)) ? "" : wrong(kRestField);
}

int64_t tar_octal(std::string_view field) {
  int64_t value = 0;
  size_t i = 0;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i)
    value = value * 8 + (field[i] - '0');
  return i > 0 && (i == field.size() || field[i] == '\0' || field[i] == ' ') ? value : -1;
}

char tar_type(const char* header) { return header[kTypeOffset]; }

std::string tar_plain_name(const char* header) {
  const auto text = [&](const HeaderField& which) {
    const std::string_view bytes = field_of(header, which);
    return std::string(bytes.substr(0, bytes.find('\0')));
  };
  const bool gnu = field_of(header, kMagicField) == kGnuMagic;
  const std::string prefix = gnu ? "" : text(kPrefixField);
  return prefix.empty() ? text(kNameField) : prefix + "/" + text(kNameField);
}

int64_t tar_plain_size(const char* header) { return tar_octal(field_of(header, kSizeField)); }

bool is_regular_tar_type(char type) { return type == '0' || type == '\0'; }

bool is_single_tar_type(char type) {
  return is_regular_tar_type(type) || (type >= '1' && type <= '6');
}

const char* tar_type_name(char type) {
  switch (type) {
    case '1':
      return "a hard link";
    case '2':
      return "a symbolic link";
    case '3':
      return "a character device";
    case '4':
      return "a block device";
    case '6':
      return "a named pipe";
    case 'S':
      return "a GNU sparse file";
    case 'g':
      return "a pax global header";
    case 'K':
      return "a GNU long link";
    default:
      return "an entry of unknown type";
  }
}

}  // namespace reconproof::formats
