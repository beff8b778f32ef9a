// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Ed25519 signatures (RFC 8032) by OpenSSL. Whoever verifies pins the public key, which he got by
// another way than the signed thing: a key that comes along with it proves nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace reconproof::system {

class PublicKey {
 public:
  /// "ed25519:BASE64" as `text()` gives it, or PEM (SubjectPublicKeyInfo, `openssl pkey -pubout`).
  /// kCorrupt, with `name`, for anything else, private keys included.
  static PublicKey parse(std::string_view text, const std::string& name);
  /// Of the option --public-key: the text itself, or the name of a file that holds it.
  static PublicKey from_option(const std::string& option);

  /// One line: "ed25519:" and the 32 bytes in base64.
  std::string text() const;
  std::string pem() const;
  /// SHA-256 of the 32 bytes, 64 hexadecimal digits.
  std::string id() const;
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  friend class SigningKey;
  explicit PublicKey(std::string raw) : raw_(std::move(raw)) {}
  std::string raw_;  // 32 bytes
};

class SigningKey {
 public:
  static SigningKey generate();
  /// PEM (PKCS #8), as `save` and `openssl genpkey -algorithm ed25519` write it. kNotFound,
  /// kCorrupt; kIntegrity where others than the owner may read or write the file.
  static SigningKey read(const std::filesystem::path& file);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  /// PEM with mode 0600, whole or absent. kInvalidArgument when something stands there: a key is
  /// never overwritten.
  void save(const std::filesystem::path& file) const;
  PublicKey public_key() const;
  /// 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Where `reconproof keygen` writes, and signing commands look, unless told otherwise:
/// user_config_folder() / "signing.pem".
std::filesystem::path default_signing_key();

}  // namespace reconproof::system
