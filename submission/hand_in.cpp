// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/hand_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats/torch_checkpoint.h"
#include "submission/bundle/git.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace fs = std::filesystem;
using challenge::Finding;
using challenge::Status;
using system::Code;
using system::fail;

namespace {

constexpr std::string_view kRulePrefix = "hand-in.";
constexpr const char* kWeightsFolder = "data/weights/";

/// Things that are there when a file of the bundle's has such a path.
struct Thing {
  std::string_view rule_id;
  std::array<std::string_view, 2> prefixes;
  const char* absent;
};
constexpr Thing kThings[] = {
    {"hand-in.readme", {"data/code/README", "data/code/readme"}, "there is no README"},
    {"hand-in.loss-record",
     {"data/logs/", "data/attachments/loss-record/"},
     "there is neither a log of the loss nor a graph of it"},
    {"hand-in.slides", {"data/attachments/slides/", ""}, "no slides are declared"},
    {"hand-in.video", {"data/attachments/video/", ""}, "no video is declared"},
};

bool begins_with(const std::string& path, std::string_view prefix) {
  return !prefix.empty() && path.starts_with(prefix);
}

class Files {
 public:
  explicit Files(const Project& project) : project_(project) {}

  ExtraFiles all() {
    const auto& declared = project_.hand_in;
    attach("slides", declared.slides);
    attach("video", declared.video);
    attach("loss-record", declared.loss_record);
    for (const std::string& file : declared.attachments) attach("other", file);
    for (const std::string& file : declared.logs) declare("data/logs/", file);
    if (project_.reconstruct_step && !project_.reconstruct_step->weights.empty())
      find_logs("data/logs/", {beside(project_.reconstruct_step->weights)});
    for (const Step& training : project_.train_steps) logs_of(training);
    return std::move(files_);
  }

 private:
  void attach(const std::string& kind, const std::string& declared) {
    if (!declared.empty()) declare("data/attachments/" + kind + "/", declared);
  }

  void declare(const std::string& folder, const std::string& declared) {
    const fs::path file = project_.host(declared);
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return add(folder, file);
    files_.missing.push_back(
        fmt::format("{}: no such file, which [hand_in] of {} declares; make it, or take it out",
                    system::printable(file.string()), kProjectFile));
  }

  void add(const std::string& folder, const fs::path& file) {
    const auto [place, is_new] = files_.found.emplace(folder + file.filename().string(), file);
    if (is_new || place->second == file) return;
    fail(Code::kUnsupported, "{}: would be packed as {}, like {}; rename one of them",
         system::printable(file.string()), system::printable(place->first),
         system::printable(place->second.string()));
  }

  fs::path beside(const std::string& weights) const { return project_.host(weights).parent_path(); }

  /// The trainer's own records, which it writes beside the checkpoints or one folder up.
  void find_logs(const std::string& name, const std::vector<fs::path>& folders) {
    for (const char* file : {"ledger.jsonl", "val_loss_log.npy"}) {
      for (const fs::path& folder : folders) {
        for (const fs::path& place : {folder / file, folder.parent_path() / file}) {
          std::error_code ignored;
          if (!files_.found.contains(name + file) && fs::is_regular_file(place, ignored))
            files_.found[name + file] = place;
        }
      }
    }
  }

  void logs_of(const Step& training) {
    const std::string name = "data/logs/" + (training.name.empty() ? "" : training.name + "/");
    std::vector<fs::path> folders;
    if (!training.ledger.empty()) {
      const fs::path ledger = project_.host(training.ledger);
      std::error_code ignored;
      if (fs::is_regular_file(ledger, ignored)) files_.found[name + "ledger.jsonl"] = ledger;
      folders.push_back(ledger.parent_path());
    }
    if (!training.weights.empty()) folders.push_back(beside(training.weights));
    if (!training.outputs.empty()) folders.push_back(project_.host(training.outputs));
    find_logs(name, folders);
  }

