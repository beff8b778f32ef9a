// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Who signed a bundle: what counts, and every way in which it does not.
#include "submission/bundle/attestation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "formats/tar.h"
#include "submission/bundle/sign.h"
#include "submission/bundle/verify.h"
#include "system/base64.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "tests/formats/raw_tar.h"
#include "tests/submission/sample_bundle.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using system::ExitCode;
using system::SigningKey;

class AttestationTest : public ::testing::Test, protected SampleProject {
 protected:
  void SetUp() override {
    bundle_ = packed("bundle.tar");
    statement_.id = last_.id;
  }

  std::string text_by(const SigningKey& key) const { return sign_attestation(statement_, key); }

  /// The bundle with this attestation in it.
  fs::path with(const std::string& text, const std::string& path = "attestations/a.dsse.json") {
    add_attestation(bundle_, root_ / "signed.tar", path, text);
    return root_ / "signed.tar";
  }

  VerifyResult verified(const std::string& text, const Trust& trust) {
    return verify(with(text), {.trust = trust});
  }

  /// `text` does not count as the team's signature, with this exit code; and not as an attestation
  /// either, where `code_without_keys` says so.
  void expect_refused(const std::string& text, const std::string& message,
                      ExitCode code_without_keys) {
    const VerifyResult result = verified(text, trust_team());
    EXPECT_EQ(result.exit_code(), ExitCode::kIntegrity) << to_text(result);
    EXPECT_NE(to_text(result).find(message), std::string::npos) << to_text(result);
    EXPECT_TRUE(std::ranges::none_of(result.signers, &Signer::checked)) << message;
    const bool named = std::ranges::any_of(
        result.problems, [](const BundleProblem& problem) { return problem.kind == "signature"; });
    EXPECT_TRUE(named) << to_text(result);
    const VerifyResult listed = verify(root_ / "signed.tar");
    EXPECT_EQ(listed.exit_code(), code_without_keys) << message << "\n" << to_text(listed);
  }

  Trust trust_team() const { return {{team_.public_key()}, {}, "2026-08-31"}; }

  std::map<std::string, std::string> entries(const fs::path& archive,
                                             std::vector<std::string>* order = nullptr) {
    std::map<std::string, std::string> result;
    formats::TarReader reader(archive);
    for (formats::TarEntry entry; reader.next(entry);) {
      if (order) order->push_back(entry.name);
      std::string& contents = result[entry.name];
      char buffer[4096];
      while (const size_t got = reader.read(buffer, sizeof buffer)) contents.append(buffer, got);
    }
    return result;
  }

  fs::path bundle_;
  SigningKey team_ = SigningKey::generate(), organiser_ = SigningKey::generate();
  Attestation statement_{"", "team", "team", "snu-2025", "", "", ""};
};

json changed(const std::string& text, const std::function<void(json&)>& change) {
  json envelope = json::parse(text);
  change(envelope);
  return envelope;
}

/// An envelope of the team around another statement.
std::string signed_statement(const SigningKey& key, const std::string& text,
                             const std::function<void(json&)>& change) {
  json statement =
      json::parse(*system::base64_decode(json::parse(text)["payload"].get<std::string>()));
  change(statement);
  return formats::dsse_text(formats::dsse_sign(formats::kInTotoPayloadType, statement.dump(), key));
}

TEST_F(AttestationTest, ComesBack) {
  statement_ = {std::string(64, 'a'), "organiser", "팀 7", "snu-2026", "late\n",
                "2026-08-30",         "2026-09-30"};
  const Attestation read = parse_attestation(formats::parse_dsse(text_by(team_), "a"), "a");
  EXPECT_EQ(read.id, statement_.id);
  EXPECT_EQ(read.role, "organiser");
  EXPECT_EQ(read.project, "팀 7");
  EXPECT_EQ(read.edition, "snu-2026");
  EXPECT_EQ(read.note, "late\n");
  EXPECT_EQ(read.date, "2026-08-30");
  EXPECT_EQ(read.expires, "2026-09-30");
  EXPECT_EQ(text_by(team_), text_by(team_));
}

