// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/reproduce/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "checks/families.h"
#include "system/error.h"

namespace reconproof::workflows {

using challenge::Edition;
using challenge::ScoreItem;
using challenge::ScoreResult;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

/// What float32 arithmetic in another order makes of an image (as repeat.threads allows); and what
/// other kernels, or TF32 in a GPU's convolutions, do.
constexpr double kSameMachine = 1e-4, kOtherMachine = 1e-3;

bool holds(const Agreement& agreement) {
  return agreement.tier == Tier::kBitwise || agreement.tier == Tier::kNumeric ||
         agreement.tier == Tier::kScore;
}
bool fails(const Agreement& agreement) { return agreement.tier == Tier::kMismatch; }

/// A member of an object that is a text; kCorrupt for anything else.
std::string text_member(const json& object, const char* key, const std::string& name) {
  if (!object.is_object() || !object.contains(key) || !object.at(key).is_string())
    fail(Code::kCorrupt, "{}: '{}' is missing or no text", name, key);
  return object.at(key).get<std::string>();
}

std::string device_of(const std::string& cpu, const std::vector<std::string>& gpus) {
  if (!gpus.empty()) return gpus.front();
  return cpu.empty() ? "an unknown machine" : cpu;
}

/// Names of the volumes that stand in the way of a score.
std::vector<std::string> faults_of(const ScoreResult& score) {
  std::vector<std::string> faults;
  for (const challenge::Finding& finding : score.findings) {
    if (finding.status == challenge::Status::kFail)
      faults.insert(faults.end(), finding.evidence.begin(), finding.evidence.end());
  }
  return faults;
}

Agreement incomplete(const ScoreResult& score) {
  return {Tier::kMismatch,
          fmt::format("there is no full score: {} of {} expected volumes counted",
                      score.volumes.size(), score.expected_volumes),
          faults_of(score)};
}

/// A claim and what it is judged by, in words; empty when it holds. `open`: it cannot be judged.
std::string judge_claim(const Edition& edition, const ScoreResult& score, const std::string& name,
                        const std::string& claimed, const char* who, bool& open) {
  if (const ScoreItem* item = score.item(name)) {
    if (checks::claimed_digits(edition.score, claimed) == item->printed) return "";
    return fmt::format("{}: {} '{}', here {}", name, who, claimed, item->printed);
  }
  const std::vector<std::string> known = edition.item_names();
  open = std::ranges::find(known, name) != known.end();
  return fmt::format("{}: {} '{}', but {}", name, who, claimed,
                     open ? "it depends on the time of a slice on the official GPU"
                          : "the edition has no such item");
}

bool same_digits(const ScoreResult& a, const ScoreResult& b) {
  return a.complete && b.complete &&
         std::ranges::equal(a.items, b.items, {}, &ScoreItem::printed, &ScoreItem::printed);
}

/// "GPU", in the words of those who miss one.
bool asks_for_gpu(const std::string& output) {
  std::string lower = output;
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(std::array{"cuda", "nvidia", "gpu"}, [&](const char* word) {
    return lower.find(word) != std::string::npos;
  });
}

}  // namespace

const char* tier_text(Tier tier) {
  switch (tier) {
    case Tier::kBitwise:
      return "bitwise";
    case Tier::kNumeric:
      return "numeric";
    case Tier::kScore:
      return "score";
    case Tier::kMismatch:
      return "mismatch";
    case Tier::kNotApplicable:
      return "not_applicable";
    case Tier::kInconclusive:
      break;
  }
  return "inconclusive";
}

Claims parse_claims(const json& claims, const std::string& name) {
  Claims result;
  const json said = claims.value("claims", json::object());
  if (!said.is_object()) fail(Code::kCorrupt, "{}: 'claims' is no object", name);
  for (const auto& [item, digits] : said.items())
    result.said[item] = text_member(said, item.c_str(), name);
  const json score = claims.value("score", json());
  if (score.is_null()) return result;
  if (!score.is_object() || !score.contains("items") || !score.at("items").is_array())
    fail(Code::kCorrupt, "{}: 'score' has no list 'items'", name);
  for (const json& item : score.at("items"))
    result.checked[text_member(item, "name", name)] = text_member(item, "printed", name);
  return result;
}

