// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <tuple>

#include "cli/commands.h"
#include "submission/bundle/attestation.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/pack.h"
#include "submission/bundle/shards.h"
#include "submission/bundle/verify.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "tests/formats/raw_tar.h"
#include "tests/submission/sample_bundle.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using reconproof::fakes::RawTar;
using system::ExitCode;

class BundleTest : public ::testing::Test, public SampleProject {
 protected:
  VerifyResult verify_bytes(const std::string& bytes) {
    put(root_ / "altered.tar", bytes);
    return verify(root_ / "altered.tar");
  }
  VerifyResult verify_bag(const Bag& bag) { return verify_bytes(archive_of(bag)); }

  /// The verdict has this exit code and names `path` with `message`.
  static void expect(const VerifyResult& result, ExitCode code, const std::string& path,
                     const std::string& message) {
    EXPECT_EQ(result.exit_code(), code) << to_text(result);
    const bool named = std::any_of(
        result.problems.begin(), result.problems.end(), [&](const BundleProblem& problem) {
          return problem.path == path && problem.message.find(message) != std::string::npos;
        });
    EXPECT_TRUE(named) << path << ": " << message << " is not in:\n" << to_text(result);
  }

  /// A bag whose manifests are right, and which is refused all the same.
  void expect_sealed(const std::function<void(Bag&)>& change, ExitCode code,
                     const std::string& path, const std::string& message) {
    Bag altered = bag();
    change(altered);
    reseal(altered);
    expect(verify_bag(altered), code, path, message);
  }
  void expect_raw(const std::function<void(Bag&)>& change, ExitCode code, const std::string& path,
                  const std::string& message) {
    Bag altered = bag();
    change(altered);
    expect(verify_bag(altered), code, path, message);
  }

