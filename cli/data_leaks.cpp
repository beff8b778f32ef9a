// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checks/data/near_duplicates.h"
#include "checks/data/overlap.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

using checks::DataFolder;
using checks::Likeness;
using checks::NearDuplicate;
using nlohmann::json;
using system::ExitCode;

constexpr CommandHelp kDataLeaksHelp = {
    "reconproof data leaks --leaderboard DIR --train DIR... [options]",
    "Finds leaderboard slices in training data, by what they show: whatever the files are called, "
    "and after another\n"
    "mask, fewer coils, scaling, flips, quarter turns, crops and a little noise. Slices beside a "
    "leaderboard slice in\n"
    "the same subject are told too. Exit code 1 when a copy is found.",
    "reconproof data leaks --leaderboard data/leaderboard --train data/train --train data/val\n"
    "reconproof data leaks --leaderboard data/leaderboard --train data/train --json"};

struct Leaks {
  checks::OverlapResult exact;
  checks::NearDuplicateResult near;
  bool any() const { return !exact.matches.empty() || near.count(Likeness::kCopy) > 0; }
};

Leaks find_leaks(const std::string& leaderboard, const std::vector<std::string>& training) {
  std::vector<DataFolder> folders;
  for (const std::string& folder : training) {
    const std::vector<DataFolder> found = checks::data_folders_in(folder);
    folders.insert(folders.end(), found.begin(), found.end());
  }
  checks::OverlapFinder exact;
  checks::NearDuplicateFinder near;
  checks::visit_slices(
      checks::data_folders_in(leaderboard), folders,
      [&](const checks::VisitedSlice& slice) {
        exact.add_leaderboard(slice);
        near.add_leaderboard(slice);
      },
      [&](const checks::VisitedSlice& slice) {
        exact.add_training(slice);
        near.add_training(slice);
      });
  return {exact.result(), near.find()};
}

json to_json(const NearDuplicate& item) {
  return {{"training", item.training},
          {"leaderboard", item.leaderboard},
          {"likeness", item.likeness == Likeness::kCopy ? "copy" : "neighbour"},
          {"similarity", item.match.similarity},
          {"transformation", item.match.transformation()},
          {"shift_px", {item.match.shift_rows, item.match.shift_columns}},
          {"detail", item.match.detail}};
}

void print_json(const Leaks& leaks) {
  json items = json::array();
  for (const NearDuplicate& item : leaks.near.found) items.push_back(to_json(item));
  const json document = {{"schema", "reconproof.data-leaks"},
                         {"schema_version", 1},
                         {"fingerprint_version", challenge::kFingerprintVersion},
                         {"leaderboard_slices", leaks.near.leaderboard_slices},
                         {"training_slices", leaks.near.training_slices},
                         {"copies", leaks.near.count(Likeness::kCopy)},
                         {"neighbours", leaks.near.count(Likeness::kNeighbour)},
                         {"exact", leaks.exact.matches},
                         {"near", items}};
  fmt::print("{}", formats::canonical_json(document));
}

void print_text(const Leaks& leaks) {
  for (const std::string& match : leaks.exact.matches)
    fmt::print("exact      {}\n", system::printable(match));
  for (const NearDuplicate& item : leaks.near.found) {
    fmt::print("{:10} {}\n", item.likeness == Likeness::kCopy ? "copy" : "neighbour",
               system::printable(item.text()));
  }
  fmt::print(
      "{} training slices against {} leaderboard slices: {} equal bytes, {} copies, {} "
      "neighbours\n",
      leaks.near.training_slices, leaks.near.leaderboard_slices, leaks.exact.matches.size(),
      leaks.near.count(Likeness::kCopy), leaks.near.count(Likeness::kNeighbour));
}

}  // namespace

ExitCode run_data_leaks(int argc, char** argv) {
  std::string leaderboard;
  std::vector<std::string> training;
  po::options_description description("Options");
  description.add_options()("leaderboard", po::value(&leaderboard)->required(),
                            "folder with kspace/ and image/, or with such folders in it")(
      "train", po::value(&training)->required()->composing(),
      "the same, of training or validation data; once or more")("json", "print the result as JSON");
  const auto values = parse_options(argc, argv, kDataLeaksHelp, description);
  if (!values) return ExitCode::kPass;
  const Leaks leaks = find_leaks(leaderboard, training);
  if (leaks.near.leaderboard_slices == 0 || leaks.near.training_slices == 0) {
    system::fail(system::Code::kNotFound,
                 "data leaks: {} shows nothing: expected slices that are "
                 "not empty",
                 leaks.near.leaderboard_slices == 0 ? leaderboard : training.front());
  }
  values->count("json") ? print_json(leaks) : print_text(leaks);
  return leaks.any() ? ExitCode::kRuleBroken : ExitCode::kPass;
}

}  // namespace reconproof::cli
