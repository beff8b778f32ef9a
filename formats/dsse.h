// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// DSSE envelopes (Dead Simple Signing Envelope 1.0) around in-toto statements: what is signed are
// the stored bytes themselves, so that nothing has to be written in one canonical way.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "system/ed25519.h"

namespace reconproof::formats {

inline constexpr const char* kInTotoPayloadType = "application/vnd.in-toto+json";

struct DsseSignature {
  std::string key_id;  // a hint, not signed
  std::string bytes;
};

struct DsseEnvelope {
  std::string payload_type, payload;
  std::vector<DsseSignature> signatures;
};

/// The pre-authentication encoding: the bytes that are signed.
std::string dsse_encoding(std::string_view payload_type, std::string_view payload);

DsseEnvelope dsse_sign(std::string payload_type, std::string payload,
                       const system::SigningKey& key);

std::string dsse_text(const DsseEnvelope& envelope);

/// Strict: kCorrupt, with `name`, for unknown or missing fields, other base64 than the standard's,
/// no signature, more than 16, or one that stands twice.
DsseEnvelope parse_dsse(std::string_view text, const std::string& name);

/// Whether a signature is the key's. Key ids are not believed.
bool is_signature_of(const system::PublicKey& key, const DsseEnvelope& envelope,
                     const DsseSignature& signature);

/// kIntegrity, with `name`, unless one of the signatures is the key's.
void dsse_verify(const DsseEnvelope& envelope, const system::PublicKey& key,
                 const std::string& name);

/// An in-toto statement (version 1) about files of these names and SHA-256.
struct Statement {
  struct Subject {
    std::string name, sha256;
  };
  std::vector<Subject> subjects;
  std::string predicate_type;
  nlohmann::json predicate = nlohmann::json::object();
};

std::string statement_text(const Statement& statement);

/// The statement of an envelope, which only a verified signature makes true; kCorrupt where it is
/// none, or of another predicate type.
Statement parse_statement(const DsseEnvelope& envelope, const std::string& predicate_type,
                          const std::string& name);

}  // namespace reconproof::formats