  void expect_pack_error(system::Code code, const std::string& message) {
    try {
      packed("refused.tar");
      ADD_FAILURE() << "packed; expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
    EXPECT_FALSE(fs::exists(root_ / "refused.tar"));
    for (const fs::path& entry : system::sorted_entries(root_)) {
      EXPECT_EQ(entry.string().find("partial"), std::string::npos) << entry;
    }
  }
};

TEST_F(BundleTest, HoldsWhatItShould) {
  std::vector<std::string> names;
  const Bag contents = bag();
  for (const auto& [path, text] : contents) names.push_back(path);
  EXPECT_EQ(names, (std::vector<std::string>{"bag-info.txt",
                                             "bagit.txt",
                                             "data/code/README.md",
                                             "data/code/a-b.py",
                                             "data/code/a/x.py",
                                             "data/code/main.py",
                                             "data/code/reconproof.toml",
                                             "data/code/가.md",
                                             "data/logs/ledger.jsonl",
                                             "data/logs/val_loss_log.npy",
                                             "data/recon/acc4/brain_test1.h5",
                                             "data/recon/acc8/brain_test1.h5",
                                             "data/weights/best_model.pt",
                                             "manifest-sha256.txt",
                                             "meta/claims.json",
                                             "meta/environment.json",
                                             "meta/findings.json",
                                             "meta/measured.json",
                                             "meta/shards.json",
                                             "meta/submission.json",
                                             "tagmanifest-sha256.txt"}));
  EXPECT_EQ(contents.at("data/weights/best_model.pt"), "weights");
  const auto submission = nlohmann::json::parse(contents.at("meta/submission.json"));
  EXPECT_EQ(submission["checked"], true);
  EXPECT_EQ(submission["code"]["git"], nullptr);
  EXPECT_EQ(nlohmann::json::parse(contents.at("meta/claims.json"))["claims"]["total"], "0.9321");
  EXPECT_EQ(nlohmann::json::parse(contents.at("meta/findings.json"))["findings"].size(), 6u);
}

TEST_F(BundleTest, WhatTheCheckMeasuredGoesWithoutOtherPeoplesPrograms) {
  nlohmann::json check = check_json();
  check["run"] = {{"wall_s", 372.4}, {"gpu", {{"measured", true}, {"foreign", {"4711 python"}}}}};
  put(code_ / ".reconproof/check/check.json", check.dump());
  const auto measured = nlohmann::json::parse(bag().at("meta/measured.json"));
  EXPECT_EQ(measured["run"]["wall_s"], 372.4);
  EXPECT_EQ(measured["run"]["gpu"], nlohmann::json({{"measured", true}}));
  EXPECT_EQ(measured["zero_filled"], nullptr);
}

TEST_F(BundleTest, WhatIsDeclaredMustBeThere) {
  project_.hand_in.slides = "../talk/slides.pptx";
  expect_pack_error(system::Code::kNotFound, "talk/slides.pptx: no such file, which [hand_in] of");
  project_.hand_in = {"", "", "", {"a/x.py", "b/x.py"}, {}};
  put(code_ / "b/x.py", "other");
  expect_pack_error(system::Code::kUnsupported, "would be packed as data/logs/x.py");
}

TEST_F(BundleTest, VerifiesPackedAndExtracted) {
  const Bag contents = bag();
  const VerifyResult result = verify(packed());
  EXPECT_TRUE(result.ok()) << to_text(result);
  EXPECT_EQ(result.exit_code(), ExitCode::kPass);
  EXPECT_EQ(result.id, last_.id);
  EXPECT_EQ(result.id, system::sha256_hex(contents.at(kTagManifestFile)));
  EXPECT_EQ(result.files, last_.files);
  EXPECT_EQ(result.bytes, last_.bytes);
  for (const auto& [path, text] : contents) put(root_ / "extracted" / path, text);
  const VerifyResult extracted = verify(root_ / "extracted");
  EXPECT_TRUE(extracted.ok()) << to_text(extracted);
  EXPECT_EQ(extracted.id, result.id);
}

TEST_F(BundleTest, SameInputsSameBytes) {
  const std::string first = slurp(packed());
  const mode_t mask = ::umask(0077);
  ::setenv("TZ", "Asia/Seoul", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  std::setlocale(LC_ALL, "");
  const std::string second = slurp(packed("second.tar"));
  ::umask(mask);
  ::unsetenv("TZ");
  ::setenv("LC_ALL", "C", 1);
  std::setlocale(LC_ALL, "");
  for (const fs::path& file : system::files_below(code_)) {
    fs::last_write_time(code_ / file, fs::file_time_type::clock::now());
  }
  const std::string third = slurp(packed("third.tar"));
  ::unsetenv("LC_ALL");
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, third);
}

TEST_F(BundleTest, OfLargeFilesTheShardsAreThere) {
  EXPECT_TRUE(parse_shards(bag().at(kShardsFile)).empty());
  const std::string weights(static_cast<size_t>(2 * kShardBytes + 1), 'w');
  put(root_ / "result/net/checkpoints/best_model.pt", weights);
  const Bag large = bag();
  const Shards shards = parse_shards(large.at(kShardsFile));
  ASSERT_EQ(shards.size(), 1u);
  ASSERT_EQ(shards.at("data/weights/best_model.pt").size(), 2u);
  system::Sha256 last =
      system::Sha256::resume(shards.at("data/weights/best_model.pt")[1], 2 * kShardBytes);
  last.update("w");
  EXPECT_NE(large.at(kManifestFile).find(last.hex() + "  data/weights/best_model.pt\n"),
            std::string::npos);
  EXPECT_TRUE(verify(root_ / "out.tar").ok());
}

TEST_F(BundleTest, WhatAKilledPackLeftGoesAndIsNotPacked) {
  const std::string clean = slurp(packed("code/out.tar"));
  put(code_ / ".out.tar.partial-aB3xYz", "half a bundle");
  EXPECT_EQ(slurp(packed("code/out.tar")), clean);
  EXPECT_FALSE(fs::exists(code_ / ".out.tar.partial-aB3xYz"));
}

TEST_F(BundleTest, SourceDateEpochSetsTheDates) {
  ::setenv("SOURCE_DATE_EPOCH", "1788134400", 1);
  const Bag contents = bag();
  ::unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_NE(contents.at(kBagInfoFile).find("Bagging-Date: 2026-08-31\n"), std::string::npos);
  EXPECT_EQ(bag().at(kBagInfoFile).find("Bagging-Date"), std::string::npos);
}

TEST_F(BundleTest, EveryFlippedMissingOrExtraFileIsNamed) {
  const Bag good = bag();
  for (const auto& [path, contents] : good) {
    const bool tag = !path.starts_with("data/");
    const auto check = [&](const VerifyResult& result, const char* what) {
      SCOPED_TRACE(std::string(what) + " " + path);
      const bool named =
          std::any_of(result.problems.begin(), result.problems.end(),
                      [&](const BundleProblem& problem) { return problem.path == path; });
      const bool code = result.exit_code() == ExitCode::kIntegrity ||
                        (tag && result.exit_code() == ExitCode::kMalformed);
      // A flipped digit of the tag manifest accuses the file that it stands for.
      EXPECT_TRUE(named || (path == kTagManifestFile && !result.ok())) << to_text(result);
      EXPECT_TRUE(code) << to_text(result);
    };
    for (size_t at : {size_t{0}, contents.size() / 2, contents.size() - 1}) {
      if (contents.empty()) continue;
      Bag altered = good;
      altered[path][at] = static_cast<char>(altered[path][at] ^ 1);
      check(verify_bag(altered), "flipped");
    }
    Bag altered = good;
    altered.erase(path);
    check(verify_bag(altered), "missing");
  }
  for (const char* path :
       {"data/code/new.py", "data/recon/acc4/brain_test2.h5", "extra.txt", "meta/extra.json",
        "attestations/readme.txt", "attestations/deep/a.dsse.json", "attestations/.dsse.json"}) {
    expect_raw([&](Bag& altered) { altered[path] = "extra"; }, ExitCode::kIntegrity, path,
               "stands in the bundle");
  }
}

TEST_F(BundleTest, EveryFlippedByteOfTheArchiveIsSeen) {
  const std::string good = slurp(packed());
  for (size_t at = 0; at < good.size(); at += 37) {
    std::string altered = good;
    altered[at] = static_cast<char>(altered[at] ^ 0x20);
    EXPECT_FALSE(verify_bytes(altered).ok()) << "byte " << at;
  }
}

TEST_F(BundleTest, AttestationsStandOutside) {
  const std::string id = verify(packed()).id;
  Bag signed_bag = bag();
  signed_bag["attestations/team.dsse.json"] =
      sign_attestation({id, "team", "team", "snu-2025"}, system::SigningKey::generate());
  const VerifyResult result = verify_bag(signed_bag);
  EXPECT_TRUE(result.ok()) << to_text(result);
  EXPECT_EQ(result.id, id);
  EXPECT_EQ(result.files, last_.files);
  signed_bag["attestations/team.dsse.json"] = std::string((1 << 20) + 1, ' ');
  expect(verify_bag(signed_bag), ExitCode::kMalformed, "attestations/team.dsse.json",
         "the most that is read of such a file is 1048576");
}

TEST_F(BundleTest, ManifestLines) {
  const auto alter = [&](const char* manifest, const std::string& extra) {
    return [manifest, extra](Bag& altered) { altered[manifest] += extra; };
  };
  const std::string digest(64, 'a');
  expect_raw(alter(kManifestFile, "nonsense\n"), ExitCode::kMalformed, kManifestFile,
             "expected 64 lower-case");
  expect_raw(alter(kManifestFile, std::string(64, 'A') + "  data/x\n"), ExitCode::kMalformed,
             kManifestFile, "expected 64 lower-case");
  expect_raw(alter(kManifestFile, digest + " data/x\n"), ExitCode::kMalformed, kManifestFile,
             "expected 64");
  expect_raw(alter(kManifestFile, digest + "  data/x"), ExitCode::kMalformed, kManifestFile,
             "cut off");
  expect_raw(alter(kManifestFile, digest + "  data/x\r\n"), ExitCode::kMalformed, kManifestFile,
             "carriage return");
  expect_raw(alter(kManifestFile, digest + "  data/main%20.py\n"), ExitCode::kMalformed,
             kManifestFile, "'%'");
  expect_raw(alter(kManifestFile, digest + "  data/../../etc/passwd\n"), ExitCode::kMalformed,
             kManifestFile, "has a component '..'");
  expect_raw(alter(kManifestFile, digest + "  /etc/passwd\n"), ExitCode::kMalformed, kManifestFile,
             "is absolute");
  expect_raw(alter(kManifestFile, digest + "  meta/claims.json\n"), ExitCode::kMalformed,
             kManifestFile, "does not belong");
  expect_raw(alter(kTagManifestFile, digest + "  data/weights/best_model.pt\n"),
             ExitCode::kMalformed, kTagManifestFile, "does not belong");
  expect_raw([](Bag& altered) { altered[kManifestFile] += altered[kManifestFile]; },
             ExitCode::kMalformed, kManifestFile, "is listed twice");
  expect_raw([](Bag& altered) { altered[kManifestFile].insert(0, "\xEF\xBB\xBF"); },
             ExitCode::kMalformed, kManifestFile, "byte-order mark");
  expect_raw([](Bag& altered) { altered.erase(kTagManifestFile); }, ExitCode::kIntegrity,
             kTagManifestFile, "without it nothing");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "nonsense\n";
  expect_raw(alter(kManifestFile, many), ExitCode::kMalformed, kManifestFile,
             "980 more such lines");
}

TEST_F(BundleTest, Declaration) {
  const auto say = [](const std::string& text) {
    return [text](Bag& altered) { altered[kBagitFile] = text; };
  };
  expect_sealed(say("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"),
                ExitCode::kMalformed, kBagitFile, "unknown version");
  expect_sealed(say("BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n"),
                ExitCode::kMalformed, kBagitFile, "");
  expect_sealed(say("\xEF\xBB\xBF" + std::string(kBagitText)), ExitCode::kMalformed, kBagitFile,
                "exactly the lines");
  expect_sealed(say("BagIt-Version: 1.0\nTag-File-Character-Encoding: ISO-8859-1\n"),
                ExitCode::kMalformed, kBagitFile, "exactly the lines");
  expect_sealed(say(""), ExitCode::kMalformed, kBagitFile, "exactly the lines");
  expect_raw([](Bag& altered) { altered.erase(kBagitFile); }, ExitCode::kMalformed, kBagitFile,
             "no BagIt bag");
}

TEST_F(BundleTest, BagInfo) {
  const auto say = [&](const std::string& text) {
    Bag altered = bag();
    altered[kBagInfoFile] = text;
    return verify_bag(altered);
  };
  expect(say("Payload-Oxum: 1.1\n"), ExitCode::kIntegrity, kBagInfoFile,
         "Payload-Oxum is 1.1, the payload has ");
  expect(say("Source: here\n"), ExitCode::kMalformed, kBagInfoFile, "has no Payload-Oxum");
  expect(say("Payload-Oxum: 1.1\nPayload-Oxum: 1.1\n"), ExitCode::kMalformed, kBagInfoFile,
         "stands twice");
  expect(say("nonsense\n"), ExitCode::kMalformed, kBagInfoFile, "line 1: expected 'Label: value'");
}

TEST_F(BundleTest, WhatBagItAllowsAndABundleDoesNot) {
  const auto add = [](const char* path, const char* text) {
    return [path, text](Bag& altered) { altered[path] = text; };
  };
  expect_sealed(add("fetch.txt", "https://example.org/x - data/x\n"), ExitCode::kMalformed,
                "fetch.txt", "elsewhere");
  expect_sealed(add("manifest-md5.txt", ""), ExitCode::kMalformed, "manifest-md5.txt",
                "another algorithm");
  expect_sealed(add("tagmanifest-sha512.txt", ""), ExitCode::kMalformed, "tagmanifest-sha512.txt",
                "another algorithm");
}

TEST_F(BundleTest, CollidingNames) {
  const auto add = [](const char* path) { return [path](Bag& altered) { altered[path] = "x"; }; };
  expect_sealed(add("data/code/MAIN.py"), ExitCode::kMalformed, "data/code/main.py",
                "only in case");
  expect_sealed(add("data/code/A/y.py"), ExitCode::kMalformed, "data/code/a/x.py", "only in case");
  // The same syllable, decomposed as macOS does.
  expect_sealed(add("data/code/\u1100\u1161.md"), ExitCode::kMalformed, "data/code/가.md",
                "composition");
  expect_sealed(add("data/code/main.py/x"), ExitCode::kMalformed, "data/code/main.py/x",
                "which is a file");
}

TEST_F(BundleTest, MetaFiles) {
  const auto say = [](const char* path, const std::string& text) {
    return [path, text](Bag& altered) { altered[path] = text; };
  };
  constexpr const char* kClaims = "meta/claims.json";
  expect_sealed(say(kClaims, R"({"schema":"reconproof.claims","schema_version":1,"a":1,"a":2})"),
                ExitCode::kMalformed, kClaims, "'a' stands twice");
  expect_sealed(say(kClaims, "{"), ExitCode::kMalformed, kClaims, "not JSON");
  expect_sealed(say(kClaims, std::string(100000, '[')), ExitCode::kMalformed, kClaims, "deeper");
  expect_sealed(say(kClaims, R"({"schema":"other","schema_version":1})"), ExitCode::kMalformed,
                kClaims, "schema is");
  expect_sealed(
      say("meta/findings.json",
          R"({"schema":"reconproof.findings","schema_version":1,"ruleset":null,"findings":[{}]})"),
      ExitCode::kMalformed, "meta/findings.json", "rule_id");
  expect_sealed(
      say("meta/submission.json", R"({"schema":"reconproof.submission","schema_version":1})"),
      ExitCode::kMalformed, "meta/submission.json", "'project' is missing");
  // A field of another type, of every file.
  const auto set = [](const char* path, const char* pointer, const nlohmann::json& value) {
    return [=](Bag& altered) {
      nlohmann::json document = nlohmann::json::parse(altered.at(path));
      document[nlohmann::json::json_pointer(pointer)] = value;
      altered[path] = document.dump();
    };
  };
  const std::vector<std::tuple<const char*, const char*, nlohmann::json, const char*>> fields = {
      {kClaims, "/claims/total", 0.93, "'claims' is missing or not printed digits"},
      {kClaims, "/score", "high", "'score' is missing or not an object or null"},
      {"meta/environment.json", "/environment", nullptr, "'environment' is missing or not an"},
      {"meta/environment.json", "/build", 1, "'build' is missing or not an object"},
      {"meta/findings.json", "/ruleset", 1, "'ruleset' is missing or not text or null"},
      {"meta/findings.json", "/findings", nullptr, "'findings' is missing or not a list"},
      {"meta/submission.json", "/project", 1, "'project' is missing or not text"},
      {"meta/submission.json", "/edition", nullptr, "'edition' is missing or not text"},
      {"meta/submission.json", "/ruleset", nullptr, "'ruleset' is missing or not text"},
      {"meta/submission.json", "/checked", "yes", "'checked' is missing or not true or false"},
      {"meta/submission.json", "/steps/reconstruct/command", "python main.py",
       "'steps' is missing"},
      {"meta/submission.json", "/steps/reconstruct/env", {{"A", 1}}, "'steps' is missing"},
      {"meta/submission.json", "/steps/train", nlohmann::json::array({1}), "'steps' is missing"},
      {"meta/submission.json", "/code", nullptr, "'code.left_out' is missing"},
      {"meta/submission.json", "/code/left_out", {1}, "'code.left_out' is missing"},
      {"meta/submission.json", "/code/git", {{"commit", "abc"}}, "'code.git' is missing or not"}};
  for (const auto& [path, pointer, value, message] : fields)
    expect_sealed(set(path, pointer, value), ExitCode::kMalformed, path, message);
  expect_sealed([](Bag& altered) { altered.erase("meta/environment.json"); }, ExitCode::kIntegrity,
                "meta/environment.json", "every bundle has it");
}

TEST_F(BundleTest, WhatIsExecutableIsPartOfTheBundle) {
  const Bag contents = bag();
  RawTar tar;
  for (const auto& [path, text] : contents) tar.file("team/" + path, text);
  expect(verify_bytes(tar.end()), ExitCode::kIntegrity, "data/code/main.py", "is not executable");
  RawTar other;
  for (const auto& [path, text] : contents) other.program("team/" + path, text);
  expect(verify_bytes(other.end()), ExitCode::kIntegrity, "data/code/a/x.py", "is executable");
}

TEST_F(BundleTest, CellsWithoutANameHaveNoFolder) {
  project_.edition = "nyu-knee";
  for (const char* cell : {"acc4", "acc8"}) fs::remove_all(root_ / "result/net/recon" / cell);
  put(root_ / "result/net/recon/file1000000.h5", "h5");
  const fs::path out = packed("nyu.tar", true);
  EXPECT_TRUE(verify(out).ok()) << to_text(verify(out));
  EXPECT_TRUE(verify(out).hand_in.empty());
}

TEST_F(BundleTest, HostileArchives) {
  const std::string good = slurp(packed());
  const std::string body = good.substr(0, good.size() - 1024);  // without the end marker
  const auto with = [&](const RawTar& more) { return verify_bytes(body + more.end()); };
  expect(with(RawTar().file("../up", "x")), ExitCode::kMalformed, "../up", "'..'");
  expect(with(RawTar().file("/abs", "x")), ExitCode::kMalformed, "/abs", "absolute");
  expect(with(RawTar().entry("team/data/l", '2', "", "/etc/passwd")), ExitCode::kMalformed,
         "team/data/l", "symbolic");
  expect(with(RawTar().entry("team/data/l", '1', "", "team/bagit.txt")), ExitCode::kMalformed,
         "team/data/l", "hard link");
  expect(with(RawTar().entry("team/data/d", '3')), ExitCode::kMalformed, "team/data/d",
         "character device");
  expect(with(RawTar().file("team/bagit.txt", kBagitText)), ExitCode::kMalformed, "team/bagit.txt",
         "more than once");
  expect(with(RawTar().file("other/x", "x")), ExitCode::kMalformed, "other/x",
         "outside the folder 'team'");
  expect(with(RawTar().file("loose", "x")), ExitCode::kMalformed, "loose",
         "outside the folder 'team'");
  expect(with(RawTar().folder("team/data/empty")), ExitCode::kIntegrity, "data/empty",
         "empty folder");
  expect(verify_bytes(good.substr(0, good.size() / 2)), ExitCode::kMalformed, "",
         "etch the bundle again");
  expect(verify_bytes(body), ExitCode::kMalformed, "", "cut off");
  expect(verify_bytes(good + "x"), ExitCode::kMalformed, "", "something follows");
  expect(verify_bytes("\x1f\x8b" + good), ExitCode::kMalformed, "", "gzip");
  expect(verify_bytes(""), ExitCode::kMalformed, "", "is empty");
  std::string checksum = good;
  checksum[150] = static_cast<char>(checksum[150] ^ 1);
  expect(verify_bytes(checksum), ExitCode::kMalformed, "", "checksum");
  EXPECT_THROW(verify(root_ / "nowhere.tar"), system::Error);
}

TEST_F(BundleTest, HostileFolders) {
  for (const auto& [path, text] : bag()) put(root_ / "extracted" / path, text);
  fs::create_symlink("/etc/passwd", root_ / "extracted/data/link");
  ::mkfifo((root_ / "extracted/data/pipe").c_str(), 0600);
  const VerifyResult result = verify(root_ / "extracted");
  expect(result, ExitCode::kMalformed, "data/link", "symbolic link");
  expect(result, ExitCode::kMalformed, "data/pipe", "pipe");
}

TEST_F(BundleTest, TextOfStrangersStaysText) {
  Bag altered = bag();
  altered["data/code/\x1b[2Jx"] = "x";
  altered[kManifestFile] += std::string(64, 'a') + "  data/\x1b]0;pwned\a\n";
  altered[kBagitFile] = "BagIt-Version: \x1b[31m\n";
  const VerifyResult result = verify_bag(altered);
  EXPECT_FALSE(result.ok());
  const std::string everything = to_text(result) + to_json(result).dump();
  EXPECT_EQ(everything.find('\x1b'), std::string::npos);
  EXPECT_EQ(everything.find('\a'), std::string::npos);
  EXPECT_NE(everything.find("\\x1b[2Jx"), std::string::npos);
}

TEST_F(BundleTest, JsonOfVerify) {
  const nlohmann::json json = to_json(verify(packed()));
  EXPECT_EQ(json["schema"], "reconproof.verify");
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["ok"], true);
  EXPECT_EQ(json["id"], last_.id);
  Bag altered = bag();
  altered["data/weights/best_model.pt"] = "other";
  const nlohmann::json broken = to_json(verify_bag(altered));
  EXPECT_EQ(broken["ok"], false);
  EXPECT_EQ(broken["problems"][0]["kind"], "corrupted");
  EXPECT_EQ(broken["problems"][0]["code"], 4);
}

