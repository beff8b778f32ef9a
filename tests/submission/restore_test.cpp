// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/restore.h"

#include <gtest/gtest.h>

#include "submission/bundle/bag.h"
#include "submission/bundle/declared.h"
#include "system/error.h"
#include "tests/submission/sample_bundle.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;

constexpr const char* kSubmission = "meta/submission.json";
constexpr const char* kToml = "data/code/reconproof.toml";

void replace(std::string& text, const std::string& old, const std::string& now) {
  const size_t at = text.find(old);
  ASSERT_NE(at, std::string::npos) << old;
  text.replace(at, old.size(), now);
}

class RestoreTest : public ::testing::Test, public SampleProject {
 protected:
  void SetUp() override { bag_ = bag(); }

  /// Another place for weights or outputs, in both files that declare it.
  void declare(const std::string& key, const std::string& old, const std::string& now) {
    replace(bag_[kToml], "\"" + old + "\"", json(now).dump());
    json submission = json::parse(bag_[kSubmission]);
    submission["steps"]["reconstruct"][key] = now;
    bag_[kSubmission] = submission.dump();
  }
  void weights_at(const std::string& place) {
    declare("weights", "../result/net/checkpoints/best_model.pt", place);
  }
  void outputs_at(const std::string& place) { declare("outputs", "../result/net/recon", place); }

  RestoredBundle restored(const GrantedFolders& granted = {}) {
    fs::remove_all(work_);
    for (const auto& [path, contents] : bag_) put(work_ / "bag" / path, contents);
    return restore(work_ / "bag", work_ / "root", granted, "team.tar");
  }

