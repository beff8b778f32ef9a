// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/score.h"

#include <fmt/core.h>

#include "challenge/score/compare.h"
#include "challenge/score/explain.h"
#include "challenge/score/text.h"
#include "cli/commands.h"
#include "cli/edition_option.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "workflows/check/findings_text.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {
namespace {

using challenge::Edition;
using challenge::ScoreResult;
using system::Code;
using system::fail;

constexpr CommandHelp kScoreHelp = {
    "reconproof score --edition E --labels DIR --recon DIR [options]",
    "Computes the official score of an edition. Labels are read from DIR/<cell>/image/*.h5, "
    "reconstructions\n"
    "from DIR/<cell>/*.h5 (cells of snu-2025: acc4, acc8; of 2021, 2022 and NYU sets the files lie "
    "in "
    "DIR\n"
    "itself). No score is printed unless every volume counted; --partial shows that of those that "
    "did.",
    "reconproof score --edition snu-2025 --labels /root/Data/leaderboard \\\n"
    "    --recon ../result/test_Varnet/reconstructions_leaderboard\n"
    "reconproof score --edition snu-2025 --labels L --recon R --json > score.json\n"
    "reconproof score --edition snu-2026 --labels L --recon R --ms-per-slice 87.6 "
    "--official-print\n"
    "reconproof score --edition snu-2025 --labels L --recon OLD --against NEW   # better, or "
    "noise?\n"
    "reconproof score --edition snu-2025 --labels L --recon R --metric volume   # as the trainer "
    "validates"};

constexpr const char* kOutputs[] = {"json", "csv", "official-print"};

struct Arguments {
  std::string labels, recon, against, set = "public", metric;
  std::vector<std::string> times;
  challenge::ScoreOptions options;
};

/// "87.6" for every cell, or "acc4=87.1" for one.
std::map<std::string, double> parse_times(const Edition& edition,
                                          const std::vector<std::string>& texts) {
  std::map<std::string, double> times;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string number = equals == std::string::npos ? text : text.substr(equals + 1);
    char* end = nullptr;
    const double ms = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0')
      fail(Code::kUsage, "--ms-per-slice {}: expected a number, or CELL=NUMBER", text);
    for (const challenge::Cell& cell : edition.cells)
      if (equals == std::string::npos) times[cell.name] = ms;
    if (equals != std::string::npos) times[text.substr(0, equals)] = ms;
  }
  if (!times.empty() && !edition.score.speed) {
    fail(Code::kUsage, "--ms-per-slice: the score of {} has no speed term; only snu-2026's has",
         edition.id);
  }
  return times;
}

void check_arguments(const po::variables_map& values, Arguments& arguments) {
  int outputs = 0;
  for (const char* output : kOutputs) outputs += values.count(output) > 0;
  if (outputs > 1)
    fail(Code::kUsage, "score: --json, --csv and --official-print exclude each other");
  expect_threads("score", arguments.options.threads);
  if (arguments.set != "public" && arguments.set != "final")
    fail(Code::kUsage, "score: --set {}: expected public or final", arguments.set);
  arguments.options.final_set = arguments.set == "final";
  arguments.options.partial = values.count("partial") > 0;
  if (!arguments.metric.empty())
    arguments.options.metric = challenge::metric_from_text(arguments.metric);
  if (values.count("official-print") && !(arguments.metric.empty() && arguments.against.empty()))
    fail(Code::kUsage, "score: --official-print goes with neither --metric nor --against");
  if (values.count("explain") && outputs > 0)
    fail(Code::kUsage, "score: --explain goes with the text alone");
  if (values.count("csv") && !arguments.against.empty())
    fail(Code::kUsage, "score: --csv goes with one set; --against has --json");
}

void print_text(const Edition& edition, const ScoreResult& result, bool details) {
  fmt::print("{}, {}\n\n{}", edition.title, result.ruleset,
             workflows::findings_text(result.findings));
  if (result.final_set) {
    fmt::print("  note          a final set: names and number of its volumes are not judged\n");
  } else if (!result.official_set && edition.official_volume_count() > 0) {
    fmt::print("  note          these labels are not the public leaderboard ({} volumes a cell)\n",
               edition.official_volume_count());
  }
  if (result.metric == challenge::Metric::kVolume && edition.image_size > 0)
    fmt::print(
        "  note          not the leaderboard's metric: SSIM of whole volumes without a mask, as "
        "the "
        "official\n"
        "                trainer validates (its ValLoss is 1 - ssim) and fastMRI evaluates\n");
  fmt::print("\n{}", challenge::score_table(edition, result, details));
}

