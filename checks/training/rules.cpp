// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the first updates of a training say of it. Each rule judges every declared training.
#include <algorithm>
#include <functional>

#include "checks/families.h"
#include "checks/training/divergence.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

constexpr double kGivenPart = 0.01;  // of the values: below, an equal tensor may be a computed one
constexpr size_t kMostNames = 20;

/// What is said of one training.
struct Verdict {
  Status status = Status::kInconclusive;
  std::string message;
  std::vector<std::string> evidence;
  std::optional<double> measured;
};

Verdict open(const std::string& why) {
  Verdict verdict;
  verdict.message = "not judged: " + why;
  return verdict;
}

Verdict kept(std::string message, std::optional<double> measured = {}) {
  Verdict verdict;
  verdict.status = Status::kPass;
  verdict.message = std::move(message);
  verdict.measured = measured;
  return verdict;
}

Verdict broken(std::string message, std::vector<std::string> evidence,
               std::optional<double> measured = {}) {
  Verdict verdict;
  verdict.status = Status::kFail;
  verdict.message = std::move(message);
  verdict.evidence = std::move(evidence);
  verdict.measured = measured;
  return verdict;
}

/// A rule has one finding, that of the worst training.
Finding judge_trainings(const Facts& facts, const Rule& rule,
                        const std::function<Verdict(const TrainingReplays&)>& judge) {
  if (facts.trainings.empty()) {
    Finding none = make_finding(facts.edition, rule, Status::kInconclusive,
                                "not judged: " + facts.trainings_absent_reason);
    none.remediation =
        "Declare the command that trains under [steps.train], and its data under [data] train and "
        "val; where they lie elsewhere, give --data DIR.";
    return none;
  }
  std::vector<Verdict> verdicts;
  for (const TrainingReplays& training : facts.trainings) {
    Verdict verdict = judge(training);
    const std::string name = training.name.empty() ? "" : training.name + ": ";
    verdict.message = name + verdict.message;
    for (std::string& line : verdict.evidence) line = name + line;
    verdicts.push_back(std::move(verdict));
  }
  std::ranges::stable_sort(verdicts, std::ranges::greater(),
                           [](const Verdict& verdict) { return gravity(verdict.status); });
  const Verdict& worst = verdicts.front();
  Finding finding = make_finding(facts.edition, rule, worst.status, worst.message);
  for (const Verdict& verdict : verdicts) {
    if (&verdict != &worst && verdict.status != Status::kPass)
      finding.evidence.push_back(verdict.message);
    finding.evidence.insert(finding.evidence.end(), verdict.evidence.begin(),
                            verdict.evidence.end());
  }
  if (worst.measured) finding.measured = *worst.measured;
  return finding;
}

std::vector<const TrainingRun*> runs_of(const TrainingReplays& training) {
  std::vector<const TrainingRun*> runs;
  for (const auto* run : {&training.first, &training.again, &training.other}) {
    if (*run) runs.push_back(&**run);
  }
  return runs;
}

void add_attempts(const TrainingRun& run, std::string_view kind, std::vector<std::string>& texts) {
  for (const system::Attempt& attempt : run.run.attempts) {
    const std::string text = fmt::format("{} ({} times)", attempt.detail, attempt.count);
    if (attempt.kind == kind && std::ranges::find(texts, text) == texts.end())
      texts.push_back(text);
  }
}

/// Looks at the leaderboard, and asks for the network, in any of the runs.
std::optional<Verdict> forbidden_attempts(const TrainingReplays& training) {
  std::vector<std::string> looks, connections, asked;
  for (const TrainingRun* run : runs_of(training)) {
    add_attempts(*run, "open", looks);
    add_attempts(*run, "network", connections);
    for (const std::string& name : run->watched.asked) {
      if (std::ranges::find(asked, name) == asked.end()) asked.push_back(name);
    }
  }
  if (!looks.empty()) {
    return broken("the training looked for the leaderboard", looks,
                  static_cast<double>(looks.size()));
  }
  if (connections.empty()) return std::nullopt;
  for (std::string& name : asked) name = "asked for " + name;
  asked.insert(asked.end(), connections.begin(), connections.end());
  return broken("the training tried to reach the network", asked,
                static_cast<double>(connections.size()));
}

std::string updates_text(const TrainingReplays& training) {
  return fmt::format("{} {}", training.updates, training.updates == 1 ? "step" : "steps");
}

/// Why the steps of a run cannot be seen; empty where they can.
std::string unseen(const TrainingReplays& training, const TrainingRun& run) {
  if (!run.run.isolated)
    return "a training is only repeated in a sandbox: " + run.run.refused_reason;
  if (!run.watched.fault.empty()) return run.watched.fault;
  if (run.run.timed_out) {
    int64_t made = 0;
    for (const WatchedTraining& process : run.watched.trainings)
      made = std::max(made, process.updates());
    return fmt::format("only {} of {} within {:.0f} s (--timeout gives more)", made,
                       updates_text(training), run.run.wall_s);
  }
  if (run.run.ok() && !run.trained()) {
    return "it ended without a step of an optimizer of torch.optim, and without a line of the "
           "official trainer: whether it trained cannot be seen";
  }
  return "";
}

