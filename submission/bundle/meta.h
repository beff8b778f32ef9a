// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a bundle says of itself: the files of meta/ (docs/formats/bundle.md).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "submission/bundle/git.h"
#include "submission/hand_in.h"
#include "submission/project.h"

namespace reconproof::submission {

/// A weight file of the bundle.
struct PackedWeights {
  std::string path;      // "data/weights/best_model.pt"
  std::string declared;  // as the command that loads or writes it names it
  std::string view;      // the same as safetensors, in the bundle; empty: none
  std::string opaque;    // why it cannot be read without executing anything; empty: it can
};

struct MetaInputs {
  const Project& project;
  nlohmann::json check;                 // check.json; null: packed without one
  std::optional<GitState> git;          // none: in no repository
  std::vector<std::string> left_out;    // too large for code
  std::vector<std::string> executable;  // code that its owner may execute
  std::string diff;  // path in the bundle of what differs from the commit; empty: none
  std::vector<PackedWeights> weights;
  HandIn hand_in;
};

/// check.json of a project; kNotFound where there is none, kCorrupt where it is of another project
/// or edition, or malformed.
nlohmann::json read_check(const Project& project);

/// "meta/....json" -> contents.
std::map<std::string, std::string> meta_files(const MetaInputs& inputs);

/// "data/..." -> SHA-256 of the files that a check judged: the bundle must carry those and no
/// others.
std::map<std::string, std::string> judged_files(const nlohmann::json& check,
                                                const std::string& weights);

/// What is to be handed in, judged now: one finding for each rule of the edition that asks for
/// something.
std::vector<challenge::Finding> judge_all_hand_in(const challenge::Edition& edition,
                                                  const HandIn& hand_in);

}  // namespace reconproof::submission