void print_result(const po::variables_map& values, const Edition& edition,
                  const ScoreResult& result) {
  if (values.count("json")) {
    fmt::print("{}", formats::canonical_json(challenge::to_json(result)));
  } else if (values.count("csv")) {
    fmt::print("{}", challenge::to_csv(result));
  } else if (!values.count("official-print")) {
    print_text(edition, result, values.count("details") > 0);
  } else if (result.complete) {
    fmt::print("{}", challenge::official_print(edition, result));
  } else {
    fmt::print(stderr, "{}", workflows::findings_text(result.findings));
  }
}

system::ExitCode run_comparison(const po::variables_map& values, const Edition& edition,
                                const Arguments& arguments, const ScoreResult& first) {
  const ScoreResult second =
      challenge::score(edition, arguments.labels, arguments.against, arguments.options);
  const challenge::ScoreComparison comparison = challenge::compare_scores(edition, first, second);
  if (values.count("json")) {
    fmt::print("{}", formats::canonical_json(challenge::to_json(comparison)));
  } else {
    fmt::print("{}, {}\n\n{}", edition.title, first.ruleset,
               challenge::comparison_table(comparison));
  }
  for (const auto& [folder, result] :
       {std::pair{arguments.recon, &first}, {arguments.against, &second}}) {
    if (!result->complete)
      fmt::print(stderr, "reconproof: {}: {} of {} expected volumes counted\n", folder,
                 result->volumes.size(), result->expected_volumes);
  }
  return system::worst(first.exit_code(), second.exit_code());
}

system::ExitCode score_and_print(const po::variables_map& values, const Edition& edition,
                                 const Arguments& arguments, submission::Run& run) {
  const ScoreResult result =
      challenge::score(edition, arguments.labels, arguments.recon, arguments.options);
  for (const challenge::ScoreItem& item : result.items)
    run.score.push_back({item.name, item.printed, item.value});
  if (!arguments.against.empty()) return run_comparison(values, edition, arguments, result);
  print_result(values, edition, result);
  if (values.count("explain") && result.complete) {
    fmt::print("\n{}", challenge::explanation_table(challenge::explain_score(
                           edition, arguments.labels, arguments.recon, arguments.options)));
  }
  return result.exit_code();
}

}  // namespace

system::ExitCode run_score(int argc, char** argv) {
  Arguments arguments;
  EditionOption edition_option;
  po::options_description description("Options");
  edition_option.add_to(description);
  description.add_options()("labels", po::value(&arguments.labels)->required(),
                            "leaderboard folder with the labels")(
      "recon", po::value(&arguments.recon)->required(), "folder of reconstructions")(
      "against", po::value(&arguments.against),
      "a second folder of reconstructions: compares slice by slice, with a 95 % interval")(
      "set", po::value(&arguments.set)->default_value("public"),
      "public, or final: any labels, whatever their names and number")(
      "metric", po::value(&arguments.metric),
      "another metric than the edition's: masked-map, mask-and-boxes, volume")(
      "ms-per-slice", po::value(&arguments.times)->composing(),
      "time of a slice (2026), for all cells or as CELL=MS, for the speed term")(
      "partial", "where volumes are missing, also the score of those that are there")(
      "details", "every volume in the table")(
      "explain", "also step by step from the trainer's validation loss to this score")(
      "threads", po::value(&arguments.options.threads)->default_value(0),
      "threads, 0 for one a core; the score does not depend on it")(
      "official-print", "print exactly what the official leaderboard_eval.py prints")(
      "csv", "one line a slice, box or volume")("json",
                                                "print the result as JSON (docs/formats/score.md)");
  const auto values = parse_options(argc, argv, kScoreHelp, description);
  if (!values) return system::ExitCode::kPass;
  check_arguments(*values, arguments);
  const Edition edition = edition_option.load();
  arguments.options.ms_per_slice = parse_times(edition, arguments.times);
  return workflows::recorded_command("score", argc, argv, ".", [&](submission::Run& run) {
    return score_and_print(*values, edition, arguments, run);
  });
}

}  // namespace reconproof::cli
