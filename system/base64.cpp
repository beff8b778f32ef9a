// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/base64.h"

#include <openssl/evp.h>

#include <climits>

#include "system/error.h"

namespace reconproof::system {

namespace {

int length_of(std::string_view bytes) {
  if (bytes.size() > INT_MAX / 2) fail(Code::kUnsupported, "base64: more than 1 GiB in one piece");
  return static_cast<int>(bytes.size());
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  const int size = length_of(bytes);
  // EVP_EncodeBlock ends with a zero byte.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()), size);
  text.resize(static_cast<size_t>(written));
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string();
  const int size = length_of(text);
  std::string bytes(text.size() / 4 * 3, '\0');
  const int written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()), size);
  if (written != static_cast<int>(bytes.size())) return std::nullopt;
  bytes.resize(bytes.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  // OpenSSL skips blanks and ignores stray bits: one value must have one text.
  if (base64_encode(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace reconproof::system