TEST_F(BundleTest, PathsOfManifests) {
  EXPECT_EQ(encode_bag_path("a%b\nc\rd"), "a%25b%0Ac%0Dd");
  EXPECT_EQ(decode_bag_path("a%25b%0ac%0Dd"), "a%b\nc\rd");
  EXPECT_EQ(decode_bag_path("a%2"), std::nullopt);
  EXPECT_EQ(bag_folder_name("Team 7 / 뇌"), "Team-7");
  EXPECT_EQ(bag_folder_name("../x"), "x");
  EXPECT_EQ(bag_folder_name("뇌"), "bundle");
}

TEST_F(BundleTest, PackRefusesWhatItCannotHold) {
  fs::create_symlink("main.py", code_ / "link.py");
  expect_pack_error(system::Code::kUnsupported, "is a symbolic link");
  fs::remove(code_ / "link.py");
  put(code_ / "100%.txt", "");
  expect_pack_error(system::Code::kUnsupported, "'%'");
  fs::remove(code_ / "100%.txt");
  put(code_ / "a\\b", "");
  expect_pack_error(system::Code::kUnsupported, "backslash");
  fs::remove(code_ / "a\\b");
  put(code_ / "MAIN.py", "");
  expect_pack_error(system::Code::kUnsupported, "only in case");
  fs::remove(code_ / "MAIN.py");
  fs::rename(root_ / "result/net/recon/acc8", root_ / "result/net/recon/acc9");
  expect_pack_error(system::Code::kNotFound, "acc8: no such folder of reconstructions");
  fs::create_directories(root_ / "result/net/recon/acc8");
  expect_pack_error(system::Code::kNotFound, "holds no reconstructions");
  fs::remove(root_ / "result/net/checkpoints/best_model.pt");
  expect_pack_error(system::Code::kNotFound, "no such weights file");
}

