// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace reconproof::system {

/// Streaming SHA-256 (OpenSSL). `hex()` ends the stream.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  /// Goes on where a stream was after `bytes` bytes, a multiple of 64: `state` is its
  /// `chaining_value()` then. So parts of one file are hashed side by side, and damage is found in
  /// the part where it lies, with the file's own SHA-256 and no second hash of the bytes.
  static Sha256 resume(std::string_view state, int64_t bytes);
  /// H(i) of FIPS 180-4, 6.2.2, as 64 lower-case hexadecimal digits: the state after whole blocks.
  /// The stream must be at a multiple of 64 bytes.
  std::string chaining_value() const;

  void update(const void* data, size_t size);
  void update(std::string_view text) { update(text.data(), text.size()); }
  /// The digest, 32 bytes; and as 64 lower-case hexadecimal digits. Nothing may follow either.
  std::string bytes();
  std::string hex();
  /// The same of what came so far; the stream goes on.
  std::string hex_so_far() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
/// The 32 bytes themselves.
std::string sha256_bytes(std::string_view bytes);

/// 64 lower-case hexadecimal digits?
bool is_sha256(std::string_view text);

/// HMAC-SHA-256 (RFC 2104): only who knows the key can make it.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

/// Throws kNotFound when the file cannot be opened, kIo when reading fails.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace reconproof::system
