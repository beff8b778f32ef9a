// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/ledger.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "checks/determinism/ledger_compare.h"
#include "checks/determinism/lineage.h"
#include "checks/determinism/official_log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;
using checks::LedgerTrace;
using checks::Lineage;
using nlohmann::json;
using system::Code;
using system::ExitCode;
using system::fail;

constexpr CommandHelp kShowHelp = {
    "reconproof ledger show LEDGER [--json]",
    "What a training ledger records, and its head: the SHA-256 that stands for the whole file. "
    "Publish the head\n"
    "when the training ends (a commit, a mail to the organisers): whoever writes the ledger anew "
    "later gets another.\n"
    "Exit 3 or 4 where its chain cannot be followed.",
    "reconproof ledger show ../result/varnet/ledger.jsonl"};

constexpr CommandHelp kVerifyHelp = {
    "reconproof ledger verify LEDGER... [--weights FILE] [--head SHA256] [--data DIR...] [--json]",
    "Whether a ledger can be that of one training: an unbroken chain, steps without a gap, whole "
    "epochs, files beside it\n"
    "that agree; whether it leads to the weights; whether its head is the one that was published. "
    "Several ledgers: of a\n"
    "training in pieces, or of several models. Exit 4 where not, 3 where a file is malformed, 6 "
    "where a ledger has no\n"
    "end and no --head tells that nothing was cut off. A chain can be made anew: that the steps "
    "were taken, only a\n"
    "replay shows.",
    "reconproof ledger verify result/varnet/ledger.jsonl \\\n"
    "    --weights result/varnet/checkpoints/best_model.safetensors\n"
    "reconproof ledger verify ledger.jsonl --head 5d1c... --data Data/train Data/val"};

constexpr CommandHelp kCompareHelp = {
    "reconproof ledger compare A B [--json]",
    "Where two trainings first differ, by how much, and how the difference grows: from two "
    "ledgers exactly, from the\n"
    "official trainer's log at the digits that it prints. Exit 0 when they are equal, 5 when they "
    "differ, 6 when they are\n"
    "equal as far as a log can tell.",
    "reconproof ledger compare first/ledger.jsonl second/ledger.jsonl\n"
    "reconproof ledger compare train_1.log train_2.log"};

constexpr const char* kUsage =
    "Usage: reconproof ledger <show|verify|compare|replay> ...\n\n"
    "What a training left of itself, step by step (docs/formats/ledger.md).\n\n"
    "  show      what a ledger records, and its head\n"
    "  verify    whether it is whole, and leads to the weights\n"
    "  compare   where two trainings first differ\n"
    "  replay    take an interval of the baseline's steps again, and reach the same weights\n\n"
    "`reconproof ledger <command> --help` shows options and examples.\n";

json to_json(const LedgerTrace& trace) {
  return {{"path", trace.path.string()},
          {"broken", trace.broken},
          {"head", trace.head},
          {"lines", trace.lines},
          {"steps", trace.series.steps.size()},
          {"epochs", trace.epochs},
          {"resumes", trace.resumes},
          {"ended", trace.ended},
          {"data_sha256", trace.data_sha256},
          {"problems", trace.problems},
          {"agreeing", trace.agreeing}};
}

std::string summary(const LedgerTrace& trace) {
  return fmt::format("{}: {} lines, {} steps, {} epochs, {} resumptions{}", trace.path.string(),
                     trace.lines, trace.series.steps.size(), trace.epochs, trace.resumes,
                     trace.ended ? "" : ", no end");
}

/// Of a ledger that cannot be followed.
[[noreturn]] void fail_broken(const LedgerTrace& trace) {
  throw system::Error(trace.malformed ? Code::kCorrupt : Code::kIntegrity, trace.broken);
}

