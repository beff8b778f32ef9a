// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What organisers ask to be handed in (rules `hand-in.*`), and whether it is there: in a project
// before it is packed, and in the bundle afterwards.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "challenge/finding.h"
#include "submission/project.h"

namespace reconproof::submission {

/// Logs and attachments of a project.
struct ExtraFiles {
  /// As they stand in its bundle: "data/logs/val_loss_log.npy",
  /// "data/attachments/slides/talk.pptx" -> file.
  std::map<std::string, std::filesystem::path> found;
  std::vector<std::string> missing;  // declared and not there: what is to be said of each
};

/// Logs are looked for beside weights and outputs, too. kUnsupported for two files that would have
/// one name.
ExtraFiles logs_and_attachments(const Project& project);

/// The weights of a project as they stand in its bundle: those that the reconstruct command loads
/// as "data/weights/FILE"; those of its trainings, where they are others and there, as
/// "data/weights/training/NAME/FILE".
std::map<std::string, std::filesystem::path> weight_files(const Project& project);

/// Why weights cannot be read without executing anything; empty where they can.
std::string opaque_reason(const std::filesystem::path& weights);

/// An error's message about a file, by the file's name alone: where it lies on this machine is
/// nobody's concern.
std::string without_folder(const std::string& message, const std::filesystem::path& file);

/// What is there of the things that are to be handed in.
struct HandIn {
  std::set<std::string> paths;                // as they stand in the bundle
  std::map<std::string, std::string> opaque;  // of `paths`, weights -> why they are opaque
  std::optional<std::string> commit;          // none: in no git repository
  std::vector<std::string> changed;           // files that differ from the commit
  std::string unknown_revision;               // why git could not tell
  std::vector<std::string> missing;           // declared, and not there
};

/// Of a project that is not packed yet. What is missing is no error.
HandIn hand_in_of(const Project& project);

/// Judges a rule whose id begins with "hand-in.": inconclusive where this version does not know
/// what is asked for.
challenge::Finding judge_hand_in(const challenge::Edition& edition, const challenge::Rule& rule,
                                 const HandIn& hand_in);

/// Whether a rule is one of these.
bool is_hand_in_rule(const std::string& rule_id);

}  // namespace reconproof::submission