TEST_F(BundleTest, PackWantsACheck) {
  nlohmann::json check = check_json();
  check["weights"] = {{"sha256", system::sha256_hex("weights")}};
  put(code_ / ".reconproof/check/check.json", check.dump());
  EXPECT_TRUE(verify(packed()).ok());
  check["weights"] = {{"sha256", system::sha256_hex("older weights")}};
  put(code_ / ".reconproof/check/check.json", check.dump());
  expect_pack_error(system::Code::kIntegrity, "is not the file that `reconproof check` judged");
  check = check_json();
  check["edition"] = "snu-2024";
  put(code_ / ".reconproof/check/check.json", check.dump());
  expect_pack_error(system::Code::kCorrupt, "'edition' is \"snu-2024\"");
  fs::remove(code_ / ".reconproof/check/check.json");
  expect_pack_error(system::Code::kNotFound, "run `reconproof check` first");
  const VerifyResult result = verify(packed("unchecked.tar", true));
  EXPECT_TRUE(result.ok()) << to_text(result);
}

TEST_F(BundleTest, PackNoticesChangesAndInterruptions) {
  PackOptions options;
  options.on_begin = [&](int64_t) {
    put(root_ / "result/net/checkpoints/best_model.pt", "longer weights");
  };
  EXPECT_THROW(pack(project_, root_ / "refused.tar", options), system::Error);
  options = {};
  options.on_bytes = [&](int64_t) { system::fail(system::Code::kIo, "interrupted"); };
  put(root_ / "refused.tar", "an older bundle");
  EXPECT_THROW(pack(project_, root_ / "refused.tar", options), system::Error);
  EXPECT_EQ(slurp(root_ / "refused.tar"), "an older bundle");
  for (const fs::path& entry : system::sorted_entries(root_)) {
    EXPECT_EQ(entry.string().find("partial"), std::string::npos) << entry;
  }
}