TEST_F(AttestationTest, OnlyAttestationsAreRead) {
  const std::string good = text_by(team_);
  const auto refused = [&](const std::function<void(json&)>& change) {
    try {
      parse_attestation(formats::parse_dsse(signed_statement(team_, good, change), "a"), "a");
    } catch (const system::Error& error) {
      return error.code() == system::Code::kCorrupt;
    }
    return false;
  };
  EXPECT_FALSE(refused([](json& statement) { statement["predicate"]["later"] = 1; }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicateType"] = "urn:other:1"; }));
  EXPECT_TRUE(refused([](json& statement) { statement["subject"][0]["name"] = "other"; }));
  EXPECT_TRUE(
      refused([](json& statement) { statement["subject"].push_back(statement["subject"][0]); }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicate"] = 1; }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicate"]["schema"] = "x"; }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicate"]["schema_version"] = 2; }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicate"]["role"] = "judge"; }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicate"]["date"] = "today"; }));
  EXPECT_TRUE(refused([](json& statement) { statement["predicate"]["expires"] = 20260831; }));
  for (const char* field : {"schema", "schema_version", "role", "project", "edition"})
    EXPECT_TRUE(refused([&](json& statement) { statement["predicate"].erase(field); })) << field;
}

TEST_F(AttestationTest, GoesIntoTheBundleAndLeavesTheRest) {
  const std::string before = system::read_file(bundle_), text = text_by(team_);
  const std::string after = system::read_file(with(text));
  // The bag's folder, then the new folder and file, then all that was there.
  const size_t grown = 2 * 512 + (text.size() + 511) / 512 * 512;
  ASSERT_EQ(after.size(), before.size() + grown);
  EXPECT_EQ(after.substr(0, 512), before.substr(0, 512));
  EXPECT_EQ(after.substr(512 + grown), before.substr(512));
  std::vector<std::string> order;
  EXPECT_EQ(entries(root_ / "signed.tar", &order)["team/attestations/a.dsse.json"], text);
  EXPECT_TRUE(std::ranges::is_sorted(order));

  const VerifyResult result = verify(root_ / "signed.tar", {.trust = trust_team()});
  EXPECT_TRUE(result.ok()) << to_text(result);
  EXPECT_EQ(result.id, statement_.id);
  ASSERT_EQ(result.signers.size(), 1u);
  EXPECT_EQ(result.signers[0].file, "attestations/a.dsse.json");
  EXPECT_EQ(result.signers[0].key_id, team_.public_key().id());
  EXPECT_EQ(result.signers[0].stated.role, "team");
  EXPECT_TRUE(result.signers[0].checked);
  EXPECT_EQ(to_json(result)["signers"][0]["checked"], true);

  const VerifyResult listed = verify(root_ / "signed.tar");
  EXPECT_TRUE(listed.ok());
  ASSERT_EQ(listed.signers.size(), 1u);
  EXPECT_FALSE(listed.signers[0].checked);
  EXPECT_NE(to_text(listed).find("signed by key " + team_.public_key().id().substr(0, 16) +
                                 " as team, not checked: name --public-key\n"),
            std::string::npos);
}

TEST_F(AttestationTest, SignersStandSideBySide) {
  add_attestation(bundle_, bundle_, attestation_path(team_.public_key()), text_by(team_));
  statement_.role = "organiser";
  add_attestation(bundle_, bundle_, attestation_path(organiser_.public_key()), text_by(organiser_));
  const std::string both = system::read_file(bundle_);
  const Trust trust{{organiser_.public_key(), team_.public_key()}, {}};
  EXPECT_TRUE(verify(bundle_, {.trust = trust}).ok()) << to_text(verify(bundle_, {.trust = trust}));
  std::vector<std::string> order;
  entries(bundle_, &order);
  EXPECT_TRUE(std::ranges::is_sorted(order));
  // Signing again replaces the same key's, at its place.
  add_attestation(bundle_, bundle_, attestation_path(organiser_.public_key()), text_by(organiser_));
  EXPECT_EQ(system::read_file(bundle_), both);
  statement_.note = std::string(3000, 'n');
  add_attestation(bundle_, bundle_, attestation_path(organiser_.public_key()), text_by(organiser_));
  EXPECT_EQ(verify(bundle_, {.trust = trust}).signers.size(), 2u);
  EXPECT_TRUE(verify(bundle_, {.trust = trust}).ok());
}

