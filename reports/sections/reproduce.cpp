// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How to make the result again, command by command, and what must come out.
#include "reports/sections/sections.h"
#include "submission/detect/shell_words.h"

namespace reconproof::reports {
namespace {

using submission::Step;

void add_commands(Section& section, const std::string& caption, std::vector<std::string> lines) {
  section.blocks.push_back(Commands{caption, std::move(lines)});
}

void add_setup_commands(Section& section, const Report& report, const Texts& texts) {
  std::vector<std::string> lines = {"cd " + shown(report.edition.repository_folder)};
  if (!report.code.commit.empty()) lines.push_back("git checkout " + shown(report.code.commit));
  if (!report.requirements.empty())
    lines.push_back("python3 -m pip install -r " + shown(report.requirements));
  add_commands(section, texts("reproduce_setup"), std::move(lines));
  if (report.requirements.empty()) add_note(section, texts("reproduce_no_requirements"));
}

void add_training_commands(Section& section, const Report& report, const Texts& texts) {
  if (report.declared.train_steps.empty()) return add_note(section, texts("reproduce_no_training"));
  for (const Step& step : report.declared.train_steps) {
    add_commands(section,
                 step.name.empty()
                     ? texts("reproduce_training")
                     : texts.fill("reproduce_training_named", {{"name", shown(step.name)}}),
                 {command_text(step)});
  }
}

void add_reconstruct_command(Section& section, const Report& report, const Texts& texts) {
  if (!report.declared.reconstruct_step)
    return add_note(section, texts("reproduce_no_reconstruction"));
  add_commands(section, texts("reproduce_reconstruction"),
               {command_text(*report.declared.reconstruct_step)});
}

std::string argument_text(const std::string& text) {
  return text.empty() ? "DIR" : shown(submission::shell_word(text));
}

void add_score_command(Section& section, const Report& report, const Texts& texts) {
  const Step* step =
      report.declared.reconstruct_step ? &*report.declared.reconstruct_step : nullptr;
  add_commands(section, texts("reproduce_score"),
               {"reconproof score --edition " + shown(report.edition.id) + " --labels " +
                argument_text(report.declared.leaderboard) + " --recon " +
                argument_text(step ? step->outputs : "")});
}

/// What must come out, as far as it is known.
void add_expected(Section& section, const Report& report, const Texts& texts) {
  FactLines facts;
  if (report.check.score) {
    for (const challenge::ScoreItem& item : report.check.score->items)
      facts.add(item_text(item.name, texts), shown(item.printed));
  }
  if (report.check.weights)
    facts.add(texts("hashes_weights") + ", " + texts("hashes_sha256"),
              shown(report.check.weights->sha256), true);
  if (report.check.run && report.check.run->wall_s)
    facts.add(texts("run_wall"), quantity_text(*report.check.run->wall_s, "s"));
  facts.close(section, texts("reproduce_expected"));
}

}  // namespace

Section reproduce_section(const Report& report, const Texts& texts) {
  Section section = begin_section("reproduce", texts);
  section.blocks.push_back(
      Paragraph{texts.fill("reproduce_intro", {{"edition", shown(report.edition.title)}})});
  add_setup_commands(section, report, texts);
  add_training_commands(section, report, texts);
  add_reconstruct_command(section, report, texts);
  add_score_command(section, report, texts);
  add_commands(section, texts("reproduce_bundle"),
               {"reconproof verify FILE.tar", "reconproof reproduce FILE.tar --data DIR --train"});
  add_expected(section, report, texts);
  return section;
}

}  // namespace reconproof::reports
