// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Every check: facts that keep its rule, facts that break it, facts that leave it open. That no
// rule of any rule file goes without is what rules_test.cpp holds.
#include "checks/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "checks/registry.h"
#include "tests/checks/clean_facts.h"

namespace reconproof::checks {
namespace {

using challenge::Finding;
using challenge::Status;
using testing::Contains;
using testing::HasSubstr;

struct FamilyCase {
  const char* rule;
  const char* what;
  Status expected;
  std::function<void(Facts&)> change;
};

constexpr auto kGpuLimit = static_cast<int64_t>(7.45 * (1 << 30));
constexpr auto kGpuHighLimit = static_cast<int64_t>(7.92 * (1 << 30));

/// Both runs under a ballast that leaves so much.
void enforce(Facts& facts, int64_t bytes) {
  for (WholeRunResult* run : {&facts.run, &*facts.repeat}) {
    run->gpu.enforced_limit_bytes = bytes;
    run->gpu.unenforced_reason = "";
  }
}

void run_out(WholeRunResult& run) {
  run.exit_code = 1;
  run.output_tail = "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB\n";
}

const FamilyCase kCases[] = {
    {"layout.volumes", "fail", Status::kFail,
     [](Facts& f) { set_score_finding(f, "layout.volumes", Status::kFail); }},
    {"layout.shape", "fail", Status::kFail,
     [](Facts& f) { set_score_finding(f, "layout.shape", Status::kFail); }},
    {"layout.float32", "fail", Status::kFail,
     [](Facts& f) { set_score_finding(f, "layout.float32", Status::kFail); }},
    {"values.finite", "fail", Status::kFail,
     [](Facts& f) { set_score_finding(f, "values.finite", Status::kFail); }},
    {"layout.volumes", "no_run", Status::kInconclusive, [](Facts& f) { f.score.reset(); }},
    {"run.completes", "exit_code", Status::kFail, [](Facts& f) { f.run.exit_code = 3; }},
    {"run.completes", "signal", Status::kFail, [](Facts& f) { f.run.signal = 11; }},
    {"run.completes", "timeout", Status::kFail, [](Facts& f) { f.run.timed_out = true; }},
    {"run.completes", "strange_output", Status::kFail,
     [](Facts& f) { f.run.strange_outputs = {"acc4/link"}; }},
    {"run.completes", "not_run", Status::kFail,
     [](Facts& f) { f.run.not_run = "no such file", f.run.exit_code = -1; }},
    {"run.completes", "limit", Status::kFail,
     [](Facts& f) { f.run.stopped = "used too much memory"; }},
    {"time.total", "at_limit", Status::kPass, [](Facts& f) { f.run.wall_s = 3600; }},
    {"time.total", "over", Status::kFail, [](Facts& f) { f.run.wall_s = 3600.01; }},
    {"time.total", "other_limit", Status::kFail,
     [](Facts& f) {
       for (challenge::Rule& rule : f.edition.rules) {
         if (rule.id == "time.total") rule.limit = 99;
       }
     }},
    {"time.total", "over_elsewhere", Status::kInconclusive,
     [](Facts& f) { f.run.wall_s = 4000, f.host.gpus.clear(); }},
    {"time.total", "no_run", Status::kInconclusive, [](Facts& f) { f.run.exit_code = 1; }},
    {"time.official-gpu", "over", Status::kFail, [](Facts& f) { f.run.wall_s = 4000; }},
    {"time.official-gpu", "other_gpu", Status::kInconclusive,
     [](Facts& f) { f.host.gpus = {"NVIDIA H100"}; }},
    {"memory.gpu", "at_limit", Status::kPass,
     [](Facts& f) { f.run.gpu.peak_tree_bytes = kGpuLimit; }},
    {"memory.gpu", "over", Status::kFail,
     [](Facts& f) { f.run.gpu.peak_tree_bytes = kGpuHighLimit + (1 << 20); }},
    {"memory.gpu", "between_two_sources", Status::kInconclusive,
     [](Facts& f) { f.run.gpu.peak_tree_bytes = kGpuLimit + (1 << 20); }},
    {"memory.gpu", "between_on_the_official_gpu", Status::kPass,
     [](Facts& f) {
       f.run.gpu.peak_tree_bytes = kGpuLimit + (1 << 20);
       f.run.gpu.device = f.repeat->gpu.device = f.edition.official_gpu;
     }},
    {"memory.gpu", "under_a_ballast", Status::kPass, [](Facts& f) { enforce(f, kGpuLimit); }},
    {"memory.gpu", "ran_out_under_the_ballast", Status::kFail,
     [](Facts& f) { enforce(f, kGpuHighLimit), run_out(f.run); }},
    {"memory.gpu", "the_second_run_ran_out", Status::kFail,
     [](Facts& f) { enforce(f, kGpuHighLimit), run_out(*f.repeat); }},
    {"memory.gpu", "ran_out_with_the_smaller_limit_left", Status::kInconclusive,
     [](Facts& f) { enforce(f, kGpuLimit), run_out(f.run); }},
    {"memory.gpu", "ran_out_with_the_smaller_limit_only", Status::kInconclusive,
     [](Facts& f) { enforce(f, kGpuHighLimit), f.gpu_ran_out_bytes = kGpuLimit; }},
    {"memory.gpu", "ran_out_beside_a_stranger", Status::kInconclusive,
     [](Facts& f) { enforce(f, kGpuHighLimit), run_out(f.run), f.run.gpu.measured = false; }},
    {"memory.gpu", "failed_otherwise_under_the_ballast", Status::kInconclusive,
     [](Facts& f) { enforce(f, kGpuHighLimit), f.run.exit_code = 1; }},
    {"memory.gpu", "ran_out_on_another_gpu", Status::kInconclusive,
     [](Facts& f) { run_out(f.run); }},
    {"memory.gpu", "ran_out_on_the_official_gpu", Status::kFail,
     [](Facts& f) { run_out(f.run), f.run.gpu.device = f.edition.official_gpu; }},
    {"memory.gpu", "says_itself_that_it_took_more", Status::kInconclusive,
     [](Facts& f) { f.repeat->gpu.child_peak_reserved_bytes = kGpuLimit + (1 << 20); }},
    {"memory.gpu", "says_so_under_a_ballast", Status::kPass,
     [](Facts& f) {
       enforce(f, kGpuLimit);
       f.run.gpu.child_peak_reserved_bytes = int64_t{9} << 30;
     }},
    {"memory.gpu", "says_itself_that_it_took_less", Status::kFail,
     [](Facts& f) {
       f.run.gpu.peak_tree_bytes = int64_t{9} << 30;
       f.run.gpu.child_peak_reserved_bytes = 1;
     }},
    {"memory.gpu", "lost_the_ballast", Status::kInconclusive,
     [](Facts& f) { f.run.gpu.measured = false, f.run.gpu.ballast_lost = true; }},
    {"memory.gpu", "lost_the_ballast_and_over", Status::kFail,
     [](Facts& f) {
       f.run.gpu.measured = false, f.run.gpu.ballast_lost = true;
       f.repeat->gpu.peak_tree_bytes = int64_t{9} << 30;
     }},
    {"memory.gpu", "over_as_the_whole_gpu", Status::kFail,
     [](Facts& f) {
       f.run.gpu.peak_tree_bytes = 0, f.run.gpu.per_process_visible = false;
       f.run.gpu.peak_device_delta_bytes = int64_t{9} << 30;
     }},
    {"memory.gpu", "over_in_the_second_run", Status::kFail,
     [](Facts& f) { f.repeat->gpu.peak_tree_bytes = int64_t{9} << 30; }},
    {"memory.gpu", "over_and_failed", Status::kFail,
     [](Facts& f) { f.run.gpu.peak_tree_bytes = int64_t{9} << 30, f.run.exit_code = 1; }},
    {"memory.gpu", "failed_before", Status::kInconclusive, [](Facts& f) { f.run.exit_code = 1; }},
    {"memory.gpu", "not_measured", Status::kInconclusive,
     [](Facts& f) { f.run.gpu = f.repeat->gpu = system::GpuUse(); }},
    {"memory.gpu", "foreign_process_in_the_first_run", Status::kPass,
     [](Facts& f) { f.run.gpu.measured = false, f.run.gpu.reason = "another process"; }},
    {"isolation.network", "attempt", Status::kFail,
     [](Facts& f) {
       f.run.attempts = {{"network", "connect", 1}};
     }},
    {"isolation.network", "own_loopback", Status::kPass,
     [](Facts& f) {
       f.run.attempts = {{"loopback", "connect", 1}};
     }},
    {"isolation.network", "unanswered_loopback", Status::kFail,
     [](Facts& f) {
       f.run.attempts = {{"loopback", "connect", 1}}, f.run.exit_code = 1;
     }},
    {"isolation.network", "no_sandbox", Status::kInconclusive,
     [](Facts& f) { f.run.isolated = false; }},
    {"isolation.network", "unobserved", Status::kInconclusive,
     [](Facts& f) { f.run.observed = false; }},
    {"isolation.network", "failed_before", Status::kInconclusive,
     [](Facts& f) { f.run.exit_code = 1; }},
    {"isolation.network", "only_in_the_second_run", Status::kFail,
     [](Facts& f) {
       f.repeat->attempts = {{"network", "connect", 1}};
     }},
    {"isolation.labels", "carries_a_copy", Status::kFail,
     [](Facts& f) { f.label_copies = {"a = acc4/image/b.h5"}; }},
    {"isolation.labels", "failed_before", Status::kInconclusive,
     [](Facts& f) { f.run.exit_code = 1; }},
    {"repeat.equal", "second_run_fails", Status::kFail, [](Facts& f) { f.repeat->exit_code = 3; }},
    {"repeat.equal", "nothing_written", Status::kInconclusive,
     [](Facts& f) { f.repeat_comparison->volumes = 0; }},
    {"time.total", "stopped_early", Status::kInconclusive,
     [](Facts& f) { f.run.timed_out = true; }},
    {"data.overlap", "no_slices", Status::kInconclusive,
     [](Facts& f) { f.overlap->training_slices = 0; }},
    {"data.overlap", "no_leaderboard", Status::kInconclusive,
     [](Facts& f) { f.overlap->leaderboard_slices = 0; }},
    {"data.near-duplicates", "no_slices", Status::kInconclusive,
     [](Facts& f) { f.near_duplicates->training_slices = 0; }},
    {"data.near-duplicates", "no_leaderboard", Status::kInconclusive,
     [](Facts& f) { f.near_duplicates->leaderboard_slices = 0; }},
    {"data.near-duplicates", "folder_missing", Status::kInconclusive,
     [](Facts& f) { f.overlap_absent_reason = "not there: val"; }},
    {"data.near-duplicates", "neighbours", Status::kPass,
     [](Facts& f) {
       f.near_duplicates->found = {{"a", "b", Likeness::kNeighbour, {}}};
     }},
    {"data.near-duplicates", "copy", Status::kFail,
     [](Facts& f) {
       f.near_duplicates->found = {{"a", "b", Likeness::kCopy, {}}};
     }},
    {"data.near-duplicates", "no_data", Status::kInconclusive,
     [](Facts& f) { f.near_duplicates.reset(), f.overlap_absent_reason = "none here"; }},
    {"data.manifest", "none_given", Status::kNotApplicable, [](Facts& f) { f.manifest.reset(); }},
    {"data.manifest", "no_data", Status::kInconclusive,
     [](Facts& f) { f.manifest.reset(), f.manifest_absent_reason = "none here"; }},
    {"data.manifest", "no_volume", Status::kInconclusive, [](Facts& f) { f.manifest->files = 0; }},
    {"data.manifest", "folder_missing", Status::kInconclusive,
     [](Facts& f) { f.manifest_absent_reason = "not there: val"; }},
    {"data.manifest", "foreign_with_folder_missing", Status::kFail,
     [](Facts& f) {
       f.manifest_absent_reason = "not there: val";
       f.manifest->foreign = {"train/kspace/a.h5: altered"};
     }},
    {"data.overlap", "folder_missing", Status::kInconclusive,
     [](Facts& f) { f.overlap_absent_reason = "not there: val"; }},
    {"isolation.network", "unobserved_failure", Status::kInconclusive,
     [](Facts& f) { f.run.observed = false, f.run.exit_code = 1; }},
    {"isolation.labels", "attempt", Status::kFail,
     [](Facts& f) {
       f.run.attempts = {{"open", "/d/acc4/image/a.h5", 1}};
     }},
    {"isolation.writes", "reads_alone", Status::kPass, [](Facts& f) { f.run.attempts.clear(); }},
    {"isolation.writes", "in_the_second_run", Status::kFail,
     [](Facts& f) {
       f.repeat->attempts = {{"write", "/team/result/weights.pt", 2}};
     }},
    {"isolation.labels", "no_sandbox", Status::kInconclusive,
     [](Facts& f) { f.run.isolated = false; }},
    {"repeat.equal", "differs", Status::kFail,
     [](Facts& f) { f.repeat_comparison->equal = false; }},
    {"repeat.threads", "at_limit", Status::kPass,
     [](Facts& f) { f.threads->variant.comparison.max_relative = 1e-4; }},
    {"repeat.threads", "over", Status::kFail,
     [](Facts& f) { f.threads->variant.comparison.max_relative = 1.1e-4; }},
    {"repeat.threads", "not_finite", Status::kFail,
     [](Facts& f) { f.threads->variant.comparison.max_relative = INFINITY; }},
    {"repeat.threads", "one_missing", Status::kFail,
     [](Facts& f) { f.threads->variant.comparison.incomparable = 1; }},
    {"repeat.threads", "run_fails", Status::kFail,
     [](Facts& f) { f.threads->variant.run.exit_code = 1; }},
    {"repeat.threads", "never_the_same", Status::kInconclusive,
     [](Facts& f) {
       f.threads->variant.comparison.max_relative = 0.1, f.repeat_comparison->equal = false;
     }},
    {"repeat.threads", "not_made", Status::kInconclusive, [](Facts& f) { f.threads.reset(); }},
    {"inputs.labels", "differs", Status::kFail,
     [](Facts& f) { f.poisoned->comparison.equal = false; }},
    {"inputs.labels", "run_fails", Status::kFail, [](Facts& f) { f.poisoned->run.exit_code = 1; }},
    {"inputs.labels", "opening_is_not_using", Status::kPass,
     [](Facts& f) {
       f.poisoned->run.attempts = {{"open", "acc4/image/a.h5", 1}};
     }},
    {"inputs.labels", "not_possible_here", Status::kInconclusive,
     [](Facts& f) { f.poisoned->run.not_run = "an absolute path"; }},
    {"inputs.labels", "no_labels", Status::kInconclusive,
     [](Facts& f) { f.poisoned.reset(), f.poisoned_absent_reason = "a.h5 is not there"; }},
    {"repeat.equal", "not_repeated", Status::kInconclusive,
     [](Facts& f) { f.repeat_comparison.reset(); }},
    {"outputs.as-handed-in", "same_digits", Status::kPass,
     [](Facts& f) { f.handed_in_comparison->equal = false; }},
    {"outputs.as-handed-in", "other_digits", Status::kFail,
     [](Facts& f) {
       f.handed_in_comparison->equal = false;
       f.handed_in->items[1].printed = "0.9761";
     }},
    {"outputs.as-handed-in", "incomplete", Status::kFail,
     [](Facts& f) {
       f.handed_in_comparison->equal = false;
       f.handed_in->complete = false;
     }},
    {"outputs.as-handed-in", "nothing", Status::kInconclusive,
     [](Facts& f) { f.handed_in.reset(), f.handed_in_comparison.reset(); }},
    {"score.claimed", "wrong", Status::kFail,
     [](Facts& f) { f.project.claims["total"] = "0.9741"; }},
    {"score.claimed", "no_such_item", Status::kFail,
     [](Facts& f) { f.project.claims["acc5"] = "0.9"; }},
    {"score.claimed", "no_number", Status::kFail,
     [](Facts& f) { f.project.claims["total"] = "best"; }},
    {"score.claimed", "trailing_zero", Status::kPass,
     [](Facts& f) { f.project.claims["total"] = "0.974"; }},
    {"score.claimed", "negative", Status::kPass,
     [](Facts& f) { f.score->items[0].printed = f.project.claims["total"] = "-0.1766"; }},
    {"score.claimed", "none", Status::kNotApplicable, [](Facts& f) { f.project.claims.clear(); }},
    {"score.claimed", "no_score", Status::kInconclusive,
     [](Facts& f) { f.score->complete = false; }},
    {"training.lineage", "no_ledger", Status::kNotApplicable,
     [](Facts& f) {
       f.lineages[0] = {};
       f.lineages[0].absent_reason = "there is no ledger.jsonl";
     }},
    {"training.lineage", "declared_ledger_missing", Status::kInconclusive,
     [](Facts& f) {
       f.lineages[0] = {};
       f.lineages[0].absent_reason = "ledger.jsonl is not there";
       f.lineages[0].declared = true;
     }},
    {"training.lineage", "another_model_from_nowhere", Status::kFail,
     [](Facts& f) {
       f.lineages.push_back(f.lineages[0]);
       f.lineages[1].origins.clear();
     }},
    {"training.lineage", "broken_chain", Status::kFail,
     [](Facts& f) { f.lineages[0].ledgers[0].broken = "ledger.jsonl:3: prev is"; }},
    {"training.lineage", "problem_beside_it", Status::kFail,
     [](Facts& f) { f.lineages[0].ledgers[0].problems = {"val_loss_log.npy: has 3 epochs"}; }},
    {"training.lineage", "statement_denied", Status::kFail,
     [](Facts& f) { f.lineages[0].problems = {"w: states initial_weights_sha256"}; }},
    {"training.lineage", "untrained", Status::kFail,
     [](Facts& f) { f.lineages[0].origins[0].iteration = 0; }},
    {"training.lineage", "weights_unread", Status::kInconclusive,
     [](Facts& f) { f.lineages[0].unread_reason = "no tensors"; }},
    {"training.lineage", "cut_off_behind_the_weights", Status::kPass,
     [](Facts& f) { f.lineages[0].ledgers[0].ended = false; }},
    {"code.scan", "no_code", Status::kNotApplicable, [](Facts& f) { f.code = {}; }},
    {"code.scan", "more_than_listed", Status::kFail, [](Facts& f) { f.code.beyond = 1; }},
    {"data.overlap", "match", Status::kFail, [](Facts& f) { f.overlap->matches = {"a = b"}; }},
    {"data.overlap", "no_data", Status::kInconclusive,
     [](Facts& f) { f.overlap.reset(), f.overlap_absent_reason = "none here"; }},
};

class FamiliesTest : public testing::TestWithParam<FamilyCase> {};
INSTANTIATE_TEST_SUITE_P(Rules, FamiliesTest, testing::ValuesIn(kCases), [](const auto& parameter) {
  std::string name = std::string(parameter.param.rule) + "_" + parameter.param.what;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST_P(FamiliesTest, MovesTheVerdict) {
  Facts facts = clean_facts();
  GetParam().change(facts);
  const Finding finding = judged(facts, GetParam().rule);
  EXPECT_EQ(finding.status, GetParam().expected) << finding.message;
  EXPECT_FALSE(finding.message.empty());
  EXPECT_EQ(finding.remediation.empty(),
            finding.status == Status::kPass || finding.status == Status::kNotApplicable);
}

TEST(Judge, CleanSubmissionPassesEveryRule) {
  for (const Finding& finding : judge(clean_facts())) {
    EXPECT_EQ(finding.status, Status::kPass) << finding.rule_id << ": " << finding.message;
  }
}

TEST(Judge, UnknownRuleIsInconclusive) {
  Facts facts = clean_facts();
  facts.edition.rules[0].id = "layout.colour";
  EXPECT_EQ(judge(facts)[0].status, Status::kInconclusive);
}

TEST(GpuMemory, WarnsOfASmallHeadroom) {
  Facts facts = clean_facts();
  facts.run.gpu.peak_tree_bytes = kGpuLimit - (int64_t{512} << 20);
  EXPECT_THAT(judged(facts, "memory.gpu").message, testing::Not(HasSubstr("below the limit")));
  facts.run.gpu.peak_tree_bytes = kGpuLimit - (int64_t{511} << 20);
  const Finding close = judged(facts, "memory.gpu");
  EXPECT_EQ(close.status, Status::kPass);
  EXPECT_THAT(close.message, HasSubstr("only 511 MiB below the limit"));
}

TEST(GpuMemory, NamesTheBoundThatARunRanOutOf) {
  Facts facts = clean_facts();
  enforce(facts, kGpuHighLimit);
  run_out(facts.run);
  const Finding finding = judged(facts, "memory.gpu");
  EXPECT_EQ(finding.message, "ran out of memory with 7.92 GiB left on NVIDIA H100 (80.0 GiB)");
  EXPECT_NEAR(finding.measured.get<double>(), 7.92, 1e-6);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("CUDA out of memory")));
}

TEST(GpuMemory, KnowsTheWordsOfADriverWithoutMemory) {
  for (const char* words :
       {"torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to",
        "RuntimeError: CUDA error: out of memory", "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"}) {
    WholeRunResult run;
    run.exit_code = 1;
    run.output_tail = words;
    EXPECT_TRUE(ran_out_of_gpu_memory(run)) << words;
    run.exit_code = 0;  // it helped itself
    EXPECT_FALSE(ran_out_of_gpu_memory(run)) << words;
  }
}

TEST(GpuMemory, ShowsWhatTheCommandSaysItself) {
  Facts facts = clean_facts();
  facts.run.gpu.child_peak_reserved_bytes = int64_t{6} << 30;
  const Finding finding = judged(facts, "memory.gpu");
  EXPECT_EQ(finding.measured, 5);  // as sampled
  EXPECT_THAT(finding.evidence, testing::ElementsAre(HasSubstr("own account, PyTorch's allocator "
                                                               "held up to 6.00 GiB")));
}

TEST(GpuMemory, SaysHowTheLimitWasHeld) {
  Facts facts = clean_facts();
  EXPECT_THAT(judged(facts, "memory.gpu").message,
              HasSubstr("; the limit was not enforced: no CUDA driver"));
  enforce(facts, kGpuLimit);
  EXPECT_THAT(judged(facts, "memory.gpu").message,
              testing::StartsWith("ran with 7.45 GiB left on NVIDIA H100 (80.0 GiB); used at least "
                                  "5.00 GiB of"));
  facts.gpu_ran_out_bytes = kGpuLimit;
  enforce(facts, kGpuHighLimit);
  EXPECT_THAT(judged(facts, "memory.gpu").message,
              HasSubstr("with 7.45 GiB left on NVIDIA H100 (80.0 GiB), but not with 7.92"));
}

TEST(GpuMemory, SaysWhyItIsNotMeasured) {
  Facts facts = clean_facts();
  facts.run.gpu.measured = facts.repeat->gpu.measured = false;
  facts.run.gpu.reason = "no process of the run used a GPU";
  const Finding finding = judged(facts, "memory.gpu");
  EXPECT_THAT(finding.message, HasSubstr("not measured: no process of the run used a GPU"));
  EXPECT_TRUE(finding.measured.is_null());
}

TEST(RunCompletes, ShowsTheLastLines) {
  Facts facts = clean_facts();
  facts.run.exit_code = 1;
  for (int i = 0; i < 30; ++i) facts.run.output_tail += fmt::format("line {}\n", i);
  facts.run.output_tail += "RuntimeError: CUDA out of memory";
  const Finding finding = judged(facts, "run.completes");
  EXPECT_THAT(finding.evidence, Contains("RuntimeError: CUDA out of memory"));
  EXPECT_LE(finding.evidence.size(), 12u);
}

}  // namespace
}  // namespace reconproof::checks
