// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <charconv>
#include <iterator>

#include "system/error.h"
#include "system/files.h"
#include "system/page_buffer.h"

namespace reconproof::system {

// The streaming interface of OpenSSL 3 hides the state between blocks, on which `resume` rests; the
// older one is the same code, and is only deprecated.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace {

constexpr int64_t kSha256Block = 64;

std::string hex_text(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes)
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256 Sha256::resume(std::string_view state, int64_t bytes) {
  RP_ASSERT(is_sha256(state) && bytes >= 0 && bytes % kSha256Block == 0);
  Sha256 hash;
  SHA256_CTX& context = hash.state_->context;
  for (size_t i = 0; i < std::size(context.h); ++i)
    std::from_chars(state.data() + 8 * i, state.data() + 8 * i + 8, context.h[i], 16);
  const uint64_t bits = static_cast<uint64_t>(bytes) * 8;
  context.Nl = static_cast<SHA_LONG>(bits);
  context.Nh = static_cast<SHA_LONG>(bits >> 32);
  return hash;
}

std::string Sha256::chaining_value() const {
  RP_ASSERT(state_->context.num == 0);
  std::string text;
  for (const SHA_LONG word : state_->context.h)
    fmt::format_to(std::back_inserter(text), "{:08x}", word);
  return text;
}

void Sha256::update(const void* data, size_t size) { SHA256_Update(&state_->context, data, size); }

std::string Sha256::bytes() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &state_->context);
  return digest;
}

std::string Sha256::hex() { return hex_text(bytes()); }

std::string Sha256::hex_so_far() const {
  Sha256 copy;
  copy.state_->context = state_->context;
  return copy.hex();
}

#pragma GCC diagnostic pop

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string sha256_bytes(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.bytes();
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size)) {
    fail(Code::kInternal, "HMAC-SHA-256 failed");
  }
  return hex_text({reinterpret_cast<const char*>(digest), size});
}

std::string sha256_file(const std::filesystem::path& path) {
  Descriptor file = open_for_reading(path);
  Sha256 hash;
  const PageBuffer buffer(1 << 20);
  while (true) {
    const size_t got = read_some(file, buffer.data(), buffer.size(), path.string());
    if (got == 0) return hash.hex();
    hash.update(buffer.data(), got);
  }
}

}  // namespace reconproof::system