  void expect_refused(Code code, const std::string& message) {
    try {
      restored();
      ADD_FAILURE() << "restored; expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }

  Bag bag_;
  fs::path work_ = root_ / "work";
};

TEST_F(RestoreTest, LaysEverythingOutWhereTheCommandsLookForIt) {
  const RestoredBundle bundle = restored();
  const fs::path root = fs::canonical(work_ / "root");
  EXPECT_EQ(bundle.project.root, root / "team/code");
  EXPECT_EQ(bundle.project.name, "team");
  EXPECT_EQ(bundle.project.host("../result/net/recon"), root / "team/result/net/recon");
  EXPECT_EQ(slurp(root / "team/code/a/x.py"), "x = 1\n");
  EXPECT_EQ(slurp(root / "team/result/net/checkpoints/best_model.pt"), "weights");
  EXPECT_EQ(slurp(bundle.reconstructions / "acc8/brain_test1.h5"), "h5 acc8");
  EXPECT_EQ(slurp(bundle.ledger), "{}\n");
  EXPECT_EQ(slurp(root / "team/result/net/checkpoints/ledger.jsonl"), "{}\n");
  EXPECT_EQ(bundle.claims["claims"]["total"], "0.9321");
  EXPECT_EQ(bundle.environment["environment"]["cpu"], "test");
}

TEST_F(RestoreTest, AbsolutePathsNeverLeadToThisMachine) {
  weights_at("/root/result/best_model.pt");
  outputs_at("/root/result/recon/");
  const RestoredBundle bundle = restored();
  const fs::path root = fs::canonical(work_ / "root");
  EXPECT_EQ(bundle.project.host("/root/result/best_model.pt"), root / "root/result/best_model.pt");
  EXPECT_EQ(slurp(root / "root/result/best_model.pt"), "weights");
  EXPECT_EQ(slurp(root / "root/result/recon/acc4/brain_test1.h5"), "h5 acc4");
  for (const char* escape : {"/etc/passwd", "../../../../../../etc/passwd",
                             "/root/../../../etc/passwd", "../../../etc/passwd"})
    EXPECT_EQ(bundle.project.host(escape), root / "etc/passwd") << escape;
}

TEST_F(RestoreTest, ManyStepsUpEndAtTheRoot) {
  weights_at("../../../../../../../../etc/best_model.pt");
  restored();
  EXPECT_EQ(slurp(work_ / "root/etc/best_model.pt"), "weights");
  EXPECT_FALSE(fs::exists(root_ / "etc"));
}

TEST_F(RestoreTest, NothingIsLaidOverAnotherThing) {
  const Bag good = bag_;
  weights_at("main.py");
  bag_["data/weights/main.py"] = "print('mine')";
  expect_refused(Code::kCorrupt, "weights are declared at /team/code/main.py, where something");
  bag_ = good;
  weights_at("main.py/best_model.pt");
  expect_refused(Code::kCorrupt, "and /team/code/main.py is a file");
  for (const char* place : {"..", "../..", "/", ".", "/team", "a", "../../../.."}) {
    bag_ = good;
    outputs_at(place);
    expect_refused(Code::kCorrupt, "[steps.reconstruct] outputs are declared at");
  }
  bag_ = good;
  outputs_at("../result/net/checkpoints/best_model.pt");
  expect_refused(Code::kCorrupt, "where something stands already");
}

TEST_F(RestoreTest, RefusesNamesThatNoFileHas) {
  const Bag good = bag_;
  for (const std::string& name :
       {std::string(300, 'x'), std::string("a\nb"), std::string("a\0b", 3), std::string("a\\b"),
        "../" + std::string(200, 'y') + "/" + std::string(20000, '/') + "z"}) {
    bag_ = good;
    weights_at("../result/" + name);
    expect_refused(Code::kCorrupt, "");
  }
  std::string deep = "..";
  for (int i = 0; i < 3000; ++i) deep += "/d";
  bag_ = good;
  outputs_at(deep);
  expect_refused(Code::kCorrupt, "more than 64 components");
}

TEST_F(RestoreTest, RefusesWhatPackDoesNotWrite) {
  const Bag good = bag_;
  bag_.erase(kToml);
  expect_refused(Code::kCorrupt, "has no data/code/reconproof.toml");
  bag_ = good;
  bag_.erase("data/weights/best_model.pt");
  expect_refused(Code::kCorrupt, "has no data/weights/best_model.pt");
  bag_ = good;
  std::erase_if(bag_, [](const auto& file) { return file.first.starts_with("data/recon/"); });
  expect_refused(Code::kCorrupt, "has no data/recon/");
  bag_ = good;
  bag_["data/code/.reconproof/check/steps/recon.json"] = "{}";
  expect_refused(Code::kCorrupt, "has data/code/.reconproof");
  bag_ = good;
  bag_[kToml] = "[project]\nname = \"team\"\nedition = \"snu-2025\"\n";
  bag_[kSubmission] =
      R"({"schema":"reconproof.submission","schema_version":1,"project":"team","edition":"snu-2025","checked":true,"steps":{}})";
  expect_refused(Code::kCorrupt, "has no [steps.reconstruct] with weights and outputs");
  bag_[kToml] = "[project\n";
  expect_refused(Code::kCorrupt, "reconproof.toml");
}

TEST_F(RestoreTest, BothDeclarationsMustAgree) {
  const Bag good = bag_;
  replace(bag_[kToml], "main.py", "evil.py");
  expect_refused(Code::kIntegrity, "'steps.reconstruct.command' is [\"python\",\"main.py\"] in");
  bag_ = good;
  replace(bag_[kToml], "name = \"team\"", "name = \"other\"");
  expect_refused(Code::kIntegrity, "'project' is \"team\" in");
  bag_ = good;
  replace(bag_[kToml], "snu-2025", "snu-2023");
  expect_refused(Code::kIntegrity, "'edition'");
  bag_ = good;
  bag_[kToml] += "[steps.train]\ncommand = [\"python\", \"train.py\"]\n";
  expect_refused(Code::kIntegrity, "'steps.train.command' is null");
  bag_ = good;
  for (const char* broken : {"[]", "3", "\"x\"", "{\"reconstruct\": []}", "{\"train\": {}}"}) {
    json submission = json::parse(good.at(kSubmission));
    submission["steps"] = json::parse(broken);
    bag_[kSubmission] = submission.dump();
    expect_refused(Code::kIntegrity, "'steps.");
  }
}

TEST_F(RestoreTest, SeveralTrainingsAreComparedOneByOne) {
  const std::string trainings =
      "[[steps.train]]\nname = \"a\"\ncommand = [\"x\"]\n[[steps.train]]\nname = \"b\"\ncommand "
      "= [\"y\"]\n";
  bag_[kToml] += trainings;
  json submission = json::parse(bag_[kSubmission]);
  Project project = project_;
  for (const auto& [name, command] : {std::pair{"a", "x"}, {"b", "y"}}) {
    Step& step = project.train_steps.emplace_back();
    step.name = name, step.command = {command};
  }
  submission["steps"] = declared_steps(project);
  bag_[kSubmission] = submission.dump();
  EXPECT_EQ(restored().project.train_steps.size(), 2u);
  submission["steps"]["train"][1]["command"] = {"z"};
  bag_[kSubmission] = submission.dump();
  expect_refused(Code::kIntegrity, "'steps.train.command' is [\"z\"]");
}

TEST_F(RestoreTest, OnlyGrantedFoldersAreThere) {
  replace(bag_[kToml],
          "outputs =", "read_only = [\"/opt/env\", \"/root/.ssh\", \"../venv\"]\noutputs =");
  put(root_ / "env/python", "granted");
  const RestoredBundle bundle =
      restored({{"/opt/env", root_ / "env"}, {"../venv", root_ / "env"}, {"/other", root_}});
  EXPECT_EQ(slurp(bundle.project.host("/opt/env") / "python"), "granted");
  EXPECT_EQ(slurp(bundle.project.host("../venv") / "python"), "granted");
  EXPECT_FALSE(fs::exists(bundle.project.host("/root/.ssh")));
  EXPECT_FALSE(fs::exists(bundle.project.host("/other")));
}

TEST_F(RestoreTest, NothingIsWrittenThroughAGrantedFolder) {
  replace(bag_[kToml], "outputs =", "read_only = [\"/opt/env\"]\noutputs =");
  weights_at("/opt/env/best_model.pt");
  fs::create_directories(root_ / "env");
  EXPECT_THROW(restored({{"/opt/env", root_ / "env"}}), system::Error);
  EXPECT_TRUE(fs::is_empty(root_ / "env"));
}

}  // namespace
}  // namespace reconproof::submission
