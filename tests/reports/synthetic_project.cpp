// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/reports/synthetic_project.h"

#include <fmt/core.h>

#include <vector>

#include "challenge/edition.h"
#include "formats/hdf5.h"
#include "formats/ledger.h"
#include "formats/npy.h"
#include "submission/bundle/pack.h"
#include "system/sha256.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;

constexpr int64_t kSize = 384;
constexpr int64_t kSlices = 2;

/// A bright disc of radius 60 around (200, 180) on black.
std::vector<float> disc(float value) {
  std::vector<float> pixels(static_cast<size_t>(kSlices * kSize * kSize));
  for (int64_t i = 0; i < kSlices * kSize * kSize; ++i) {
    const int64_t y = i / kSize % kSize - 200, x = i % kSize - 180;
    if (y * y + x * x < 60 * 60) pixels[static_cast<size_t>(i)] = value;
  }
  return pixels;
}

json score_json(double acc4, double acc8) {
  const std::string ruleset = challenge::find_edition("snu-2025").ruleset();
  const auto item = [](const char* name, double value) {
    return json{{"name", name}, {"value", value}, {"printed", fmt::format("{:.4f}", value)}};
  };
  const auto volume = [](const char* cell, double value) {
    return json{
        {"cell", cell}, {"volume", "brain_test1.h5"}, {"slices", {value + 0.01, value - 0.01}}};
  };
  return {{"schema", "reconproof.score"},
          {"schema_version", 1},
          {"edition", "snu-2025"},
          {"ruleset", ruleset},
          {"official_set", false},
          {"complete", true},
          {"items", {item("total", (acc4 + acc8) / 2), item("acc4", acc4), item("acc8", acc8)}},
          {"volumes", {volume("acc4", acc4), volume("acc8", acc8)}},
          {"findings", json::array()}};
}

}  // namespace

json finding_json(const std::string& rule_id, const std::string& status,
                  const std::string& message) {
  return {{"rule_id", rule_id},        {"ruleset", "snu-2025@000000000000"},
          {"severity", "error"},       {"status", status},
          {"message", message},        {"measured", nullptr},
          {"limit", nullptr},          {"unit", ""},
          {"evidence", json::array()}, {"remediation", ""},
          {"source", "#367"}};
}

json reproduce_json() {
  const auto item = [](const char* name, const char* printed) {
    return json{{"name", name},
                {"claimed", printed},
                {"checked", printed},
                {"recomputed", printed},
                {"re_executed", printed}};
  };
  const auto agreement = [](const char* tier, const char* message) {
    return json{{"tier", tier}, {"message", message}, {"evidence", json::array()}};
  };
  json images = agreement("bitwise", "2 of 2 volumes are the same, bit for bit");
  images.update({{"tolerance", {{"relative", 1e-4}, {"applies_to", "the same kind of machine"}}},
                 {"volumes", 2},
                 {"identical_files", 2},
                 {"max_difference", 0},
                 {"max_relative", 0},
                 {"largest_at", ""}});
  json training = agreement("numeric", "6 steps agree");
  training["name"] = "training against its ledger";
  return {{"schema", "reconproof.reproduce"},
          {"schema_version", 1},
          {"exit_code", 0},
          {"bundle", {{"id", std::string(64, 'b')}}},
          {"project", "Synthetic team"},
          {"edition", "snu-2025"},
          {"verdict", "REPRODUCED: bit for bit."},
          {"points_at", ""},
          {"items", {item("total", "0.9640"), item("acc4", "0.9762"), item("acc8", "0.9518")}},
          {"comparisons",
           {{"recomputed_claimed", agreement("score", "every printed digit")},
            {"re_executed_bundled", images},
            {"re_executed_claimed", agreement("score", "every printed digit")},
            {"trainings", {training}}}},
          {"run", {{"wall_s", 371.5}}}};
}

