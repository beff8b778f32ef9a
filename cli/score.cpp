// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/score.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "workflows/findings_text.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kHelp = {
    "reconproof score --edition E --labels DIR --recon DIR [options]",
    "Computes the official score of an edition. Labels are read from DIR/<cell>/image/*.h5, "
    "reconstructions\n"
    "from DIR/<cell>/*.h5 (cells of snu-2025: acc4, acc8). No score is printed unless every volume "
    "counted.",
    "reconproof score --edition snu-2025 --labels /root/Data/leaderboard \\\n"
    "    --recon ../result/test_Varnet/reconstructions_leaderboard\n"
    "reconproof score --edition snu-2025 --labels L --recon R --json > score.json"};

void print_text(const challenge::Edition& edition, const challenge::ScoreResult& result) {
  fmt::print("{}, {}\n\n{}", edition.title, result.ruleset,
             workflows::findings_text(result.findings));
  if (!result.official_set) {
    fmt::print("  note          these labels are not the public leaderboard ({} volumes a cell)\n",
               edition.official_volumes().size());
  }
  fmt::print("\n");
  if (!result.complete) {
    fmt::print("No score: not every expected volume could be counted.\n");
    return;
  }
  for (const challenge::ScoreItem& item : result.items) {
    fmt::print("  {:<8} {}   ({:.9f})\n", item.name, item.printed, item.value);
  }
}

}  // namespace

system::ExitCode run_score(int argc, char** argv) {
  std::string edition_id, labels, recon;
  challenge::ScoreOptions options;
  po::options_description description("Options");
  description.add_options()("edition", po::value(&edition_id)->required(),
                            "edition of the challenge, such as snu-2025")(
      "labels", po::value(&labels)->required(), "leaderboard folder with the labels")(
      "recon", po::value(&recon)->required(), "folder of reconstructions")(
      "threads", po::value(&options.threads)->default_value(0),
      "threads, 0 for one a core; the score does not depend on it")(
      "official-print", "print exactly what the official leaderboard_eval.py prints")(
      "json", "print the result as JSON (docs/formats/score.md)");
  const auto values = parse_options(argc, argv, kHelp, description);
  if (!values) return system::ExitCode::kPass;
  if (values->count("json") && values->count("official-print")) {
    system::fail(system::Code::kUsage, "score: --json and --official-print exclude each other");
  }
  if (options.threads < 0 || options.threads > 1024) {
    system::fail(system::Code::kInvalidArgument, "score: --threads {}: expected 0 to 1024",
                 options.threads);
  }

  const challenge::Edition& edition = challenge::find_edition(edition_id);
  const challenge::ScoreResult result = challenge::score(edition, labels, recon, options);
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json(challenge::to_json(result)));
  } else if (values->count("official-print") && result.complete) {
    fmt::print("{}", challenge::official_print(edition, result));
  } else if (values->count("official-print")) {
    fmt::print(stderr, "{}", workflows::findings_text(result.findings));
  } else {
    print_text(edition, result);
  }
  return result.exit_code();
}

}  // namespace reconproof::cli
