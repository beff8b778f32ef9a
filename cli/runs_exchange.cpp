// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What changes a history beside running: notes, export, import, merge.
#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/runs.h"
#include "formats/strict_json.h"
#include "submission/runs/circumstances.h"
#include "submission/runs/import.h"
#include "submission/runs/run_json.h"
#include "system/date.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::cli {

namespace fs = std::filesystem;
using submission::History;
using submission::Run;
using system::Code;
using system::ExitCode;
using system::fail;

namespace {

constexpr int64_t kMaxExport = int64_t{1} << 30;
constexpr size_t kMaxNote = 4000;

constexpr CommandHelp kRunsNoteHelp = {
    "reconproof runs note ID [TEXT] [--lesson TEXT] [--tag WORD] [--abandoned]",
    "Adds to a run what you think of it. Nothing that was noted is ever replaced.",
    "reconproof runs note last 'chans 12 needs 7.1 GiB'\n"
    "reconproof runs note 3f2a --lesson 'lr 1e-3 diverges after epoch 4: use 5e-4'\n"
    "reconproof runs note 3f2a --abandoned --lesson 'no better than the small one'"};

constexpr CommandHelp kRunsExportHelp = {
    "reconproof runs export [FILE] [options]",
    "Writes the history as lines of JSON, one run a line, always in the same order: made to be "
    "kept "
    "in git\n"
    "and merged by teammates. Logs stay where they are. Uncommitted changes and command lines are "
    "in "
    "it:\n"
    "look through them before you publish it.",
    "reconproof runs export runs.jsonl\nreconproof runs export | gzip >runs.jsonl.gz"};

constexpr CommandHelp kRunsImportHelp = {
    "reconproof runs import FILE... [options]",
    "Adds runs that were made without us, by what they left: val_loss_log.npy, a log of the "
    "official\n"
    "trainer, a CSV that W&B exported, an event file of TensorBoard. Importing twice changes "
    "nothing.",
    "reconproof runs import ../result/test_Varnet/val_loss_log.npy train.log\n"
    "reconproof runs import wandb_export.csv runs/events.out.tfevents.*"};

constexpr CommandHelp kRunsMergeHelp = {
    "reconproof runs merge FILE [options]",
    "Adds a teammate's export to this history. All runs and all notes of both are kept; of one run "
    "that\n"
    "both have, what was written later. In either order the result is the same.",
    "reconproof runs merge teammate.jsonl"};

void note(History& history, const std::string& id, const char* kind, const std::string& text) {
  if (text.size() > kMaxNote)
    fail(Code::kInvalidArgument, "runs note: {} bytes, expected {} at most", text.size(), kMaxNote);
  history.add_note(id, {submission::random_id(), kind, submission::utf8_text(text),
                        submission::author_here(), system::now_us()});
}

void tell(const po::variables_map& values, const char* schema, int64_t read, int64_t added) {
  if (!values.count("json")) {
    fmt::print("{} runs read, {} of them new or changed here\n", read, added);
    return;
  }
  const nlohmann::json result = {
      {"schema", schema}, {"schema_version", 1}, {"read", read}, {"added", added}};
  fmt::print("{}", formats::canonical_json(result));
}

fs::path root_of(const std::string& project) {
  return project.empty() ? submission::history_root(".") : fs::path(project);
}

}  // namespace

ExitCode run_runs_note(int argc, char** argv) {
  std::string project, beginning, text, lesson, tag;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("id", po::value(&beginning)->required(),
                            "first digits of its id, or last")("text", po::value(&text), "a note")(
      "lesson", po::value(&lesson), "what it taught, in a line: `runs list` shows it")(
      "tag", po::value(&tag), "a word to find it by")("abandoned", "it was given up");
  po::positional_options_description positional;
  positional.add("id", 1).add("text", 1);
  const auto values = parse_options(argc, argv, kRunsNoteHelp, description, positional);
  if (!values) return ExitCode::kPass;
  if (text.empty() && lesson.empty() && tag.empty() && !values->count("abandoned"))
    fail(Code::kUsage,
         "runs note: nothing to note; expected a text, --lesson, --tag or --abandoned");
  const auto history = open_history(project);
  const std::string id = history->find(beginning);
  if (values->count("abandoned")) {
    Run run = history->load(id);
    if (run.outcome == submission::Outcome::kRunning && history->lives(id).value_or(false))
      fail(Code::kInvalidArgument, "runs note: {} still runs; stop it first",
           submission::short_id(id));
    run.outcome = submission::Outcome::kAbandoned;
    run.updated_us = std::max(run.updated_us + 1, system::now_us());
    history->update(run);
  }
  if (!text.empty()) note(*history, id, "note", text);
  if (!lesson.empty()) note(*history, id, "lesson", lesson);
  if (!tag.empty()) note(*history, id, "tag", tag);
  return ExitCode::kPass;
}

ExitCode run_runs_export(int argc, char** argv) {
  std::string project, output;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("file", po::value(&output), "file to write (default: standard output)");
  po::positional_options_description positional;
  positional.add("file", 1);
  const auto values = parse_options(argc, argv, kRunsExportHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const auto history = open_history(project);
  std::optional<system::AtomicFile> file;
  if (!output.empty()) file.emplace(output);
  for (const std::string& id : history->ids()) {
    const std::string line = submission::run_line(history->load(id)) + "\n";
    if (file)
      file->write(line);
    else
      std::fwrite(line.data(), 1, line.size(), stdout);
  }
  if (file) file->commit();
  return ExitCode::kPass;
}

ExitCode run_runs_import(int argc, char** argv) {
  std::string project;
  std::vector<std::string> files;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("file", po::value(&files)->required(), "what a training left")(
      "json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("file", -1);
  const auto values = parse_options(argc, argv, kRunsImportHelp, description, positional);
  if (!values) return ExitCode::kPass;
  std::vector<Run> runs;
  for (const std::string& file : files) {
    for (Run& run : submission::import_runs(file)) runs.push_back(std::move(run));
  }
  History history(root_of(project), History::Mode::kCreate);
  tell(*values, "reconproof.runs-import", std::ssize(runs), history.merge(runs));
  return ExitCode::kPass;
}

ExitCode run_runs_merge(int argc, char** argv) {
  std::string project, file;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("file", po::value(&file)->required(), "what `runs export` wrote")(
      "json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("file", 1);
  const auto values = parse_options(argc, argv, kRunsMergeHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const std::string text = system::read_file(file, kMaxExport);
  if (text.starts_with("SQLite format 3"))
    fail(Code::kCorrupt, "{}: is a history itself; `reconproof runs export` there makes the file",
         system::printable(file));
  const std::vector<Run> runs = submission::parse_run_lines(text, file);
  History history(root_of(project), History::Mode::kCreate);
  history.settle();
  tell(*values, "reconproof.runs-merge", std::ssize(runs), history.merge(runs));
  return ExitCode::kPass;
}

}  // namespace reconproof::cli
