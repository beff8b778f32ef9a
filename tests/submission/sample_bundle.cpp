// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/submission/sample_bundle.h"

#include <fstream>

#include "challenge/edition.h"
#include "challenge/finding.h"
#include "formats/tar.h"
#include "submission/bundle/bag.h"
#include "system/sha256.h"
#include "tests/formats/raw_tar.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using reconproof::fakes::RawTar;

void put(const fs::path& path, const std::string& contents) {
  fs::create_directories(path.parent_path());
  fs::remove(path);  // some file systems flush a file that is written over
  std::ofstream(path, std::ios::binary) << contents;
}

std::string slurp(const fs::path& path) { return system::read_file(path); }

std::string archive_of(const Bag& bag, const std::string& top) {
  RawTar tar;
  for (const auto& [path, contents] : bag) {
    if (path == "data/code/main.py")
      tar.program(top + "/" + path, contents);
    else
      tar.file(top + "/" + path, contents);
  }
  return tar.end();
}

void reseal(Bag& bag) {
  Digests payload, tags;
  int64_t bytes = 0;
  for (const auto& [path, contents] : bag) {
    if (!path.starts_with("data/")) continue;
    payload[path] = system::sha256_hex(contents);
    bytes += static_cast<int64_t>(contents.size());
  }
  bag[kManifestFile] = manifest_text(payload);
  bag[kBagInfoFile] = bag_info_text({"team", "", bytes, static_cast<int64_t>(payload.size())});
  bag.erase(kTagManifestFile);
  for (const auto& [path, contents] : bag) {
    if (!path.starts_with("data/") && !is_attestation(path))
      tags[path] = system::sha256_hex(contents);
  }
  bag[kTagManifestFile] = manifest_text(tags);
}

std::map<std::string, std::string> hand_in_of(const Bag& bag) {
  std::map<std::string, std::string> statuses;
  const auto findings = nlohmann::json::parse(bag.at("meta/findings.json"));
  for (const auto& finding : findings["findings"]) {
    const std::string id = finding["rule_id"];
    if (id.starts_with("hand-in.")) statuses[id.substr(8)] = finding["status"];
  }
  return statuses;
}

SampleProject::SampleProject() {
  put(code_ / "reconproof.toml",
      "[project]\nname = \"team\"\nedition = \"snu-2025\"\n[data]\nleaderboard = "
      "\"data\"\n[steps.reconstruct]\n"
      "command = [\"python\", \"main.py\"]\nweights = "
      "\"../result/net/checkpoints/best_model.pt\"\n"
      "outputs = \"../result/net/recon\"\n");
  put(code_ / "main.py", "print('recon')\n");
  put(code_ / "a-b.py", "");
  put(code_ / "a/x.py", "x = 1\n");
  put(code_ / "가.md", "한글\n");
  put(code_ / "README.md", "# team\n");
  put(code_ / "data/acc4/kspace/brain_test1.h5", "patients");
  put(code_ / "build/junk.o", "junk");
  fs::permissions(code_ / "main.py", fs::perms::owner_all);
  put(root_ / "result/net/checkpoints/best_model.pt", "weights");
  put(root_ / "result/net/val_loss_log.npy", "log");
  put(root_ / "result/net/ledger.jsonl", "{}\n");
  for (const char* cell : {"acc4", "acc8"}) {
    put(root_ / "result/net/recon" / cell / "brain_test1.h5", std::string("h5 ") + cell);
    put(root_ / "result/net/recon" / cell / "notes.txt", "not a volume");
  }
  project_.root = code_;
  project_.name = "team";
  project_.edition = "snu-2025";
  project_.leaderboard = "data";
  project_.reconstruct_step.emplace();
  project_.reconstruct_step->command = {"python", "main.py"};
  project_.reconstruct_step->weights = "../result/net/checkpoints/best_model.pt";
  project_.reconstruct_step->outputs = "../result/net/recon";
  project_.claims = {{"total", "0.9321"}};
  write_check();
}

nlohmann::json SampleProject::check_json() const {
  const challenge::Edition& edition = challenge::find_edition("snu-2025");
  const challenge::Finding finding =
      challenge::make_finding(edition, edition.rules.at(0), challenge::Status::kPass, "all there");
  return {{"schema", "reconproof.check"},
          {"schema_version", 1},
          {"project", "team"},
          {"edition", "snu-2025"},
          {"ruleset", edition.ruleset()},
          {"environment", {{"cpu", "test"}}},
          {"build", {{"version", "0"}}},
          {"score", {{"items", nlohmann::json::array()}}},
          {"findings", {challenge::to_json(finding)}}};
}

void SampleProject::write_check() const {
  put(code_ / ".reconproof/check/check.json", check_json().dump());
}

fs::path SampleProject::packed(const std::string& name, bool unchecked) {
  const fs::path out = root_ / name;
  last_ = pack(project_, out, {unchecked, {}, {}});
  return out;
}

Bag SampleProject::bag() {
  Bag result;
  formats::TarReader reader(packed());
  for (formats::TarEntry entry; reader.next(entry);) {
    if (entry.folder) continue;
    std::string& contents = result[entry.name.substr(entry.name.find('/') + 1)];
    char buffer[4096];
    while (const size_t got = reader.read(buffer, sizeof buffer)) contents.append(buffer, got);
  }
  return result;
}

}  // namespace reconproof::submission
