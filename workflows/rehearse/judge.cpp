// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "challenge/network.h"
#include "checks/registry.h"
#include "formats/torch_checkpoint.h"
#include "submission/readme/match.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using challenge::Finding;
using challenge::Status;
using system::printable;

namespace {

RehearsalFault fault_of(const Finding& finding, const std::string& kind) {
  const bool fails = finding.status == Status::kFail;
  return {kind,
          !fails                                            ? Gravity::kInconclusive
          : finding.severity == challenge::Severity::kError ? Gravity::kBroken
                                                            : Gravity::kWarning,
          "",
          finding.message,
          finding.remediation,
          finding.evidence};
}

void judge_start(const checks::TrainingReplays& training, const std::string& leaderboard_at,
                 const Explain& explain, RehearsalStep& step) {
  const checks::TrainingRun& first = *training.first;
  RehearsalFault fault;
  std::vector<std::string> looks, connections;
  for (const auto* run : {&training.first, &training.again}) {
    if (!*run) continue;
    for (const system::Attempt& attempt : (*run)->run.attempts) {
      if (attempt.kind == "open") looks.push_back(attempt.detail);
      if (attempt.kind == "network") connections.push_back(attempt.detail);
    }
  }
  if (!first.trained()) fault = explain(first.run);
  if (!looks.empty()) {
    fault.kind = "leaderboard";
    fault.message = fmt::format("the training looks for the leaderboard: {}", printable(looks[0]));
    fault.remedy = "the leaderboard may not be used in training, not even as validation";
    if (fault.where.empty()) fault.where = leaderboard_at;
    fault.gravity = Gravity::kBroken;
  } else if (!connections.empty()) {
    fault.kind = "network";
    fault.message = fmt::format("the training asks for the network: {}", printable(connections[0]));
    fault.remedy = "hand in what it fetches; set loggers to offline under [steps.train.env]";
    fault.gravity = Gravity::kBroken;
  } else if (first.trained()) {
    return;
  } else if (fault.kind == "failed" && first.run.ok()) {
    fault.gravity = Gravity::kInconclusive;
    fault.message =
        "it ended without a step that could be seen: neither an optimizer of torch.optim nor a "
        "line of the official trainer";
    fault.remedy = "print the official trainer's lines";
  }
  if (!training.name.empty()) fault.message = printable(training.name) + ": " + fault.message;
  step.faults.push_back(std::move(fault));
}

/// Whether the second training is the first again: as the edition's rules judge it, and where it
/// has none, as a warning.
void judge_repetition(const checks::Facts& facts, RehearsalStep& step) {
  const auto trained = [](const checks::TrainingReplays& runs) { return runs.first->trained(); };
  if (!std::ranges::all_of(facts.trainings, trained)) return;
  const auto judge = [&](const char* id) {
    challenge::Rule rule;
    rule.id = id;
    rule.severity = challenge::Severity::kWarning;
    if (const challenge::Rule* own = facts.edition.find_rule(id)) rule = *own;
    return checks::find_check(id)(facts, rule);
  };
  // What begins otherwise goes on otherwise; where it begins, log lines do not show.
  const Finding seeded = judge("training.seeded"), repeated = judge("training.repeat");
  const Finding& told = seeded.status == Status::kFail ? seeded : repeated;
  if (told.status == Status::kPass)
    step.message += "; the same twice, as far as it can be seen";
  else
    step.faults.push_back(fault_of(told, "training-differs"));
}

}  // namespace

void judge_trainings(const checks::Facts& facts, const std::string& leaderboard_at,
                     const Explain& explain, RehearsalStep& step) {
  for (const checks::TrainingReplays& training : facts.trainings)
    judge_start(training, leaderboard_at, explain, step);
  judge_repetition(facts, step);
}

void judge_reconstruction(const checks::Facts& facts, RehearsalStep& step) {
  constexpr checks::Steps kTaken = checks::kRun | checks::kScore | checks::kPace;
  for (const challenge::Rule& rule : facts.edition.rules) {
    const auto needed = checks::steps_of(rule.id);
    if (!needed || (*needed & ~kTaken) != 0 || rule.id == "score.claimed") continue;
    const Finding finding = checks::find_check(rule.id)(facts, rule);
    if (finding.status == Status::kFail || finding.status == Status::kInconclusive)
      step.faults.push_back(fault_of(finding, rule.id));
  }
}

void tell_sizes(const submission::Step& step, const fs::path& weights, const fs::path& clone,
                RehearsalFault& fault) {
  std::optional<challenge::NetworkSizes> sizes;
  try {
    sizes = challenge::recognise_network(formats::open_tensor_file(weights)->tensors());
  } catch (const system::Error&) {
  }
  if (!sizes || (fault.kind != "failed" && fault.kind != "weights-of-another-network")) return;
  std::vector<std::string> differ;
  for (const auto& [name, value] : challenge::size_fields(*sizes)) {
    const std::vector<std::string> flags = {"--" + name, "--" + name.substr(0, name.size() - 1),
                                            "--num_" + name};
    const submission::StepOption option = submission::option_of_step(clone, step, flags);
    if (option.value.empty() || option.value == std::to_string(value)) continue;
    differ.push_back(fmt::format("{} is {} ({}), of the weights {}", name, printable(option.value),
                                 option.where, value));
  }
  if (differ.empty()) return;
  fault.kind = "weights-of-another-network";
  fault.message =
      fmt::format("the weights do not belong to the network that the command builds: {}",
                  fmt::join(differ, "; "));
  fault.remedy = "give the command the sizes that the weights were trained with";
}

}  // namespace reconproof::workflows
