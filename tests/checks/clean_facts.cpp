// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/checks/clean_facts.h"

#include <fmt/core.h>

#include <stdexcept>

#include "checks/registry.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::Status;

namespace {

challenge::ScoreResult clean_score(const challenge::Edition& edition) {
  challenge::ScoreResult score;
  score.complete = true;
  double value = 0.9740;
  for (const std::string& name : edition.item_names()) {
    score.items.push_back({.name = name,
                           .value = value,
                           .printed = edition.score.printed(value),
                           .printed_numpy2 = {},
                           .spread = {}});
    value -= 0.0021;
  }
  for (const char* id : {"layout.volumes", "layout.shape", "layout.float32", "values.finite"}) {
    score.findings.push_back(
        challenge::make_finding(edition, edition.rule(id), Status::kPass, "fine"));
  }
  return score;
}

InitialTensor drawn_tensor(const char* name, int seed) {
  InitialTensor tensor;
  tensor.name = name;
  tensor.values = 100;
  tensor.sha256 = fmt::format("{:032}", seed);
  tensor.optimized = true;
  return tensor;
}

}  // namespace

TrainingRun clean_training(int seed) {
  TrainingRun run;
  run.run.isolated = run.run.observed = true;
  run.run.exit_code = 86;
  WatchedTraining training;
  training.stopped = true;
  training.device = "cpu";
  training.seeds = {{"torch.manual_seed", seed}};
  training.tensors = {drawn_tensor("first.weight", seed), drawn_tensor("second.weight", seed + 1),
                      drawn_tensor("first.bias", 0)};
  training.tensors.back().constant = true;
  training.series.weights.push_back({0, fmt::format("{:064}", seed)});
  for (int i = 0; i < 6; ++i) {
    StepRecord step;
    step.iteration = i;
    step.loss = 0.5 / (seed + i);
    step.grad_norm = 1.0 / (seed + i);
    training.series.steps.push_back(step);
    training.series.weights.push_back({i + 1, fmt::format("{:063}{}", seed, i)});
    training.files.push_back({"brain_acc4_1.h5"});
    training.indices.push_back(i);
  }
  run.watched.trainings.push_back(std::move(training));
  return run;
}

Facts clean_facts(const std::string& edition_id) {
  Facts facts;
  facts.edition = challenge::find_edition(edition_id);
  facts.host.gpus = {facts.edition.official_gpu};
  facts.run.isolated = facts.run.observed = true;
  facts.run.exit_code = 0;
  facts.run.wall_s = 100;
  facts.run.gpu = {.measured = true,
                   .reason = "",
                   .peak_tree_bytes = int64_t{5} << 30,
                   .peak_device_delta_bytes = int64_t{5} << 30,
                   .per_process_visible = true,
                   .samples = 5000,
                   .interval_ms = 20,
                   .sampling_cpu_s = 1,
                   .foreign = {},
                   .device = "NVIDIA H100",
                   .driver = "550.127.08",
                   .total_bytes = int64_t{80} << 30,
                   .enforced_limit_bytes = 0,
                   .unenforced_reason = "no CUDA driver"};
  facts.repeat = facts.run;
  facts.score = facts.handed_in = clean_score(facts.edition);
  facts.repeat_comparison = facts.handed_in_comparison = Comparison{true, 4, {}, {}, 0, 0, ""};
  if (edition_id == "snu-2026") {
    facts.project.reconstruct_step.emplace().contract = "slice";
    const VolumeTimes volume = {"acc4",      "knee_test1.h5", 100'000'000, 0.2,  0.25,
                                {0.1, 0.11}, {0.1, 0.11},     1,           false};
    facts.slices = {{volume}, {volume}, "cgroup v2 freezer", 0};
    facts.slices->hardened[0].slice_s = {0.104, 0.112};
    facts.hardened = VariantRun{facts.run, *facts.repeat_comparison};
  }
  facts.threads = {{facts.run, {false, 4, {"acc4/a.h5: slice 0"}, 1e-9, 2e-6, 0, ""}}, 1, 4};
  facts.renamed = facts.exchanged = facts.poisoned =
      VariantRun{facts.run, *facts.repeat_comparison};
  LedgerTrace ledger;
  ledger.path = "ledger.jsonl";
  ledger.ended = true;
  facts.lineages.resize(1);
  facts.lineages[0].ledgers = {ledger};
  facts.lineages[0].weights = "best_model.safetensors";
  facts.lineages[0].origins = {{0, 4}};
  facts.code.files = 3;
  facts.overlap = OverlapResult{{}, 4, 100};
  facts.trainings.resize(1);
  facts.trainings[0].updates = 6;
  facts.trainings[0].first = facts.trainings[0].again = clean_training(430);
  facts.trainings[0].other = clean_training(517);
  facts.near_duplicates = NearDuplicateResult{{}, 4, 100};
  facts.manifest = ManifestResult{8, {}};
  facts.hand_in.paths = {"data/code/README.md", "data/weights/best_model.pt",
                         "data/logs/val_loss_log.npy", "data/attachments/slides/talk.pptx",
                         "data/attachments/video/talk.mp4"};
  facts.hand_in.commit = "0123abc";
  const challenge::ScoreItem& first = facts.score->items.front();
  facts.project.claims = {{first.name, first.printed}};
  return facts;
}

void set_score_finding(Facts& facts, const char* rule_id, Status status) {
  for (Finding& finding : facts.score->findings) {
    if (finding.rule_id == rule_id) {
      finding =
          challenge::make_finding(facts.edition, facts.edition.rule(rule_id), status, "as scored");
    }
  }
}

Finding judged(const Facts& facts, const std::string& rule_id) {
  for (const Finding& finding : judge(facts)) {
    if (finding.rule_id == rule_id) return finding;
  }
  throw std::logic_error("no finding for " + rule_id);
}

}  // namespace reconproof::checks
