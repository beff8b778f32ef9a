// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/attestation.h"

#include <algorithm>
#include <array>

#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {

using nlohmann::json;
using system::Code;
using system::ExitCode;
using system::fail;

namespace {

constexpr const char* kAttestationPredicate = "urn:reconproof:bundle-attestation:1";
constexpr std::array kRoles = {"organiser", "team"};
constexpr size_t kShortKeyId = 16;  // digits of a key id that name it to a person

std::string short_id(const std::string& key_id) {
  return system::printable(key_id.substr(0, kShortKeyId));
}

std::string predicate_text(const json& predicate, const char* field, bool required,
                           const std::string& name) {
  const auto found = predicate.find(field);
  if (found == predicate.end() && !required) return "";
  if (found == predicate.end() || !found->is_string())
    fail(Code::kCorrupt, "{}: predicate: '{}' is missing or no text", name, field);
  return found->get<std::string>();
}

/// An attestation that was found, and where.
struct FoundAttestation {
  std::string file;
  formats::DsseEnvelope envelope;
  Attestation attestation;
};

/// Judges attestations one after another, and remembers what is known of each trusted key.
class SignatureJudge {
 public:
  SignatureJudge(std::string id, const Trust& trust, std::vector<BundleProblem>& problems)
      : id_(std::move(id)),
        trust_(trust),
        today_(trust.today.empty() ? system::today() : trust.today),
        problems_(problems),
        keys_(trust.keys.size()) {}

  void add(const std::string& file, const std::string& text) {
    try {
      const formats::DsseEnvelope envelope = formats::parse_dsse(text, "envelope");
      judge({file, envelope, parse_attestation(envelope, "envelope")});
    } catch (const system::Error& error) {
      // Without keys it is only no attestation; whoever names keys demands that signatures hold.
      problems_.push_back({"attestation", file, error.what(),
                           keys_.empty() ? ExitCode::kMalformed : ExitCode::kIntegrity});
    }
  }

  std::vector<Signer> finish() {
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i].signed_it) continue;
      problems_.push_back({"signature", keys_[i].file,
                           fmt::format("the key {} has not signed this bundle{}",
                                       short_id(trust_.keys[i].id()), keys_[i].reason),
                           ExitCode::kIntegrity});
    }
    return std::move(signers_);
  }

 private:
  struct KeyState {
    bool signed_it = false;
    std::string file, reason;  // why what looks like its signature does not count
  };

  /// Why the attestation counts for nobody, or "".
  std::string fault_of(const Attestation& attestation) const {
    if (attestation.id != id_) return ": its signature is about another one";
    if (!attestation.expires.empty() && attestation.expires < today_)
      return fmt::format(": its signature expired after {}", attestation.expires);
    return "";
  }

  void judge(const FoundAttestation& found) {
    if (found.attestation.id != id_) {
      problems_.push_back(
          {"attestation", found.file,
           fmt::format("is about the bundle {}, not about this one", found.attestation.id),
           ExitCode::kIntegrity});
    }
    const std::string fault = fault_of(found.attestation);
    for (const formats::DsseSignature& signature : found.envelope.signatures) {
      const std::optional<size_t> key = key_of(found, signature);
      Signer signer{found.file, signature.key_id, found.attestation, false};
      if (key) {
        signer.key_id = trust_.keys[*key].id();
        signer.checked = fault.empty();
        keys_[*key].signed_it = keys_[*key].signed_it || fault.empty();
        if (!fault.empty()) keys_[*key] = {keys_[*key].signed_it, found.file, fault};
      } else {
        note_false_claim(found.file, signature);
      }
      signers_.push_back(std::move(signer));
    }
  }

  std::optional<size_t> key_of(const FoundAttestation& found,
                               const formats::DsseSignature& signature) const {
    for (size_t i = 0; i < trust_.keys.size(); ++i) {
      if (formats::is_signature_of(trust_.keys[i], found.envelope, signature)) return i;
    }
    return std::nullopt;
  }

  void note_false_claim(const std::string& file, const formats::DsseSignature& signature) {
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (trust_.keys[i].id() == signature.key_id && keys_[i].file.empty())
        keys_[i] = {keys_[i].signed_it, file, ": the signature that names it does not hold"};
    }
  }

  std::string id_;
  const Trust& trust_;
  std::string today_;
  std::vector<BundleProblem>& problems_;
  std::vector<KeyState> keys_;  // of trust_.keys
  std::vector<Signer> signers_;
};

}  // namespace