Verdict judge_start(const TrainingReplays& training) {
  const TrainingRun& first = *training.first;
  if (auto forbidden = forbidden_attempts(training)) return *forbidden;
  for (const TrainingRun* run : runs_of(training)) {
    if (!run->watched.altered.empty()) {
      return broken("the training wrote into the ledger that watches it", {run->watched.altered});
    }
  }
  const std::string hidden = unseen(training, first);
  if (!hidden.empty()) return open(hidden);
  if (!first.trained()) {
    const bool before = !first.is_watched() || first.watched.trainings[0].updates() == 0;
    return broken(fmt::format("without leaderboard and network the training failed {}: {}",
                              before ? "before its first step" : "during its first steps",
                              failure_text(first.run)),
                  last_lines(first.run.output_tail));
  }
  if (!first.run.observed) {
    return open(
        "it trained with neither the leaderboard nor a network; whether it looked for them "
        "was not observed: " +
        first.run.unobserved_reason);
  }
  return kept(
      fmt::format("trained {} with neither the leaderboard nor a network, and asked for neither",
                  updates_text(training)));
}

/// Why two runs cannot be compared; empty where they can.
std::string incomparable(const TrainingReplays& training, const std::optional<TrainingRun>& other) {
  if (!training.first->trained()) {
    const std::string hidden = unseen(training, *training.first);
    return hidden.empty() ? "the training did not come so far; mend training.starts first" : hidden;
  }
  if (!other) return "no second run was made";
  if (other->trained()) return "";
  const std::string hidden = unseen(training, *other);
  return "the second run: " + (hidden.empty() ? failure_text(other->run) : hidden);
}

bool both_watched(const TrainingRun& a, const TrainingRun& b) {
  return a.is_watched() && b.is_watched();
}

std::string seeds_text(const WatchedTraining& training) {
  if (training.seeds.empty()) return "no seed was set before the first step";
  std::string text = "seeds set before the first step:";
  for (size_t i = 0; i < std::min<size_t>(training.seeds.size(), 8); ++i)
    text += fmt::format(" {}({})", training.seeds[i].first, training.seeds[i].second);
  return text;
}

Verdict judge_seed(const TrainingReplays& training) {
  const std::string why = incomparable(training, training.again);
  if (!why.empty()) return open(why);
  const TrainingRun &first = *training.first, &again = *training.again;
  if (!both_watched(first, again)) {
    return open(
        "its log lines do not show with which weights it begins, and no optimizer of "
        "torch.optim was seen");
  }
  for (size_t i = 0; i < std::min(first.watched.trainings.size(), again.watched.trainings.size());
       ++i) {
    const WatchedTraining &a = first.watched.trainings[i], &b = again.watched.trainings[i];
    const WeightsRecord &x = a.series.weights.front(), &y = b.series.weights.front();
    if (x.sha256 == y.sha256) continue;
    const EqualTensors same = equal_tensors(a, b);
    const Diagnosis diagnosis = diagnose(a, b, {Quantity::kInitialWeights, 0, {}, {}, {}, {}});
    const std::string differ = a.own
                                   ? ""
                                   : fmt::format("{} of {} tensors that are not constant differ; ",
                                                 same.compared - same.equal, same.compared);
    return broken("the same command began with other weights: " + differ + diagnosis.cause,
                  {"remedy: " + diagnosis.remedy, seeds_text(a)});
  }
  return kept(fmt::format("twice the same initial weights, bit for bit (SHA-256 {}...)",
                          first.watched.trainings[0].series.weights.front().sha256.substr(0, 12)));
}

std::string equality_text(const SeriesComparison& comparison) {
  if (comparison.digits) {
    return fmt::format(
        "two runs printed the same {} losses, in the {} significant digits of the log; whether "
        "they are equal bit for bit cannot be told from it",
        comparison.steps, *comparison.digits);
  }
  return fmt::format("two runs of {} steps: losses, gradients and weights are equal, bit for bit",
                     comparison.steps);
}