ExitCode run_show(int argc, char** argv) {
  std::string ledger;
  po::options_description description("Options");
  description.add_options()("ledger", po::value(&ledger)->required(), "the ledger")(
      "json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("ledger", 1);
  const auto values = parse_options(argc, argv, kShowHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const LedgerTrace trace = checks::trace_ledger(ledger);
  if (!trace.broken.empty()) fail_broken(trace);
  if (values->count("json")) {
    json result = to_json(trace);
    result["schema"] = "reconproof.ledger-show", result["schema_version"] = 1;
    result["weights"] = json::array();
    for (const checks::WeightsRecord& record : trace.series.weights)
      result["weights"].push_back({{"iteration", record.iteration}, {"sha256", record.sha256}});
    fmt::print("{}", formats::canonical_json(result));
    return ExitCode::kPass;
  }
  fmt::print("{}\nhead {}\n", summary(trace), trace.head);
  if (!trace.data_sha256.empty()) fmt::print("data {}\n", system::printable(trace.data_sha256));
  for (const checks::WeightsRecord& record : trace.series.weights)
    fmt::print("weights after {:6d} steps  {}\n", record.iteration, record.sha256);
  return ExitCode::kPass;
}

/// What speaks against the ledgers and the weights, and what could not be told.
struct Verdict {
  std::vector<std::string> faults, open;
  bool malformed = false;

  ExitCode exit_code() const {
    if (malformed) return ExitCode::kMalformed;
    if (!faults.empty()) return ExitCode::kIntegrity;
    return open.empty() ? ExitCode::kPass : ExitCode::kInconclusive;
  }
};

void judge_ledgers(const Lineage& lineage, const std::string& head, Verdict& verdict) {
  bool has_head = head.empty();
  for (const LedgerTrace& trace : lineage.ledgers) {
    verdict.malformed |= trace.malformed;
    if (!trace.broken.empty()) verdict.faults.push_back(trace.broken);
    for (const std::string& problem : trace.problems) verdict.faults.push_back(problem);
    const bool published = !head.empty() && trace.head == head;
    has_head |= published;
    if (trace.broken.empty() && !trace.ended && !published) {
      verdict.open.push_back(trace.path.string() +
                             ": has no end: the training was cut off, or lines were taken away; "
                             "the published head (--head) would tell");
    }
  }
  if (!has_head)
    verdict.faults.push_back("no ledger has the head " + system::printable(head) +
                             ": it was written anew, or is another one");
}

void judge_weights(const Lineage& lineage, Verdict& verdict) {
  if (lineage.weights.empty()) return;
  for (const std::string& problem : lineage.problems) verdict.faults.push_back(problem);
  if (!lineage.unread_reason.empty()) {
    verdict.malformed = true;
    verdict.faults.push_back(lineage.unread_reason);
  } else if (lineage.origins.empty()) {
    verdict.faults.push_back(fmt::format("{}: no ledger leads to these weights ({})",
                                         lineage.weights, lineage.weights_sha256));
  } else if (lineage.origins.front().iteration == 0) {
    verdict.faults.push_back(lineage.weights + ": these are initial weights: not trained");
  }
}

void print_verdict(const Lineage& lineage, const Verdict& verdict) {
  for (const LedgerTrace& trace : lineage.ledgers) {
    if (!trace.broken.empty()) continue;
    fmt::print("{}\nhead {}\n", summary(trace), trace.head);
    for (const std::string& name : trace.agreeing) fmt::print("{} agrees\n", name);
  }
  if (!lineage.origins.empty())
    fmt::print("{} comes from {}\n", lineage.weights, checks::origin_text(lineage));
  for (const std::string& fault : verdict.faults) fmt::print("fault: {}\n", fault);
  for (const std::string& open : verdict.open) fmt::print("open: {}\n", open);
}

ExitCode verify_ledgers(int argc, char** argv) {
  std::vector<std::string> ledgers, data;
  std::string weights, head;
  po::options_description description("Options");
  description.add_options()("ledger", po::value(&ledgers)->required(), "the ledgers")(
      "weights", po::value(&weights), "the weight file that they should lead to")(
      "head", po::value(&head), "the head that was published")(
      "data", po::value(&data)->multitoken(),
      "folders of the training data: hashed against data.sha256 beside the ledger")(
      "json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("ledger", -1);
  const auto values = parse_options(argc, argv, kVerifyHelp, description, positional);
  if (!values) return ExitCode::kPass;
  std::vector<LedgerTrace> traces;
  for (const std::string& ledger : ledgers) traces.push_back(checks::trace_ledger(ledger));
  Lineage lineage;
  if (weights.empty()) {
    lineage.ledgers = std::move(traces);
  } else {
    system::open_for_reading(weights);
    lineage = checks::trace_weights(weights, weights, std::move(traces));
  }
  Verdict verdict;
  judge_ledgers(lineage, head, verdict);
  judge_weights(lineage, verdict);
  if (!data.empty()) {
    for (const LedgerTrace& trace : lineage.ledgers)
      for (std::string& difference : checks::compare_data_list(trace, {data.begin(), data.end()}))
        verdict.faults.push_back(std::move(difference));
  }
  if (!values->count("json")) {
    print_verdict(lineage, verdict);
    return verdict.exit_code();
  }
  json result = {{"schema", "reconproof.ledger-verify"},
                 {"schema_version", 1},
                 {"ledgers", json::array()},
                 {"weights_sha256", lineage.weights_sha256},
                 {"origin", checks::origin_text(lineage)},
                 {"faults", verdict.faults},
                 {"open", verdict.open}};
  for (const LedgerTrace& trace : lineage.ledgers) result["ledgers"].push_back(to_json(trace));
  fmt::print("{}", formats::canonical_json(result));
  return verdict.exit_code();
}

/// A ledger begins with a brace; the official log does not.
checks::StepSeries read_series(const std::string& path) {
  std::array<char, 1> first{};
  const system::Descriptor file = system::open_for_reading(path);
  if (::pread(file.get(), first.data(), 1, 0) == 1 && first[0] == '{')
    return checks::series_of(formats::read_ledger(path));
  return checks::read_official_log(path);
}

ExitCode run_compare(int argc, char** argv) {
  std::string a, b;
  po::options_description description("Options");
  description.add_options()("a", po::value(&a)->required(), "ledger or log of one training")(
      "b", po::value(&b)->required(), "the same of the other")("json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("a", 1).add("b", 1);
  const auto values = parse_options(argc, argv, kCompareHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const checks::SeriesComparison comparison =
      checks::compare_series(read_series(a), read_series(b));
  if (comparison.steps == 0) {
    fail(Code::kInvalidArgument, "{} and {}: have no step in common", system::printable(a),
         system::printable(b));
  }
  if (values->count("json")) {
    json result = checks::to_json(comparison);
    result["schema"] = "reconproof.ledger-compare", result["schema_version"] = 1;
    fmt::print("{}", formats::canonical_json(result));
  } else {
    fmt::print("{} and {}: {}\n", system::printable(a), system::printable(b),
               checks::comparison_text(comparison));
  }
  if (!comparison.equal()) return ExitCode::kNotReproduced;
  return comparison.digits ? ExitCode::kInconclusive : ExitCode::kPass;
}

}  // namespace

ExitCode run_ledger(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "--help" || command == "-h") {
    fmt::print("{}", kUsage);
    return ExitCode::kPass;
  }
  // The subcommand's parser names itself by its argv[0].
  std::string name = "ledger " + std::string(command);
  std::vector<char*> arguments(argv + 1, argv + argc);
  if (!arguments.empty()) arguments[0] = name.data();
  arguments.push_back(nullptr);
  if (command == "show") return run_show(argc - 1, arguments.data());
  if (command == "verify") return verify_ledgers(argc - 1, arguments.data());
  if (command == "compare") return run_compare(argc - 1, arguments.data());
  if (command == "replay") return run_ledger_replay(argc - 1, arguments.data());
  fail(Code::kUsage,
       "ledger: {}; expected show, verify, compare or replay, see `reconproof ledger --help`",
       command.empty() ? "no subcommand"
                       : fmt::format("unknown subcommand '{}'", system::printable(command)));
}

}  // namespace reconproof::cli
