// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A team's repository, as its reconproof.toml declares it (docs/formats/project.md).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reconproof::submission {

inline constexpr const char* kProjectFile = "reconproof.toml";
inline constexpr const char* kStateFolder = ".reconproof";

struct Step {
  std::string name;  // of one training among several; else empty
  std::vector<std::string> command;
  std::string contract = "whole";  // or "slice": recon_slice of a recon_eval.py is timed
  bool reads_images =
      false;  // beside k-space the image files, of which it gets copies without labels
  std::string
      weights;  // relative to the project (may begin with ..), as the command names it; or absolute
  std::string
      outputs;  // likewise: the folder that holds <cell>/*.h5; of a training, where it writes
  std::string ledger;  // likewise, of a training: its ledger; empty: ledger.jsonl in `outputs`
  std::map<std::string, std::string> env;
  std::vector<std::string>
      read_only;  // further host folders that the command may see (an interpreter)
};

/// What is handed in beside code, weights and reconstructions: files, as declared.
struct Declared {
  std::string slides, video, loss_record;      // none when empty
  std::vector<std::string> logs, attachments;  // of trainings; anything else
};

struct Project {
  std::filesystem::path root;  // absolute
  /// Of a project that came from elsewhere: the folder that stands for / there (`root` lies in it),
  /// so that no declared path leads to a file of this machine. Empty: of this machine.
  std::filesystem::path image;
  std::string name, edition;
  std::string train, val,
      leaderboard;                // data folders as declared; relative ones are relative to `root`
  std::vector<Step> train_steps;  // one without a name, or any number with different ones
  std::optional<Step> reconstruct_step;
  std::map<std::string, std::string> claims;  // score item -> printed digits
  Declared hand_in;

  /// Host path of a declared path: with an `image` always below it.
  std::filesystem::path host(const std::string& declared) const;
  std::filesystem::path state_folder() const { return root / kStateFolder; }
  std::filesystem::path check_folder() const { return state_folder() / "check"; }

  /// Throws kInvalidArgument when writing `target` would destroy what belongs to the submission:
  /// project file, weights, outputs, data, state.
  void expect_free(const std::filesystem::path& target) const;
};

/// Reads DIR/reconproof.toml. kNotFound when there is none ("run `reconproof init`"); kCorrupt with
/// line and key.
Project load_project(const std::filesystem::path& folder);

}  // namespace reconproof::submission