std::string attestation_path(const system::PublicKey& key) {
  return fmt::format("{}/{}.dsse.json", kAttestationFolder, key.id().substr(0, kShortKeyId));
}

std::string sign_attestation(const Attestation& attestation, const system::SigningKey& key) {
  json predicate = {{"schema", "reconproof.bundle-attestation"},
                    {"schema_version", 1},
                    {"role", attestation.role},
                    {"project", attestation.project},
                    {"edition", attestation.edition}};
  if (!attestation.note.empty()) predicate["note"] = attestation.note;
  if (!attestation.date.empty()) predicate["date"] = attestation.date;
  if (!attestation.expires.empty()) predicate["expires"] = attestation.expires;
  const formats::Statement statement{
      {{kTagManifestFile, attestation.id}}, kAttestationPredicate, predicate};
  return formats::dsse_text(
      formats::dsse_sign(formats::kInTotoPayloadType, formats::statement_text(statement), key));
}

Attestation parse_attestation(const formats::DsseEnvelope& envelope, const std::string& name) {
  const formats::Statement statement =
      formats::parse_statement(envelope, kAttestationPredicate, name);
  if (statement.subjects.size() != 1 || statement.subjects[0].name != kTagManifestFile)
    fail(Code::kCorrupt, "{}: expected one subject, '{}'", name, kTagManifestFile);
  const json& predicate = statement.predicate;
  if (!predicate.is_object() ||
      predicate.value("schema", json()) != "reconproof.bundle-attestation" ||
      predicate.value("schema_version", json()) != 1)
    fail(Code::kCorrupt, "{}: predicate: expected reconproof.bundle-attestation, version 1", name);
  Attestation attestation{statement.subjects[0].sha256,
                          predicate_text(predicate, "role", true, name),
                          predicate_text(predicate, "project", true, name),
                          predicate_text(predicate, "edition", true, name),
                          predicate_text(predicate, "note", false, name),
                          predicate_text(predicate, "date", false, name),
                          predicate_text(predicate, "expires", false, name)};
  if (std::ranges::find(kRoles, attestation.role) == kRoles.end())
    fail(Code::kCorrupt, "{}: predicate: 'role' is neither team nor organiser", name);
  for (const std::string& day : {attestation.date, attestation.expires}) {
    if (!day.empty() && !system::is_date(day))
      fail(Code::kCorrupt, "{}: predicate: '{}' is no day such as 2026-08-31", name,
           system::excerpt(day));
  }
  return attestation;
}

std::vector<Signer> judge_attestations(const Inventory& bag, const Trust& trust,
                                       std::vector<BundleProblem>& problems) {
  const auto manifest = bag.files.find(kTagManifestFile);
  SignatureJudge judge(manifest == bag.files.end() ? "" : manifest->second.sha256, trust, problems);
  for (const auto& [path, text] : bag.texts) {
    if (is_attestation(path)) judge.add(path, text);
  }
  for (const std::filesystem::path& file : trust.files)
    judge.add(file.string(), system::read_file(file, kMaxAttestationBytes));
  return judge.finish();
}

json signers_json(const std::vector<Signer>& signers) {
  json list = json::array();
  for (const Signer& signer : signers) {
    list.push_back({{"file", system::printable(signer.file)},
                    {"key_id", system::excerpt(signer.key_id)},
                    {"role", signer.stated.role},
                    {"note", system::excerpt(signer.stated.note, 2000)},
                    {"date", signer.stated.date},
                    {"expires", signer.stated.expires},
                    {"checked", signer.checked}});
  }
  return list;
}

std::string signers_text(const std::vector<Signer>& signers) {
  std::string text;
  for (const Signer& signer : signers) {
    text +=
        fmt::format("signed by {} as {}{}\n",
                    signer.key_id.empty() ? "an unnamed key" : "key " + short_id(signer.key_id),
                    signer.stated.role, signer.checked ? "" : ", not checked: name --public-key");
  }
  return text;
}

}  // namespace reconproof::submission