TEST_F(BundleTest, PacksWhatGitTracks) {
  const std::string git =
      "git -C " + code_.string() + " -c user.name=t -c user.email=t@example.org ";
  ASSERT_EQ(std::system(
                (git + "init -q && " + git + "add main.py a README.md && " + git + "commit -q -m x")
                    .c_str()),
            0);
  Bag contents = bag();
  EXPECT_TRUE(contents.contains("data/code/a/x.py"));
  EXPECT_FALSE(contents.contains("data/code/a-b.py"));
  EXPECT_TRUE(contents.contains("data/code/reconproof.toml"));  // untracked, but how to run it
  auto state = nlohmann::json::parse(contents.at("meta/submission.json"))["code"]["git"];
  EXPECT_EQ(state["dirty"], false);
  EXPECT_EQ(state["diff"], nullptr);
  EXPECT_EQ(hand_in_of(contents)["repository"], "pass");
  EXPECT_EQ(state["commit"].get<std::string>().size(), 40u);
  EXPECT_TRUE(verify(packed()).ok()) << to_text(verify(packed()));
  put(code_ / "main.py", "print('changed')\n");
  contents = bag();
  state = nlohmann::json::parse(contents.at("meta/submission.json"))["code"]["git"];
  EXPECT_EQ(state["dirty"], true);
  EXPECT_EQ(state["changed"], nlohmann::json({"main.py"}));
  EXPECT_EQ(state["diff"], "data/logs/uncommitted.diff");
  EXPECT_NE(contents.at("data/logs/uncommitted.diff").find("+print('changed')"), std::string::npos);
  EXPECT_EQ(hand_in_of(contents)["repository"], "fail");
  EXPECT_EQ(contents.at("data/code/main.py"), "print('changed')\n");
  ASSERT_EQ(
      std::system(("cd " + code_.string() + " && ln -s main.py l.py && git add l.py").c_str()), 0);
  expect_pack_error(system::Code::kUnsupported, "is a symbolic link");
}

