// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Who hands in, in which edition, and what vouches for it.
#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

std::string code_text(const CodeRecord& code, const Texts& texts) {
  if (code.commit.empty()) return "";
  const std::string commit = shown(code.commit);
  if (code.changed + code.untracked == 0) return texts.fill("about_commit_clean", {{"id", commit}});
  return texts.fill("about_commit_changed", {{"id", commit},
                                             {"changed", count_text(code.changed)},
                                             {"untracked", count_text(code.untracked)}});
}

/// What a signer says is true only where a named key signed it; the cell says which.
std::vector<Value> signer_cells(const submission::Signer& signer, const Texts& texts) {
  const submission::Attestation& stated = signer.stated;
  const auto role = texts.all().find("about_role_" + stated.role);
  Value state{texts(signer.checked ? "about_signature_checked" : "about_signature_unchecked")};
  state.tone = signer.checked ? Tone::kPass : Tone::kInconclusive;
  const std::string until =
      stated.expires.empty() ? "" : texts.fill("about_expires", {{"day", shown(stated.expires)}});
  return {{role == texts.all().end() ? shown(stated.role) : role->second, until},
          {shown(signer.key_id), "", true},
          text_cell(shown(stated.date), texts),
          text_cell(shown(stated.note), texts),
          std::move(state)};
}

void add_signatures(Section& section, const BundleRecord& bundle, const Texts& texts) {
  if (bundle.signers.empty()) return add_note(section, texts("about_unsigned"));
  if (!bundle.keys_given) add_note(section, texts("about_signatures_unchecked"));
  Table table{texts("about_signatures_caption"),
              {{texts("about_role")},
               {texts("about_key")},
               {texts("about_date")},
               {texts("about_note")},
               {texts("about_signature")}},
              {}};
  for (const submission::Signer& signer : bundle.signers)
    table.rows.push_back(signer_cells(signer, texts));
  section.blocks.push_back(std::move(table));
}

}  // namespace

Section about_section(const Report& report, const Texts& texts) {
  Section section = begin_section("about", texts);
  FactLines facts;
  facts.add(texts("about_project"), shown(report.project));
  facts.add(texts("about_edition"),
            shown(report.edition.title) + " (" + shown(report.edition.id) + ")");
  facts.add(texts("hashes_ruleset"), shown(report.check.ruleset), true);
  facts.add(texts("about_persons"), listed(report.history.persons));
  facts.add(texts("about_commit"), code_text(report.code, texts));
  facts.add(texts("about_only"), listed(report.check.only));
  facts.add(texts("about_skip"), listed(report.check.skip));
  if (report.bundle) {
    facts.add(texts("about_bundle_id"), report.bundle->id, true);
    facts.add(texts("about_bundle_size"),
              texts.fill("about_bundle_files",
                         {{"files", count_text(report.bundle->files)},
                          {"size", bytes_text(static_cast<double>(report.bundle->bytes))}}));
  }
  facts.close(section, texts("about_caption"));
  if (report.code.commit.empty()) add_note(section, texts("about_no_commit"));
  if (report.bundle) {
    if (!report.bundle->checked_by_team) add_note(section, texts("about_unchecked_bundle"));
    add_signatures(section, *report.bundle, texts);
  } else {
    add_note(section, texts("about_no_bundle"));
  }
  return section;
}

}  // namespace reconproof::reports
