// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Envelopes, the statements in them, base64, and keys as text.
#include "formats/dsse.h"

#include <optional>

#include "system/base64.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

const char* const kPredicate = "p";

void check_base64(std::string_view text) {
  const std::optional<std::string> bytes = system::base64_decode(text);
  RP_ASSERT(!bytes || system::base64_encode(*bytes) == text);
  RP_ASSERT(system::base64_decode(system::base64_encode(text)) == text);
}

void check_key(std::string_view text) {
  accepted([&] {
    const system::PublicKey key = system::PublicKey::parse(text, "key");
    RP_ASSERT(system::PublicKey::parse(key.text(), "key").id() == key.id());
    RP_ASSERT(system::PublicKey::parse(key.pem(), "key").id() == key.id());
  });
}

void check_statement(const formats::DsseEnvelope& envelope) {
  formats::Statement statement;
  const auto parse = [&] { statement = formats::parse_statement(envelope, kPredicate, "input"); };
  if (!accepted(parse)) return;
  const std::string text = formats::statement_text(statement);
  const formats::Statement again =
      formats::parse_statement({formats::kInTotoPayloadType, text, {}}, kPredicate, "again");
  RP_ASSERT(formats::statement_text(again) == text);
}

void check_envelope(std::string_view text) {
  // Nobody signed with it: no mutation may pass.
  static const system::PublicKey key = system::SigningKey::generate().public_key();
  formats::DsseEnvelope envelope;
  if (!accepted([&] { envelope = formats::parse_dsse(text, "input"); })) return;
  const formats::DsseEnvelope again = formats::parse_dsse(formats::dsse_text(envelope), "again");
  RP_ASSERT(again.payload_type == envelope.payload_type && again.payload == envelope.payload);
  RP_ASSERT(again.signatures.size() == envelope.signatures.size());
  for (size_t i = 0; i < again.signatures.size(); ++i) {
    RP_ASSERT(again.signatures[i].key_id == envelope.signatures[i].key_id);
    RP_ASSERT(again.signatures[i].bytes == envelope.signatures[i].bytes);
  }
  RP_ASSERT(!accepted([&] { formats::dsse_verify(envelope, key, "input"); }));
  check_statement(envelope);
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_base64(text);
  fuzz::check_key(text);
  fuzz::check_envelope(text);
  // Also as the payload by itself: mutations do not find their way through base64.
  fuzz::check_statement({formats::kInTotoPayloadType, std::string(text), {}});
  return 0;
}