SyntheticProject::SyntheticProject() {
  project_.root = root();
  project_.name = "Synthetic team";
  project_.edition = "snu-2025";
  project_.leaderboard = "../leaderboard";
  project_.reconstruct_step = submission::Step{};
  project_.reconstruct_step->command = {"python3", "reconstruct.py"};
  project_.reconstruct_step->weights = "../result/checkpoints/best_model.pt";
  project_.reconstruct_step->outputs = "../result/reconstructions_leaderboard";
  write_volumes("acc4", 0.98F);
  write_volumes("acc8", 0.95F);
  write_training();
  json time = finding_json("time.total", "pass", "both accelerations took 372.4 s");
  time["measured"] = 372.4, time["limit"] = 3600, time["unit"] = "s";
  check = {
      {"schema", "reconproof.check"},
      {"schema_version", 1},
      {"project", "Synthetic team"},
      {"edition", "snu-2025"},
      {"ruleset", challenge::find_edition("snu-2025").ruleset()},
      {"exit_code", 0},
      {"environment",
       {{"os", "Debian 12"},
        {"kernel", "6.1"},
        {"cpu", "a processor"},
        {"threads", 8},
        {"memory_bytes", 8589934592},
        {"gpus", json::array()},
        {"sandbox", {{"state", "available"}, {"reason", ""}}}}},
      {"build",
       {{"version", "0.1.0"}, {"revision", "0123abc"}, {"dirty", false}, {"rules_sha256", "ff"}}},
      {"commands", {{"reconstruct", {"python3", "reconstruct.py", "it's"}}}},
      {"run",
       {{"isolated", true},
        {"refused_reason", ""},
        {"wall_s", 372.4},
        {"peak_rss_bytes", 1073741824},
        {"exit_code", 0}}},
      {"score", score_json(0.9762, 0.9518)},
      {"zero_filled", score_json(0.8111, 0.7222)},
      {"weights",
       {{"path", "../result/checkpoints/best_model.pt"},
        {"sha256", std::string(64, 'e')},
        {"bytes", 2048}}},
      {"findings", {time, finding_json("repeat.equal", "pass", "all files are equal")}}};
  write_check();
}

void SyntheticProject::write_check() const { system::write_file(check_file(), check.dump(1)); }

std::filesystem::path SyntheticProject::pack() {
  system::write_file(root() / "reconproof.toml",
                     "[project]\nname = \"Synthetic team\"\nedition = \"snu-2025\"\n"
                     "[data]\nleaderboard = \"../leaderboard\"\n"
                     "[claims]\ntotal = \"0.9640\"\n"
                     "[steps.reconstruct]\ncommand = [\"python3\", \"reconstruct.py\"]\n"
                     "weights = \"../result/checkpoints/best_model.pt\"\n"
                     "outputs = \"../result/reconstructions_leaderboard\"\n");
  system::write_file(root() / "reconstruct.py", "print('reconstructs')\n");
  for (const char* cell : {"acc4", "acc8"}) {
    const std::filesystem::path outputs = result() / "reconstructions_leaderboard" / cell;
    std::filesystem::create_directories(outputs);
    std::filesystem::copy_file(recon(cell) / "brain_test1.h5", outputs / "brain_test1.h5",
                               std::filesystem::copy_options::overwrite_existing);
  }
  check["weights"]["sha256"] = system::sha256_file(result() / "checkpoints" / "best_model.pt");
  write_check();
  const std::filesystem::path bundle = folder_.path() / "team.tar";
  submission::pack(submission::load_project(root()), bundle);
  return bundle;
}

void SyntheticProject::write_volumes(const std::string& cell, float gain) const {
  const formats::Shape shape = {kSlices, kSize, kSize};
  formats::Hdf5Writer labels(label(cell));
  labels.write("image_label", shape, disc(4e-4F));
  labels.write("image_input", shape, disc(3e-4F));
  labels.attribute("max", 4e-4F);
  labels.commit();
  formats::Hdf5Writer recon_file(recon(cell) / "brain_test1.h5");
  recon_file.write("reconstruction", shape, disc(4e-4F * gain));
  recon_file.commit();
}

void SyntheticProject::write_training() const {
  system::make_folders(result() / "checkpoints");
  system::write_file(result() / "checkpoints" / "best_model.pt", "weights");
  const std::vector<double> log = {0, 0.5, 1, 0.25};
  formats::write_npy(result() / "val_loss_log.npy", {2, 2}, std::span<const double>(log));
  formats::LedgerWriter ledger(result() / "ledger.jsonl");
  formats::LedgerEntry start;
  start.kind = formats::kLedgerStart;
  start.weights_sha256 = std::string(64, 'a');
  ledger.append(start);
  for (int64_t i = 0; i < 10; ++i) {
    formats::LedgerEntry step;
    step.kind = formats::kLedgerStep;
    step.iteration = i;
    step.file = "brain_acc4_1.h5";
    step.slice = i;
    step.loss = 0.5 / static_cast<double>(i + 1);
    step.grad_norm = 1;
    ledger.append(step);
  }
}

}  // namespace reconproof::reports
