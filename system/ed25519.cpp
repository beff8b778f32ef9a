// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/ed25519.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "system/base64.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/user_folders.h"

namespace reconproof::system {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kKeyPrefix = "ed25519:";
constexpr size_t kKeyBytes = 32, kSignatureBytes = 64;
constexpr int64_t kMaxKeyFile = 1 << 16;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Bio bio_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

void expect_ed25519(const EVP_PKEY* key, const std::string& name) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519)
    fail(Code::kCorrupt, "{}: a key of another kind, expected Ed25519", name);
}

/// A private key that others may read is none.
void expect_private(const Descriptor& handle, const fs::path& file) {
  struct stat status {};
  if (::fstat(handle.get(), &status) != 0) fail_errno(Code::kIo, file.string());
  if ((status.st_mode & 077) != 0) {
    fail(Code::kIntegrity,
         "{}: others than its owner may read or write this private key (mode {:03o}); make a new "
         "one, or `chmod 600` it if nobody has read it",
         file.string(), status.st_mode & 0777);
  }
}

}  // namespace

// ---- public key ----

PublicKey PublicKey::parse(std::string_view text, const std::string& name) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.starts_with(kKeyPrefix)) {
    const auto raw = base64_decode(text.substr(kKeyPrefix.size()));
    if (raw && raw->size() == kKeyBytes) return PublicKey(*raw);
    fail(Code::kCorrupt, "{}: expected 'ed25519:' and 32 bytes in base64 (44 characters)", name);
  }
  const Bio bio = bio_of(text);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!key) {
    fail(Code::kCorrupt,
         "{}: no public key: expected the line 'ed25519:...' that `reconproof keygen` prints, or "
         "PEM (BEGIN PUBLIC KEY)",
         name);
  }
  expect_ed25519(key.get(), name);
  std::string raw(kKeyBytes, '\0');
  size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size) !=
          1 ||
      size != kKeyBytes)
    fail(Code::kCorrupt, "{}: no Ed25519 public key", name);
  return PublicKey(raw);
}

PublicKey PublicKey::from_option(const std::string& option) {
  if (option.starts_with(kKeyPrefix)) return parse(option, "--public-key");
  return parse(read_file(option, kMaxKeyFile), option);
}

std::string PublicKey::text() const { return std::string(kKeyPrefix) + base64_encode(raw_); }

std::string PublicKey::pem() const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw_), raw_.size()),
                EVP_PKEY_free);
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (!key || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1)
    fail(Code::kInternal, "OpenSSL cannot write a public key");
  return text_of(bio.get());
}

std::string PublicKey::id() const { return sha256_hex(raw_); }

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw_), raw_.size()),
                EVP_PKEY_free);
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && context && signature.size() == kSignatureBytes &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

// ---- signing key ----

struct SigningKey::State {
  Key key;
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

SigningKey SigningKey::generate() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  if (!key) fail(Code::kInternal, "OpenSSL makes no Ed25519 key");
  return SigningKey(std::make_unique<State>(State{std::move(key)}));
}

SigningKey SigningKey::read(const fs::path& file) {
  const Descriptor handle = open_for_reading(file);
  expect_private(handle, file);
  std::string pem(kMaxKeyFile, '\0');
  const ssize_t got = ::read(handle.get(), pem.data(), pem.size());
  if (got < 0) fail_errno(Code::kIo, file.string());
  const Bio bio = bio_of(std::string_view(pem).substr(0, static_cast<size_t>(got)));
  // The callback keeps OpenSSL from asking for a password on the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (!key) {
    fail(Code::kCorrupt,
         "{}: no private key in PEM without a password; `reconproof keygen` makes one",
         file.string());
  }
  expect_ed25519(key.get(), file.string());
  return SigningKey(std::make_unique<State>(State{std::move(key)}));
}

void SigningKey::save(const fs::path& file) const {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1)
    fail(Code::kInternal, "OpenSSL cannot write a private key");
  std::string pem = text_of(bio.get());
  const fs::path fresh = file.string() + "." + std::to_string(::getpid());
  {
    Descriptor handle(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!handle.valid()) fail_errno(Code::kIo, fresh.string());
    write_all(handle.get(), pem.data(), pem.size(), fresh.string());
    ::fsync(handle.get());
  }
  OPENSSL_cleanse(pem.data(), pem.size());
  // Unlike a rename, a link never replaces what stands there.
  const bool linked = ::link(fresh.c_str(), file.c_str()) == 0;
  const int error = errno;
  ::unlink(fresh.c_str());
  if (linked) return;
  if (error == EEXIST) {
    fail(Code::kInvalidArgument, "{}: exists already; a key is never overwritten, say --out FILE",
         file.string());
  }
  errno = error;
  fail_errno(Code::kIo, file.string());
}

PublicKey SigningKey::public_key() const {
  std::string raw(kKeyBytes, '\0');
  size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(state_->key.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                  &size) != 1)
    fail(Code::kInternal, "OpenSSL gives no public key");
  return PublicKey(raw);
}

std::string SigningKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  // Ed25519 hashes the message itself: no digest, and in one call.
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(message), message.size()) != 1)
    fail(Code::kInternal, "OpenSSL does not sign");
  return signature;
}

fs::path default_signing_key() { return user_config_folder() / "signing.pem"; }

}  // namespace reconproof::system
