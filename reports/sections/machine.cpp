// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Where the check ran, and what exactly it looked at.
#include <algorithm>
#include <array>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

using BuildFacts = std::vector<std::pair<std::string, std::string>>;

/// What identifies the program first; the file lists its keys by the alphabet.
BuildFacts ordered_build(const CheckRecord& check) {
  constexpr std::array<std::string_view, 5> kFirst = {"version", "revision", "dirty",
                                                      "source_sha256", "rules_sha256"};
  BuildFacts build = check.build;
  std::ranges::stable_sort(build, {},
                           [&](const auto& fact) { return std::ranges::find(kFirst, fact.first); });
  return build;
}

void add_build(Section& section, const Report& report, const Texts& texts) {
  FactLines facts;
  for (const auto& [key, value] : ordered_build(report.check)) {
    const auto name = texts.all().find("build_" + key);
    const bool is_code = key == "revision" || key.ends_with("_sha256");
    const bool is_boolean = value == "true" || value == "false";
    facts.add(name == texts.all().end() ? shown(key) : name->second,
              is_boolean ? texts(value == "true" ? "yes" : "no") : shown(value), is_code);
  }
  facts.close(section, texts("build_caption"));
}

void add_reconstructions(Section& section, const Report& report, const Texts& texts) {
  if (report.reconstructions.empty()) return;
  Table table{texts(report.bundle             ? "hashes_recon_caption_bundle"
                    : report.recon_from_check ? "hashes_recon_caption_check"
                                              : "hashes_recon_caption_outputs"),
              {{texts("hashes_file")}, {texts("hashes_size"), true}, {texts("hashes_sha256")}},
              {}};
  for (const FileHash& file : report.reconstructions) {
    const bool is_link = file.sha256.empty();
    table.rows.push_back({{shown(file.path)},
                          {is_link ? "–" : bytes_text(file.bytes)},
                          {is_link ? texts("hashes_link") : file.sha256, "", !is_link}});
  }
  section.blocks.push_back(std::move(table));
}

}  // namespace

Section environment_section(const Report& report, const Texts& texts) {
  Section section = begin_section("environment", texts);
  const Environment& environment = report.check.environment;
  FactLines facts;
  facts.add(texts("environment_os"), shown(environment.os));
  facts.add(texts("environment_kernel"), shown(environment.kernel));
  facts.add(texts("environment_cpu"), shown(environment.cpu));
  if (environment.threads)
    facts.add(texts("environment_threads"), number_text(*environment.threads));
  if (environment.memory_bytes)
    facts.add(texts("environment_memory"), bytes_text(*environment.memory_bytes));
  if (!facts.empty()) {
    const std::string gpus = listed(environment.gpus);
    facts.add(texts("environment_gpus"), gpus.empty() ? texts("environment_no_gpu") : gpus);
  }
  facts.add(texts("environment_gpu_driver"), shown(environment.gpu_driver));
  facts.add(texts("environment_container"), shown(environment.container));
  facts.add(texts("environment_python"), shown(environment.python));
  facts.add(texts("environment_packages"), listed(environment.packages));
  const std::string& reason = environment.sandbox_reason;
  facts.add(texts("environment_sandbox"),
            shown(environment.sandbox_state + (reason.empty() ? "" : ": " + reason)));
  if (facts.empty()) add_note(section, texts("environment_none"));
  facts.close(section, texts("environment_caption"));
  return section;
}

Section hashes_section(const Report& report, const Texts& texts) {
  Section section = begin_section("hashes", texts);
  FactLines facts;
  if (const std::optional<WeightsRecord>& weights = report.check.weights) {
    const std::string size = weights->bytes ? " (" + bytes_text(*weights->bytes) + ")" : "";
    facts.add(texts("hashes_weights"), shown(weights->path) + size);
    facts.add(texts("hashes_weights") + ", " + texts("hashes_sha256"), shown(weights->sha256),
              true);
  } else {
    add_note(section, texts("hashes_no_weights"));
  }
  facts.add(texts("hashes_ruleset"), shown(report.check.ruleset), true);
  if (report.check.ruleset != report.edition.ruleset())
    add_note(section, texts.fill("hashes_other_rules", {{"here", report.edition.ruleset()}}));
  if (report.reconstructions.empty()) add_note(section, texts("hashes_no_recon"));
  facts.close(section, texts("hashes_caption"));
  add_build(section, report, texts);
  add_reconstructions(section, report, texts);
  return section;
}

}  // namespace reconproof::reports