/// `watched`: what was seen of both beside the numbers; null for log lines.
Verdict judge_series(const StepSeries& a, const StepSeries& b, const WatchedTraining* watched_a,
                     const WatchedTraining* watched_b) {
  const SeriesComparison comparison = compare_series(a, b);
  const int64_t more = std::max(comparison.only_a, comparison.only_b);
  if (comparison.equal() && more == 0) return kept(equality_text(comparison), 0.0);
  if (comparison.equal())
    return broken(fmt::format("one run made {} steps more than the other", more), {});
  Verdict verdict = broken("two runs with one seed: " + comparison_text(comparison), {},
                           comparison.first->relative);
  if (watched_a) {
    const Diagnosis diagnosis = diagnose(*watched_a, *watched_b, *comparison.first);
    verdict.message += ". Likely cause: " + diagnosis.cause;
    verdict.evidence = {"remedy: " + diagnosis.remedy, seeds_text(*watched_a)};
  }
  for (std::string& line : losses_beside_each_other(a, b, *comparison.first))
    verdict.evidence.push_back(std::move(line));
  return verdict;
}

Verdict judge_repeat(const TrainingReplays& training) {
  const std::string why = incomparable(training, training.again);
  if (!why.empty()) return open(why);
  const TrainingRun &first = *training.first, &again = *training.again;
  if (!both_watched(first, again)) return judge_series(first.log, again.log, nullptr, nullptr);
  const auto &a = first.watched.trainings, &b = again.watched.trainings;
  if (a.size() != b.size()) {
    return broken(
        fmt::format("{} processes trained in one run and {} in the other", a.size(), b.size()), {});
  }
  Verdict verdict;
  for (size_t i = 0; i < a.size(); ++i) {
    verdict = judge_series(a[i].series, b[i].series, &a[i], &b[i]);
    if (verdict.status == Status::kFail) break;
  }
  return verdict;
}

/// Sums over the processes that trained.
EqualTensors equal_in_all(const WatchedRun& first, const WatchedRun& other) {
  EqualTensors all;
  for (size_t i = 0; i < std::min(first.trainings.size(), other.trainings.size()); ++i) {
    EqualTensors one = equal_tensors(first.trainings[i], other.trainings[i]);
    all.compared += one.compared;
    all.compared_values += one.compared_values;
    all.equal += one.equal;
    all.equal_values += one.equal_values;
    all.constant += one.constant;
    all.names.insert(all.names.end(), one.names.begin(), one.names.end());
  }
  return all;
}

/// Of ledgers that the training keeps itself, which have one hash for all weights.
Verdict judge_own_weights(const WatchedTraining& first, const WatchedTraining& other) {
  if (first.seeds == other.seeds)
    return open("no other seed could be given to it: its ledger names the same one");
  if (first.series.weights.front().sha256 != other.series.weights.front().sha256)
    return kept("with another seed its own ledger shows other initial weights", 0.0);
  return broken("its own ledger shows the same initial weights under another seed",
                {seeds_text(first), seeds_text(other)}, 1.0);
}

Verdict judge_weights(const TrainingReplays& training) {
  const std::string why = incomparable(training, training.other);
  if (!why.empty()) return open(why);
  const TrainingRun &first = *training.first, &other = *training.other;
  if (!both_watched(first, other)) {
    return open(
        "whether it was given weights cannot be told from log lines, and no optimizer of "
        "torch.optim was seen");
  }
  if (first.watched.trainings[0].own)
    return judge_own_weights(first.watched.trainings[0], other.watched.trainings[0]);
  const EqualTensors same = equal_in_all(first.watched, other.watched);
  if (same.compared == 0) return open("all initial weights are constants, which no seed changes");
  if (same.equal == 0) {
    return kept(fmt::format("with another seed all {} initial tensors that are not constant differ",
                            same.compared),
                0.0);
  }
  Verdict verdict;
  verdict.status = same.equal_part() >= kGivenPart ? Status::kFail : Status::kInconclusive;
  verdict.message = fmt::format(
      "{} of {} initial tensors ({:.3g} % of the values) stay the same, bit for bit, under another "
      "seed: {}",
      same.equal, same.compared, 100 * same.equal_part(),
      verdict.status == Status::kFail ? "these weights are given, not drawn"
                                      : "so few may be computed, or given");
  verdict.measured = same.equal_part();
  for (const std::string& name : same.names) {
    if (verdict.evidence.size() < kMostNames) verdict.evidence.push_back(name);
  }
  if (same.names.size() > kMostNames)
    verdict.evidence.push_back(fmt::format("and {} more", same.names.size() - kMostNames));
  verdict.evidence.push_back(seeds_text(first.watched.trainings[0]));
  return verdict;
}

}  // namespace

Finding check_training_starts(const Facts& facts, const Rule& rule) {
  return judge_trainings(facts, rule, judge_start);
}

Finding check_training_seeded(const Facts& facts, const Rule& rule) {
  return judge_trainings(facts, rule, judge_seed);
}

Finding check_training_repeat(const Facts& facts, const Rule& rule) {
  return judge_trainings(facts, rule, judge_repeat);
}

Finding check_fresh_weights(const Facts& facts, const Rule& rule) {
  return judge_trainings(facts, rule, judge_weights);
}

}  // namespace reconproof::checks