ExitCode run(ExitCode (*command)(int, char**), std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  try {
    return command(static_cast<int>(arguments.size()), argv.data());
  } catch (const system::Error& error) {
    return system::exit_code_of(error.code());
  }
}

TEST_F(BundleTest, CommandLine) {
  const std::string out = (root_ / "cli.tar").string();
  EXPECT_EQ(run(cli::run_pack, {"pack", code_.string()}), ExitCode::kUsage);
  EXPECT_EQ(run(cli::run_pack, {"pack", "--help"}), ExitCode::kPass);
  EXPECT_EQ(run(cli::run_pack, {"pack", "--nonsense", "-o", out}), ExitCode::kUsage);
  EXPECT_EQ(run(cli::run_pack, {"pack", code_.string(), "-o", root_.string()}), ExitCode::kUsage);
  EXPECT_EQ(run(cli::run_pack, {"pack", code_.string(), "-o", out, "--json"}), ExitCode::kPass);
  EXPECT_EQ(run(cli::run_verify, {"verify", out}), ExitCode::kPass);
  EXPECT_EQ(run(cli::run_verify, {"verify"}), ExitCode::kUsage);
  EXPECT_EQ(run(cli::run_verify, {"verify", "--help"}), ExitCode::kPass);
  EXPECT_EQ(run(cli::run_verify, {"verify", out + ".none"}), ExitCode::kMalformed);
  Bag altered = bag();
  altered["data/weights/best_model.pt"] = "other";
  put(out, archive_of(altered));
  EXPECT_EQ(run(cli::run_verify, {"verify", out, "--json"}), ExitCode::kIntegrity);
  put(out, "no archive");
  EXPECT_EQ(run(cli::run_verify, {"verify", out}), ExitCode::kMalformed);
}

}  // namespace
}  // namespace reconproof::submission