std::vector<ItemRow> item_rows(const Edition& edition, const Claims& claims,
                               const ScoreResult* recomputed, const ScoreResult* re_executed) {
  std::vector<std::string> names = edition.item_names();
  for (const auto* claimed : {&claims.said, &claims.checked}) {
    for (const auto& [name, digits] : *claimed)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  const auto digits = [](const std::map<std::string, std::string>& values,
                         const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? "" : found->second;
  };
  const auto printed = [](const ScoreResult* score, const std::string& name) {
    const ScoreItem* item = score ? score->item(name) : nullptr;
    return item ? item->printed : "";
  };
  std::vector<ItemRow> rows;
  for (const std::string& name : names) {
    ItemRow row = {name, digits(claims.said, name), digits(claims.checked, name),
                   printed(recomputed, name), printed(re_executed, name)};
    if (!(row.claimed + row.checked + row.recomputed + row.re_executed).empty())
      rows.push_back(std::move(row));
  }
  return rows;
}

Agreement compare_with_claims(const Edition& edition, const Claims& claims,
                              const ScoreResult& score) {
  if (claims.empty()) return {Tier::kNotApplicable, "the bundle claims no score", {}};
  if (!score.complete) return incomplete(score);
  std::vector<std::string> wrong, unknown;
  for (const auto& [values, who] :
       {std::pair{&claims.said, "claimed"}, {&claims.checked, "the team's check printed"}}) {
    for (const auto& [name, digits] : *values) {
      bool open = false;
      const std::string why = judge_claim(edition, score, name, digits, who, open);
      if (!why.empty()) (open ? unknown : wrong).push_back(why);
    }
  }
  if (!wrong.empty()) return {Tier::kMismatch, "other digits than those that are claimed", wrong};
  if (!unknown.empty()) return {Tier::kInconclusive, "not every claim can be judged here", unknown};
  const auto many = claims.said.empty() ? claims.checked.size() : claims.said.size();
  return {Tier::kScore,
          fmt::format("all {} {} to the printed digit", many,
                      claims.said.empty() ? "items that the team's check printed, though it claims "
                                            "none in words, are the same"
                                          : "claimed items are the same"),
          {}};
}

Tolerance tolerance_between(const json& environment, const system::HostInfo& here) {
  const json gpus = environment.is_object() ? environment.value("gpus", json()) : json();
  const json cpu = environment.is_object() ? environment.value("cpu", json()) : json();
  std::vector<std::string> devices;
  if (gpus.is_array()) {
    for (const json& gpu : gpus)
      if (gpu.is_string()) devices.push_back(gpu.get<std::string>());
  }
  const std::string processor = cpu.is_string() ? cpu.get<std::string>() : "";
  const std::string there = device_of(processor, devices), ours = device_of(here.cpu, here.gpus);
  if (!processor.empty() && processor == here.cpu && devices == here.gpus)
    return {kSameMachine, fmt::format("the same kind of machine ({})", ours)};
  return {kOtherMachine, fmt::format("another machine: {} there, {} here", there, ours)};
}

Agreement compare_with_bundled(const checks::Comparison& comparison, int64_t identical_files,
                               const Tolerance& tolerance, const ScoreResult* bundled,
                               const ScoreResult* re_executed) {
  if (comparison.equal && comparison.volumes > 0) {
    return {Tier::kBitwise,
            fmt::format("all {} volumes, every value bit for bit; of their files {} are the same "
                        "byte for byte",
                        comparison.volumes, identical_files),
            {}};
  }
  const double largest = comparison.max_relative.value_or(0);
  const std::string size =
      comparison.incomparable > 0
          ? fmt::format("{} of {} volumes cannot be compared", comparison.incomparable,
                        comparison.volumes)
          : fmt::format("{} of {} volumes differ, by at most {:.2g} of a volume's maximum ({})",
                        comparison.differences.size(), comparison.volumes, largest,
                        comparison.largest_at);
  const std::string bound =
      fmt::format("{} is the tolerance for {}", tolerance.relative, tolerance.applies_to);
  if (comparison.volumes > 0 && comparison.incomparable == 0 && largest <= tolerance.relative)
    return {Tier::kNumeric, fmt::format("{}; {}", size, bound), comparison.differences};
  if (!bundled || !re_executed) {
    return {Tier::kInconclusive,
            fmt::format("{}; {}; whether the score is the same cannot be told without labels", size,
                        bound),
            comparison.differences};
  }
  if (same_digits(*bundled, *re_executed)) {
    return {Tier::kScore,
            fmt::format("{}; {}; every item of the score prints the same digits", size, bound),
            comparison.differences};
  }
  return {Tier::kMismatch, fmt::format("{}; {}", size, bound), comparison.differences};
}

Agreement compare_failed_run(const checks::WholeRunResult& run, const system::HostInfo& here) {
  const std::vector<std::string> lines = checks::last_lines(run.output_tail);
  const auto open = [&](const std::string& why) {
    return Agreement{Tier::kInconclusive, why, lines};
  };
  if (!run.not_run.empty()) return open("the command was not started: " + run.not_run);
  if (run.timed_out || !run.stopped.empty())
    return open("the command did not come to its end: " + checks::failure_text(run));
  if (checks::ran_out_of_gpu_memory(run)) return open("this GPU's memory did not suffice");
  if (here.gpus.empty() && asks_for_gpu(run.output_tail))
    return open("the command failed, and asks for a GPU, which this machine lacks");
  return {Tier::kMismatch, "the command failed: " + checks::failure_text(run), lines};
}

std::vector<std::pair<std::string, const Agreement*>> Comparisons::all() const {
  std::vector<std::pair<std::string, const Agreement*>> list = {
      {"recomputed against claimed", &recomputed_claimed},
      {"re-executed against bundled", &re_executed_bundled},
      {"re-executed against claimed", &re_executed_claimed}};
  for (const auto& [name, agreement] : trainings) list.push_back({name, &agreement});
  return list;
}

system::ExitCode Comparisons::exit_code() const {
  system::ExitCode code = system::ExitCode::kPass;
  for (const auto& [name, agreement] : all()) {
    if (agreement->tier == Tier::kMismatch)
      code = system::worst(code, system::ExitCode::kNotReproduced);
    if (agreement->tier == Tier::kInconclusive)
      code = system::worst(code, system::ExitCode::kInconclusive);
  }
  return code;
}

std::string Comparisons::points_at() const {
  const bool claim = fails(recomputed_claimed), images = fails(re_executed_bundled),
             again = fails(re_executed_claimed);
  if (claim && again && holds(re_executed_bundled))
    return "the claim: the bundled reconstructions are what the command makes, and score otherwise";
  if (claim && images && holds(re_executed_claimed))
    return "the bundled reconstructions: what the command makes scores as claimed, and they do not";
  if (images && again && holds(recomputed_claimed))
    return "weights or code: the bundled reconstructions score as claimed, and these make others";
  if (images && !claim && !again)
    return "weights, code or reconstructions: these weights and this code make others";
  if (claim && images && again) return "more than one part of the bundle";
  return "";
}

std::string Comparisons::verdict() const {
  const auto names_of = [&](Tier tier) {
    std::vector<std::string> names;
    for (const auto& [name, agreement] : all())
      if (agreement->tier == tier) names.push_back(name);
    return fmt::format("{}", fmt::join(names, ", "));
  };
  switch (exit_code()) {
    case system::ExitCode::kNotReproduced: {
      const std::string part = points_at();
      return "NOT REPRODUCED: " + names_of(Tier::kMismatch) +
             (part.empty() ? "" : ". This points at " + part);
    }
    case system::ExitCode::kInconclusive:
      return "INCONCLUSIVE: " + names_of(Tier::kInconclusive);
    default:
      return fmt::format("REPRODUCED, {}", tier_text(re_executed_bundled.tier));
  }
}

}  // namespace reconproof::workflows
