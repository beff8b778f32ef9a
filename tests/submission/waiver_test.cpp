// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/waiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "formats/dsse.h"
#include "system/base64.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::submission {
namespace {

using challenge::Finding;
using challenge::Status;
using nlohmann::json;
using system::Code;
using system::SigningKey;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kId(64, 'a');

Finding finding(const std::string& rule, Status status) {
  Finding made;
  made.rule_id = rule;
  made.status = status;
  made.remediation = "mend it";
  return made;
}

Waiver waiver_of_project() {
  return {{"time.total"},  "",           "team",     "snu-2025",
          "power failure", "2026-09-01", "0123abcd", "w.json"};
}

WaiverScope scope() { return {kId, "team", "snu-2025", "2026-09-01"}; }

TEST(ApplyWaivers, WaivesWhatIsBroken) {
  std::vector<Finding> findings = {finding("time.total", Status::kFail),
                                   finding("score.claimed", Status::kFail)};
  EXPECT_THAT(apply_waivers(findings, {waiver_of_project()}, scope()), IsEmpty());
  EXPECT_EQ(findings[0].status, Status::kWaived);
  EXPECT_THAT(findings[0].evidence,
              ElementsAre("waived until 2026-09-01 by the key 0123abcd: power failure"));
  EXPECT_EQ(findings[0].remediation, "");
  EXPECT_EQ(findings[1].status, Status::kFail);
  EXPECT_EQ(challenge::exit_code_of({findings[0]}), system::ExitCode::kPass);
  EXPECT_EQ(challenge::exit_code_of(findings), system::ExitCode::kRuleBroken);
}

TEST(ApplyWaivers, WhatIsNotBrokenStaysAsItIs) {
  for (const Status status : {Status::kPass, Status::kInconclusive, Status::kNotApplicable}) {
    std::vector<Finding> findings = {finding("time.total", status)};
    EXPECT_THAT(apply_waivers(findings, {waiver_of_project()}, scope()),
                ElementsAre("w.json: the rule 'time.total' is not broken: nothing to waive"));
    EXPECT_EQ(findings[0].status, status);
  }
}

TEST(ApplyWaivers, OutOfScopeHasNoEffect) {
  const auto note = [](const std::function<void(Waiver&, WaiverScope&)>& change) {
    Waiver waiver = waiver_of_project();
    WaiverScope judged = scope();
    change(waiver, judged);
    std::vector<Finding> findings = {finding("time.total", Status::kFail)};
    const std::vector<std::string> notes = apply_waivers(findings, {waiver}, judged);
    EXPECT_EQ(findings[0].status, notes.empty() ? Status::kWaived : Status::kFail);
    return notes.empty() ? "" : notes[0];
  };
  EXPECT_EQ(note([](Waiver&, WaiverScope&) {}), "");
  EXPECT_THAT(note([](Waiver&, WaiverScope& judged) { judged.today = "2026-09-02"; }),
              HasSubstr("expired after 2026-09-01"));
  EXPECT_THAT(note([](Waiver&, WaiverScope& judged) { judged.project = "other"; }),
              HasSubstr("is for the project 'team'"));
  EXPECT_THAT(note([](Waiver&, WaiverScope& judged) { judged.edition = "snu-2026"; }),
              HasSubstr("is for the edition 'snu-2025'"));
  EXPECT_THAT(note([](Waiver& waiver, WaiverScope&) { waiver.rules = {"time"}; }),
              HasSubstr("the rule 'time' is not broken"));
  const auto of_bundle = [](Waiver& waiver) {
    waiver.bundle = kId;
    waiver.project = waiver.edition = "";
  };
  EXPECT_EQ(note([&](Waiver& waiver, WaiverScope&) { of_bundle(waiver); }), "");
  EXPECT_THAT(note([&](Waiver& waiver, WaiverScope& judged) {
                of_bundle(waiver);
                judged.bundle = std::string(64, 'b');
              }),
              HasSubstr("is for the bundle aaaa"));
  EXPECT_THAT(note([&](Waiver& waiver, WaiverScope& judged) {
                of_bundle(waiver);
                judged.bundle = "";
              }),
              HasSubstr("is for a bundle, and a project is judged"));
}

class WaiverFile : public ::testing::Test {
 protected:
  Waiver read(const std::string& text) {
    system::write_file(file_, text);
    return read_waiver(file_, key_.public_key());
  }
  Code code_of(const std::string& text) {
    try {
      read(text);
    } catch (const system::Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("w.json"));
      return error.code();
    }
    ADD_FAILURE() << "was read: " << text;
    return Code::kInternal;
  }
  /// Of the key's owner, who signed something odd.
  Code code_of_changed(const std::function<void(json&)>& change,
                       const std::string& type = "application/vnd.reconproof.waiver+json") {
    const json envelope = json::parse(sign_waiver(waiver_of_project(), key_));
    json document = json::parse(*system::base64_decode(envelope["payload"].get<std::string>()));
    change(document);
    return code_of(formats::dsse_text(formats::dsse_sign(type, document.dump(), key_)));
  }

