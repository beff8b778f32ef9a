// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/dsse.h"

#include <gtest/gtest.h>

#include "formats/strict_json.h"
#include "system/base64.h"
#include "system/error.h"

namespace reconproof::formats {
namespace {

using nlohmann::json;
using system::Code;
using system::SigningKey;

Code code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const system::Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Code::kInternal;
}

// The example of DSSE's protocol.md.
TEST(Dsse, EncodesAsTheStandardsExample) {
  EXPECT_EQ(dsse_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Dsse, ComesBackAndHolds) {
  const SigningKey key = SigningKey::generate();
  const DsseEnvelope made = dsse_sign("text/plain", std::string("a\0b\xff", 4), key);
  const DsseEnvelope read = parse_dsse(dsse_text(made), "a.dsse.json");
  EXPECT_EQ(read.payload, made.payload);
  EXPECT_EQ(read.signatures.at(0).key_id, key.public_key().id());
  dsse_verify(read, key.public_key(), "a.dsse.json");
}

TEST(Dsse, ChangesAreFound) {
  const SigningKey key = SigningKey::generate(), other = SigningKey::generate();
  const DsseEnvelope good = dsse_sign("text/plain", "payload", key);
  const auto verified = [&](const DsseEnvelope& envelope) {
    return code_of([&] { dsse_verify(envelope, key.public_key(), "a"); });
  };
  DsseEnvelope changed = good;
  changed.payload += "x";
  EXPECT_EQ(verified(changed), Code::kIntegrity);
  changed = good;
  changed.payload_type = "text/html";
  EXPECT_EQ(verified(changed), Code::kIntegrity);
  // Of another key, whatever key id it claims.
  changed = dsse_sign("text/plain", "payload", other);
  changed.signatures[0].key_id = key.public_key().id();
  EXPECT_EQ(verified(changed), Code::kIntegrity);
  // A second signature is welcome.
  changed.signatures.push_back(good.signatures[0]);
  dsse_verify(changed, key.public_key(), "a");
}

TEST(Dsse, ReaderIsStrict) {
  const json good =
      json::parse(dsse_text(dsse_sign("text/plain", "payload", SigningKey::generate())));
  const auto parsed = [](const json& value) {
    return code_of([&] { parse_dsse(value.dump(), "a"); });
  };
  for (const char* field : {"payload", "payloadType", "signatures"}) {
    json changed = good;
    changed.erase(field);
    EXPECT_EQ(parsed(changed), Code::kCorrupt) << field;
    changed[field] = 1;
    EXPECT_EQ(parsed(changed), Code::kCorrupt) << field;
  }
  json changed = good;
  changed["more"] = 1;
  EXPECT_EQ(parsed(changed), Code::kCorrupt);
  changed = good;
  changed["payload"] = "cGF5bG9hZ";
  EXPECT_EQ(parsed(changed), Code::kCorrupt);
  changed = good;
  changed["signatures"] = json::array();
  EXPECT_EQ(parsed(changed), Code::kCorrupt);
  for (int i = 0; i < 17; ++i)
    changed["signatures"].push_back({{"sig", system::base64_encode(std::to_string(i))}});
  EXPECT_EQ(parsed(changed), Code::kCorrupt);
  // Twice the same signature counts for no two signers.
  changed["signatures"] = {good["signatures"][0], {{"sig", good["signatures"][0]["sig"]}}};
  EXPECT_EQ(parsed(changed), Code::kCorrupt);
  EXPECT_EQ(code_of([] { parse_dsse("{\"payload\":\"\",\"payload\":\"\"}", "a"); }),
            Code::kCorrupt);
}

TEST(Statement, ComesBackAndIsOfItsType) {
  const SigningKey key = SigningKey::generate();
  const std::string hash(64, 'a');
  const auto envelope_of = [&](const std::string& text) {
    return dsse_sign(kInTotoPayloadType, text, key);
  };
  const std::string text = statement_text({{{"m.jsonl", hash}}, "urn:a:1", {{"files", 3}}});
  const Statement read = parse_statement(envelope_of(text), "urn:a:1", "a");
  EXPECT_EQ(read.subjects.at(0).name, "m.jsonl");
  EXPECT_EQ(read.subjects.at(0).sha256, hash);
  EXPECT_EQ(read.predicate["files"], 3);

  EXPECT_EQ(code_of([&] { parse_statement(envelope_of(text), "urn:b:1", "a"); }), Code::kCorrupt);
  EXPECT_EQ(code_of([&] { parse_statement(dsse_sign("text/plain", text, key), "urn:a:1", "a"); }),
            Code::kCorrupt);
  for (const char* field : {"_type", "subject", "predicateType", "predicate"}) {
    json changed = json::parse(text);
    changed.erase(field);
    EXPECT_EQ(code_of([&] { parse_statement(envelope_of(changed.dump()), "urn:a:1", "a"); }),
              Code::kCorrupt);
  }
  json changed = json::parse(text);
  changed["subject"][0]["digest"]["sha256"] = "ABC";
  EXPECT_EQ(code_of([&] { parse_statement(envelope_of(changed.dump()), "urn:a:1", "a"); }),
            Code::kCorrupt);
}

}  // namespace
}  // namespace reconproof::formats
