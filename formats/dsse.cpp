// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/dsse.h"

#include <algorithm>
#include <initializer_list>

#include "formats/strict_json.h"
#include "system/base64.h"
#include "system/error.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::formats {

using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr size_t kMaxSignatures = 16, kMaxSubjects = 1000;
constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";

/// An object of exactly these fields; `optional` ones may be missing.
void expect_fields(const json& object, std::initializer_list<const char*> fields,
                   std::initializer_list<const char*> optional, const std::string& where) {
  if (!object.is_object()) fail(Code::kCorrupt, "{}: expected an object", where);
  for (const char* field : fields) {
    if (!object.contains(field)) fail(Code::kCorrupt, "{}: '{}' is missing", where, field);
  }
  for (const auto& item : object.items()) {
    const auto is_key = [&](const char* field) { return item.key() == field; };
    if (std::ranges::none_of(fields, is_key) && std::ranges::none_of(optional, is_key))
      fail(Code::kCorrupt, "{}: unknown field '{}'", where, system::excerpt(item.key()));
  }
}

std::string text_field(const json& object, const char* field, const std::string& where) {
  const json& value = object.at(field);
  if (!value.is_string()) fail(Code::kCorrupt, "{}: '{}' is no text", where, field);
  return value.get<std::string>();
}

std::string bytes_field(const json& object, const char* field, const std::string& where) {
  std::optional<std::string> bytes = system::base64_decode(text_field(object, field, where));
  if (!bytes) fail(Code::kCorrupt, "{}: '{}' is no base64", where, field);
  return *std::move(bytes);
}

}  // namespace

std::string dsse_encoding(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(),
                     payload);
}

DsseEnvelope dsse_sign(std::string payload_type, std::string payload,
                       const system::SigningKey& key) {
  const std::string signature = key.sign(dsse_encoding(payload_type, payload));
  return {std::move(payload_type), std::move(payload), {{key.public_key().id(), signature}}};
}

std::string dsse_text(const DsseEnvelope& envelope) {
  json signatures = json::array();
  for (const DsseSignature& signature : envelope.signatures) {
    signatures.push_back(
        {{"keyid", signature.key_id}, {"sig", system::base64_encode(signature.bytes)}});
  }
  return canonical_json({{"payload", system::base64_encode(envelope.payload)},
                         {"payloadType", envelope.payload_type},
                         {"signatures", signatures}});
}

DsseEnvelope parse_dsse(std::string_view text, const std::string& name) {
  const json document = parse_strict_json(text, name);
  expect_fields(document, {"payload", "payloadType", "signatures"}, {}, name);
  DsseEnvelope envelope{
      text_field(document, "payloadType", name), bytes_field(document, "payload", name), {}};
  const json& signatures = document.at("signatures");
  if (!signatures.is_array() || signatures.empty() || signatures.size() > kMaxSignatures) {
    fail(Code::kCorrupt, "{}: expected a list of 1 to {} signatures", name, kMaxSignatures);
  }
  for (const json& signature : signatures) {
    const std::string where = name + ": signature";
    expect_fields(signature, {"sig"}, {"keyid"}, where);
    std::string bytes = bytes_field(signature, "sig", where);
    if (std::ranges::find(envelope.signatures, bytes, &DsseSignature::bytes) !=
        envelope.signatures.end())
      fail(Code::kCorrupt, "{}: one signature stands twice", name);
    envelope.signatures.push_back(
        {signature.contains("keyid") ? text_field(signature, "keyid", where) : "",
         std::move(bytes)});
  }
  return envelope;
}

bool is_signature_of(const system::PublicKey& key, const DsseEnvelope& envelope,
                     const DsseSignature& signature) {
  return key.verify(dsse_encoding(envelope.payload_type, envelope.payload), signature.bytes);
}

void dsse_verify(const DsseEnvelope& envelope, const system::PublicKey& key,
                 const std::string& name) {
  const bool signed_by_it = std::ranges::any_of(
      envelope.signatures,
      [&](const DsseSignature& signature) { return is_signature_of(key, envelope, signature); });
  if (!signed_by_it) {
    fail(Code::kIntegrity,
         "{}: not signed by the key {}; get file and public key again from the one who published "
         "them",
         name, key.id().substr(0, 16));
  }
}

std::string statement_text(const Statement& statement) {
  json subjects = json::array();
  for (const Statement::Subject& subject : statement.subjects)
    subjects.push_back({{"name", subject.name}, {"digest", {{"sha256", subject.sha256}}}});
  return canonical_json({{"_type", kStatementType},
                         {"subject", subjects},
                         {"predicateType", statement.predicate_type},
                         {"predicate", statement.predicate}});
}

Statement parse_statement(const DsseEnvelope& envelope, const std::string& predicate_type,
                          const std::string& name) {
  if (envelope.payload_type != kInTotoPayloadType) {
    fail(Code::kCorrupt, "{}: payloadType is '{}', expected '{}'", name,
         system::excerpt(envelope.payload_type), kInTotoPayloadType);
  }
  const std::string where = name + ": payload";
  const json document = parse_strict_json(envelope.payload, where);
  expect_fields(document, {"_type", "subject", "predicateType", "predicate"}, {}, where);
  if (document["_type"] != kStatementType) {
    fail(Code::kCorrupt, "{}: no in-toto statement of version 1", where);
  }
  Statement statement{{}, text_field(document, "predicateType", where), document["predicate"]};
  if (statement.predicate_type != predicate_type) {
    fail(Code::kCorrupt, "{}: states '{}', expected '{}'", where,
         system::excerpt(statement.predicate_type), predicate_type);
  }
  const json& subjects = document["subject"];
  if (!subjects.is_array() || subjects.empty() || subjects.size() > kMaxSubjects)
    fail(Code::kCorrupt, "{}: expected a list of 1 to {} subjects", where, kMaxSubjects);
  for (const json& subject : subjects) {
    expect_fields(subject, {"name", "digest"}, {}, where + ": subject");
    expect_fields(subject["digest"], {"sha256"}, {}, where + ": digest");
    statement.subjects.push_back(
        {text_field(subject, "name", where), text_field(subject["digest"], "sha256", where)});
    if (!system::is_sha256(statement.subjects.back().sha256))
      fail(Code::kCorrupt, "{}: 'sha256' is no SHA-256 in hexadecimal digits", where);
  }
  return statement;
}

}  // namespace reconproof::formats
