// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What organisers ask for: whether a bundle holds it, and the layout that is handed in beside one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "formats/safetensors.h"
#include "formats/torch_checkpoint.h"
#include "submission/bundle/official_layout.h"
#include "submission/bundle/verify.h"
#include "system/error.h"
#include "tests/submission/sample_bundle.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using system::ExitCode;

class HandInTest : public ::testing::Test, protected SampleProject {};

TEST_F(HandInTest, TellsWhatIsToBeHandedIn) {
  using Statuses = std::map<std::string, std::string>;
  // Its weights are the text "weights", and it is in no git repository.
  EXPECT_EQ(hand_in_of(bag()), (Statuses{{"loss-record", "pass"},
                                         {"readme", "pass"},
                                         {"repository", "fail"},
                                         {"slides", "fail"},
                                         {"weights", "fail"}}));
  EXPECT_EQ(
      std::ranges::count_if(last_.warnings,
                            [](const std::string& text) { return text.starts_with("hand-in."); }),
      3);
  const auto submission = nlohmann::json::parse(bag().at("meta/submission.json"));
  EXPECT_EQ(submission["weights"][0]["view"], nullptr);
  const std::string opaque = submission["weights"][0]["opaque"];
  EXPECT_TRUE(opaque.starts_with("best_model.pt: ")) << opaque;  // not where it lies here

  put(root_ / "talk/slides.pptx", "slides");
  put(root_ / "talk/train.log", "Epoch = [  0/5]");
  put(root_ / "talk/appendix.pdf", "more");
  project_.hand_in = {
      "../talk/slides.pptx", "", "", {"../talk/train.log"}, {"../talk/appendix.pdf"}};
  fs::copy_file(fs::path(RECONPROOF_TEST_DATA) / "torch/protocol2.pt",
                root_ / "result/net/checkpoints/best_model.pt",
                fs::copy_options::overwrite_existing);
  fs::remove(code_ / "README.md");
  const Bag contents = bag();
  EXPECT_EQ(contents.at("data/attachments/slides/slides.pptx"), "slides");
  EXPECT_EQ(contents.at("data/attachments/other/appendix.pdf"), "more");
  EXPECT_EQ(contents.at("data/logs/train.log"), "Epoch = [  0/5]");
  EXPECT_EQ(hand_in_of(contents), (Statuses{{"loss-record", "pass"},
                                            {"readme", "fail"},
                                            {"repository", "fail"},
                                            {"slides", "pass"},
                                            {"weights", "pass"}}));
  // What stands in the bundle says the same.
  const VerifyResult verified = verify(packed());
  EXPECT_EQ(verified.exit_code(), ExitCode::kPass) << to_text(verified);
  for (const challenge::Finding& finding : verified.hand_in) {
    EXPECT_EQ(challenge::status_text(finding.status),
              hand_in_of(contents)[finding.rule_id.substr(8)])
        << finding.rule_id;
  }
  EXPECT_NE(to_text(verified).find("hand-in.readme (warning): there is no README"),
            std::string::npos)
      << to_text(verified);
}

TEST_F(HandInTest, WeightsComeWithAViewThatIsNoPickle) {
  fs::copy_file(fs::path(RECONPROOF_TEST_DATA) / "torch/protocol2.pt",
                root_ / "result/net/checkpoints/best_model.pt",
                fs::copy_options::overwrite_existing);
  const Bag contents = bag();
  EXPECT_EQ(contents.at("data/weights/best_model.pt"),
            slurp(root_ / "result/net/checkpoints/best_model.pt"));
  put(root_ / "view.safetensors", contents.at("data/weights/best_model.pt.safetensors"));
  const formats::SafetensorsReader view(root_ / "view.safetensors");
  const formats::TorchCheckpoint original(root_ / "result/net/checkpoints/best_model.pt");
  ASSERT_EQ(view.tensors().size(), original.tensors().size());
  for (const auto& [name, tensor] : original.tensors())
    EXPECT_EQ(view.read(name), original.read(name)) << name;
  const auto submission = nlohmann::json::parse(contents.at("meta/submission.json"));
  EXPECT_EQ(submission["weights"][0]["view"], "data/weights/best_model.pt.safetensors");
  EXPECT_EQ(submission["weights"][0]["opaque"], nullptr);
}

TEST_F(HandInTest, SeveralTrainingsBringTheirWeightsAndLogs) {
  for (const char* name : {"knee", "brain"}) {
    Step training;
    training.name = name;
    training.command = {"python", "train.py"};
    training.outputs = std::string("../result/") + name;
    training.weights = training.outputs + "/checkpoints/best_model.pt";
    project_.train_steps.push_back(training);
    put(root_ / "result" / name / "checkpoints/best_model.pt", name);
    put(root_ / "result" / name / "val_loss_log.npy", name);
  }
  const Bag contents = bag();
  EXPECT_EQ(contents.at("data/weights/training/knee/best_model.pt"), "knee");
  EXPECT_EQ(contents.at("data/weights/training/brain/best_model.pt"), "brain");
  EXPECT_EQ(contents.at("data/logs/brain/val_loss_log.npy"), "brain");
  EXPECT_EQ(contents.at("data/logs/val_loss_log.npy"), "log");
}

TEST_F(HandInTest, OfficialLayout) {
  put(root_ / "talk/slides.pptx", "slides");
  project_.hand_in.slides = "../talk/slides.pptx";
  const fs::path folder = root_ / "hand-in";
  EXPECT_EQ(pack_official(project_, folder).files, 10);
  std::vector<std::string> names;
  for (const fs::path& file : system::files_below(folder)) names.push_back(file.string());
  EXPECT_EQ(names, (std::vector<std::string>{
                       "FastMRI_challenge/README.md", "FastMRI_challenge/a-b.py",
                       "FastMRI_challenge/a/x.py", "FastMRI_challenge/main.py",
                       "FastMRI_challenge/reconproof.toml", "FastMRI_challenge/가.md",
                       "result/net/checkpoints/best_model.pt", "result/net/ledger.jsonl",
                       "result/net/val_loss_log.npy", "slides.pptx"}));
  EXPECT_EQ(slurp(folder / "result/net/checkpoints/best_model.pt"), "weights");
  EXPECT_THROW(pack_official(project_, folder), system::Error);  // it is there

  // The same as a zip file, whatever the time zone.
  pack_official(project_, root_ / "a.zip");
  ::setenv("TZ", "Asia/Seoul", 1);
  ::tzset();
  pack_official(project_, root_ / "b.zip");
  ::unsetenv("TZ");
  ::tzset();
  EXPECT_EQ(slurp(root_ / "a.zip"), slurp(root_ / "b.zip"));
  ASSERT_EQ(std::system(("python3 -m zipfile -e " + (root_ / "a.zip").string() + " " +
                         (root_ / "unzipped").string())
                            .c_str()),
            0);
  for (const std::string& name : names)
    EXPECT_EQ(slurp(root_ / "unzipped/team" / name), slurp(folder / name)) << name;
}

}  // namespace
}  // namespace reconproof::submission