TEST_F(AttestationTest, ArchivesOfOthersKeepTheirOrder) {
  const Bag contents = bag();
  fakes::RawTar tar;
  for (auto file = contents.rbegin(); file != contents.rend(); ++file) {
    if (file->first == "data/code/main.py")
      tar.program("team/" + file->first, file->second);
    else
      tar.file("team/" + file->first, file->second);
  }
  put(root_ / "reversed.tar", tar.end() + std::string(9216, '\0'));
  bundle_ = root_ / "reversed.tar";
  const VerifyResult result = verified(text_by(team_), trust_team());
  EXPECT_TRUE(result.ok()) << to_text(result);
  EXPECT_EQ(result.id, statement_.id);
  EXPECT_TRUE(system::read_file(root_ / "signed.tar").ends_with(std::string(10240, '\0')));
}

TEST_F(AttestationTest, EachNamedKeyMustHaveSigned) {
  EXPECT_EQ(verify(bundle_, {.trust = trust_team()}).exit_code(), ExitCode::kIntegrity);
  expect_refused(text_by(organiser_), "has not signed this bundle\n", ExitCode::kPass);

  // Whatever the envelope says of keys.
  json claims = changed(text_by(organiser_), [&](json& envelope) {
    envelope["signatures"][0]["keyid"] = team_.public_key().id();
  });
  expect_refused(claims.dump(), "the signature that names it does not hold", ExitCode::kPass);

  const std::string id = statement_.id;
  statement_.id = std::string(64, 'a');
  expect_refused(text_by(team_), "its signature is about another one", ExitCode::kIntegrity);
  statement_.id = id;

  statement_.expires = "2026-08-30";
  expect_refused(text_by(team_), "its signature expired after 2026-08-30", ExitCode::kPass);
  statement_.expires = "2026-08-31";
  EXPECT_TRUE(verified(text_by(team_), trust_team()).ok());
}

TEST_F(AttestationTest, EnvelopesThatWereTamperedWith) {
  const std::string good = text_by(team_);
  const auto refused = [&](const std::function<void(json&)>& change, const std::string& message,
                           ExitCode without_keys) {
    expect_refused(changed(good, change).dump(), message, without_keys);
  };
  refused([](json& envelope) { envelope["payloadType"] = "text/plain"; }, "payloadType is",
          ExitCode::kMalformed);
  refused([](json& envelope) { envelope["payload"] = "AAA"; }, "'payload' is no base64",
          ExitCode::kMalformed);
  refused([](json& envelope) { envelope["signatures"][0]["sig"] = "?"; }, "'sig' is no base64",
          ExitCode::kMalformed);
  refused([](json& envelope) { envelope["signatures"].push_back(envelope["signatures"][0]); },
          "one signature stands twice", ExitCode::kMalformed);
  refused([](json& envelope) { envelope["signatures"] = json::array(); }, "1 to 16 signatures",
          ExitCode::kMalformed);
  refused([](json& envelope) { envelope["signatures"][0]["sig"] = "AAAA"; }, "does not hold",
          ExitCode::kPass);
  expect_refused("{}", "'payload' is missing", ExitCode::kMalformed);
  expect_refused("", "not JSON", ExitCode::kMalformed);
}

TEST_F(AttestationTest, SeveralSignaturesUnderOneStatement) {
  json envelope = json::parse(text_by(team_));
  envelope["signatures"].push_back(json::parse(text_by(organiser_))["signatures"][0]);
  envelope["signatures"].push_back({{"sig", "AAAA"}});
  const Trust both{{team_.public_key(), organiser_.public_key()}, {}};
  const VerifyResult result = verified(envelope.dump(), both);
  EXPECT_TRUE(result.ok()) << to_text(result);
  ASSERT_EQ(result.signers.size(), 3u);
  EXPECT_TRUE(result.signers[0].checked);
  EXPECT_TRUE(result.signers[1].checked);
  EXPECT_FALSE(result.signers[2].checked);
  EXPECT_NE(to_text(result).find("signed by an unnamed key as team, not checked"),
            std::string::npos);
}