  system::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "w.json";
  SigningKey key_ = SigningKey::generate();
};

TEST_F(WaiverFile, ComesBack) {
  Waiver read_back = read(sign_waiver(waiver_of_project(), key_));
  EXPECT_THAT(read_back.rules, ElementsAre("time.total"));
  EXPECT_EQ(read_back.project, "team");
  EXPECT_EQ(read_back.edition, "snu-2025");
  EXPECT_EQ(read_back.bundle, "");
  EXPECT_EQ(read_back.reason, "power failure");
  EXPECT_EQ(read_back.expires, "2026-09-01");
  EXPECT_EQ(read_back.key_id, key_.public_key().id());
  EXPECT_EQ(read_back.file, file_.string());
  Waiver waiver = waiver_of_project();
  waiver.bundle = kId;
  read_back = read(sign_waiver(waiver, key_));
  EXPECT_EQ(read_back.bundle, kId);
  EXPECT_EQ(read_back.project, "");
}

TEST_F(WaiverFile, OnlyTheKeysOwnerWaives) {
  const std::string text = sign_waiver(waiver_of_project(), SigningKey::generate());
  EXPECT_EQ(code_of(text), Code::kIntegrity);
  json envelope = json::parse(text);
  envelope["signatures"][0]["keyid"] = key_.public_key().id();
  EXPECT_EQ(code_of(envelope.dump()), Code::kIntegrity);
  EXPECT_EQ(code_of("{}"), Code::kCorrupt);
  EXPECT_THROW(read_waiver(folder_.path() / "nowhere", key_.public_key()), system::Error);
}

TEST_F(WaiverFile, OnlyWaiversAreRead) {
  EXPECT_EQ(code_of_changed([](json&) {}, formats::kInTotoPayloadType), Code::kCorrupt);
  for (const char* field : {"schema", "schema_version", "rules", "scope", "reason", "expires"}) {
    EXPECT_EQ(code_of_changed([&](json& value) { value.erase(field); }), Code::kCorrupt) << field;
    EXPECT_EQ(code_of_changed([&](json& value) { value[field] = nullptr; }), Code::kCorrupt)
        << field;
  }
  EXPECT_EQ(code_of_changed([](json& value) { value["expires"] = "soon"; }), Code::kCorrupt);
  EXPECT_EQ(code_of_changed([](json& value) { value["rules"] = json::array(); }), Code::kCorrupt);
  EXPECT_EQ(code_of_changed([](json& value) { value["rules"] = {1}; }), Code::kCorrupt);
  EXPECT_EQ(code_of_changed([](json& value) { value["scope"]["bundle"] = kId; }), Code::kCorrupt);
  EXPECT_EQ(code_of_changed([](json& value) { value["scope"].erase("edition"); }), Code::kCorrupt);
  EXPECT_EQ(code_of_changed([](json& value) {
              value["scope"] = {{"bundle", "abc"}};
            }),
            Code::kCorrupt);
  EXPECT_EQ(code_of_changed([](json& value) { value["scope"] = json::object(); }), Code::kCorrupt);
}

}  // namespace
}  // namespace reconproof::submission