  const Project& project_;
  ExtraFiles files_;
};

Finding judged(const challenge::Edition& edition, const challenge::Rule& rule, Status status,
               std::string message, std::vector<std::string> evidence = {}) {
  Finding finding = challenge::make_finding(edition, rule, status, std::move(message));
  finding.evidence = std::move(evidence);
  return finding;
}

Finding judge_repository(const challenge::Edition& edition, const challenge::Rule& rule,
                         const HandIn& hand_in) {
  if (!hand_in.unknown_revision.empty())
    return judged(edition, rule, Status::kInconclusive, hand_in.unknown_revision);
  if (!hand_in.commit)
    return judged(edition, rule, Status::kFail, "the code is in no git repository");
  if (hand_in.commit->empty())
    return judged(edition, rule, Status::kFail, "nothing is committed yet");
  if (!hand_in.changed.empty()) {
    return judged(edition, rule, Status::kFail,
                  fmt::format("{} file{} differ from commit {}", hand_in.changed.size(),
                              hand_in.changed.size() == 1 ? "" : "s", *hand_in.commit),
                  hand_in.changed);
  }
  return judged(edition, rule, Status::kPass, "the code is commit " + *hand_in.commit);
}

Finding judge_weights(const challenge::Edition& edition, const challenge::Rule& rule,
                      const HandIn& hand_in) {
  std::vector<std::string> files, opaque;
  for (const std::string& path : hand_in.paths)
    if (path.starts_with(kWeightsFolder)) files.push_back(path);
  if (files.empty()) return judged(edition, rule, Status::kFail, "there are no weights");
  for (const auto& [path, reason] : hand_in.opaque) opaque.push_back(path + ": " + reason);
  if (opaque.empty()) {
    return judged(edition, rule, Status::kPass,
                  "the weights are there, and read without executing anything", files);
  }
  return judged(edition, rule, Status::kFail,
                "weights that cannot be read without executing them: they are packed as they are, "
                "and only ever loaded inside a sandbox",
                opaque);
}

}  // namespace

ExtraFiles logs_and_attachments(const Project& project) { return Files(project).all(); }

std::map<std::string, fs::path> weight_files(const Project& project) {
  std::map<std::string, fs::path> files;
  fs::path loaded;
  std::error_code ignored;
  if (project.reconstruct_step && !project.reconstruct_step->weights.empty()) {
    loaded = project.host(project.reconstruct_step->weights);
    files[kWeightsFolder + loaded.filename().string()] = loaded;
  }
  for (const Step& training : project.train_steps) {
    if (training.weights.empty()) continue;
    const fs::path file = project.host(training.weights);
    if (!fs::is_regular_file(file, ignored) || fs::equivalent(file, loaded, ignored)) continue;
    files[fmt::format("{}training/{}{}", kWeightsFolder,
                      training.name.empty() ? "" : training.name + "/", file.filename().string())] =
        file;
  }
  return files;
}

std::string opaque_reason(const fs::path& weights) {
  try {
    formats::open_tensor_file(weights);
    return "";
  } catch (const system::Error& error) {
    if (error.code() == Code::kNotFound || error.code() == Code::kIo) throw;
    return without_folder(error.what(), weights);
  }
}

std::string without_folder(const std::string& message, const fs::path& file) {
  std::string text = message;
  const std::string path = file.string(), name = file.filename().string();
  for (size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + name.size()))
    text.replace(at, path.size(), name);
  return text;
}

HandIn hand_in_of(const Project& project) {
  HandIn hand_in;
  for (const fs::path& entry : system::sorted_entries(project.root))
    hand_in.paths.insert("data/code/" + entry.filename().string());
  for (const auto& [name, file] : weight_files(project)) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) continue;
    hand_in.paths.insert(name);
    if (const std::string reason = opaque_reason(file); !reason.empty())
      hand_in.opaque[name] = reason;
  }
  ExtraFiles extra = logs_and_attachments(project);
  for (const auto& [name, file] : extra.found) hand_in.paths.insert(name);
  hand_in.missing = std::move(extra.missing);
  try {
    if (const std::optional<GitState> git = git_state(project.root)) {
      hand_in.commit = git->commit;
      hand_in.changed = git->changed;
    }
  } catch (const system::Error& error) {
    hand_in.unknown_revision = error.what();
  }
  return hand_in;
}

Finding judge_hand_in(const challenge::Edition& edition, const challenge::Rule& rule,
                      const HandIn& hand_in) {
  if (rule.id == "hand-in.repository") return judge_repository(edition, rule, hand_in);
  if (rule.id == "hand-in.weights") return judge_weights(edition, rule, hand_in);
  for (const Thing& thing : kThings) {
    if (rule.id != thing.rule_id) continue;
    const auto found = std::ranges::find_if(hand_in.paths, [&](const std::string& path) {
      return std::ranges::any_of(thing.prefixes,
                                 [&](auto prefix) { return begins_with(path, prefix); });
    });
    if (found == hand_in.paths.end())
      return judged(edition, rule, Status::kFail, thing.absent, hand_in.missing);
    return judged(edition, rule, Status::kPass, "there: " + system::printable(*found));
  }
  return judged(edition, rule, Status::kInconclusive,
                "this version of reconproof does not know what is asked for");
}

bool is_hand_in_rule(const std::string& rule_id) { return rule_id.starts_with(kRulePrefix); }

}  // namespace reconproof::submission