TEST_F(AttestationTest, CountsBesideTheBundle) {
  put(root_ / "beside.json", text_by(team_));
  Trust trust = trust_team();
  trust.files = {root_ / "beside.json"};
  EXPECT_TRUE(verify(bundle_, {.trust = trust}).ok());
  put(root_ / "beside.json", "{}");
  EXPECT_EQ(verify(bundle_, {.trust = trust}).exit_code(), ExitCode::kIntegrity);
  trust.files = {root_ / "nowhere.json"};
  EXPECT_THROW(verify(bundle_, {.trust = trust}), system::Error);
}

TEST_F(AttestationTest, OnlySoundBundlesAreNamed) {
  const BundleName name = require_verified(bundle_);
  EXPECT_EQ(name.id, statement_.id);
  EXPECT_EQ(name.project, "team");
  EXPECT_EQ(name.edition, "snu-2025");
  const auto code_for = [&](const std::string& bytes) {
    put(root_ / "damaged.tar", bytes);
    try {
      require_verified(root_ / "damaged.tar");
    } catch (const system::Error& error) {
      return error.code();
    }
    return system::Code::kInternal;
  };
  std::string bytes = system::read_file(bundle_);
  EXPECT_EQ(code_for(bytes.substr(0, bytes.size() - 1024)), system::Code::kCorrupt);
  bytes.replace(bytes.find("print('recon')"), 5, "PRINT");
  EXPECT_EQ(code_for(bytes), system::Code::kIntegrity);
}

TEST_F(AttestationTest, SigningIsWholeOrNotAtAll) {
  const std::string before = system::read_file(bundle_);
  const auto is_untouched = [&] {
    const auto is_temporary = [](const fs::path& entry) {
      return entry.filename().string().starts_with("reconproof-tmp.") ||
             entry.filename().string().find("partial") != std::string::npos;
    };
    return system::read_file(bundle_) == before &&
           std::ranges::none_of(system::sorted_entries(root_), is_temporary);
  };
  const auto sign = [&] { add_attestation(bundle_, bundle_, "attestations/a.dsse.json", "{}"); };
  {
    const system::InterruptWatch watch;
    ::raise(SIGTERM);
    bool interrupted = false;
    try {
      sign();
    } catch (const system::Interrupted&) {
      interrupted = true;
    }
    EXPECT_TRUE(interrupted);
  }
  EXPECT_TRUE(is_untouched());

  // Someone writes to the archive meanwhile; when exactly, nobody can say.
  std::atomic<bool> stop = false;
  std::jthread writer([&] {
    while (!stop) fs::last_write_time(bundle_, fs::file_time_type::clock::now());
  });
  bool noticed = false;
  for (int i = 0; i < 100 && !noticed; ++i) {
    try {
      add_attestation(bundle_, root_ / "other.tar", "attestations/a.dsse.json", "{}");
    } catch (const system::Error& error) {
      noticed = error.code() == system::Code::kIntegrity;
    }
  }
  stop = true;
  EXPECT_TRUE(noticed);
}

TEST_F(AttestationTest, ThereIsAnEndToThem) {
  Bag many = bag();
  for (int i = 0; i <= kMaxAttestations; ++i)
    many[fmt::format("attestations/{:02}.dsse.json", i)] = text_by(team_);
  put(root_ / "many.tar", archive_of(many));
  const VerifyResult refused = verify(root_ / "many.tar");
  EXPECT_EQ(refused.exit_code(), ExitCode::kMalformed);
  EXPECT_EQ(refused.signers.size(), static_cast<size_t>(kMaxAttestations));
  EXPECT_NE(to_text(refused).find("has 65 attestations, a bundle may have 64"), std::string::npos);
  many.erase("attestations/00.dsse.json");
  put(root_ / "many.tar", archive_of(many));
  EXPECT_TRUE(verify(root_ / "many.tar").ok());
}

TEST_F(AttestationTest, TextOfStrangersStaysText) {
  const json envelope =
      changed(text_by(team_), [](json& value) { value["signatures"][0]["keyid"] = "\x1b[2J"; });
  const VerifyResult result = verified(envelope.dump(), {});
  EXPECT_EQ(to_text(result).find('\x1b'), std::string::npos);
  EXPECT_EQ(to_json(result).dump().find("u001b"), std::string::npos);
}

}  // namespace
}  // namespace reconproof::submission
