// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `reconproof rules list|show|diff`: what the rules are, where each is written, what changed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "challenge/edition_diff.h"
#include "challenge/edition_view.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

using challenge::Edition;
using challenge::EditionDiff;
using challenge::Fact;
using challenge::FactChange;
using challenge::Rule;
using nlohmann::json;
using system::Code;
using system::ExitCode;
using system::fail;
using system::printable;

constexpr CommandHelp kListHelp = {
    "reconproof rules list [--edition E | --rules FILE] [--lang en|ko] [--json]",
    "Lists the editions and which rule holds in which; or the facts and rules of one edition, or\n"
    "of a rule file of your own.",
    "reconproof rules list\n"
    "reconproof rules list --edition snu-2025 --lang ko\n"
    "reconproof rules list --rules my.toml --json"};

constexpr CommandHelp kShowHelp = {
    "reconproof rules show ID [--edition E | --rules FILE] [--lang en|ko] [--json]",
    "Shows one rule: what it demands, its limit, what to do when it is broken, where it is "
    "written\n"
    "and how sure that is. Without an edition: in every edition that has it, with what differs\n"
    "from the one before.",
    "reconproof rules show time.total --edition snu-2025\n"
    "reconproof rules show data.overlap --lang ko"};

constexpr CommandHelp kDiffHelp = {
    "reconproof rules diff A B [--json]",
    "Says what a team must watch when it moves from edition A to edition B: facts that change\n"
    "(cells, anatomies, thresholds, metric, counts, print), and rules that are new, gone or\n"
    "changed. A and B are editions or rule files. Exit 0 whether they differ or not.",
    "reconproof rules diff snu-2025 snu-2026\n"
    "reconproof rules diff snu-2026 my.toml --json"};

constexpr const char* kUsage =
    "Usage: reconproof rules <list|show|diff> [options]\n\n"
    "What the rules are, where each is written, and what changed between editions.\n\n"
    "  list   the editions, or the facts and rules of one\n"
    "  show   one rule, with everything that is known about it\n"
    "  diff   what a team must watch when it moves from one edition to another\n\n"
    "`reconproof rules show --help` shows options and examples.\n";

/// A sentence in both languages of the rule files.
struct Words {
  const char *en, *ko;
  const char* in(const std::string& lang) const { return lang == "ko" ? ko : en; }
};

constexpr Words kDemand = {"Demand", "요구 사항"}, kLimit = {"Limit", "제한"},
                kSeverity = {"Severity", "심각도"}, kRemediation = {"What to do", "조치"},
                kSource = {"Source", "출처"}, kCertainty = {"Certainty", "확실성"},
                kFacts = {"Facts", "기본 사항"}, kRules = {"Rules", "규칙"},
                kStated = {"its source says so", "출처에 명시되어 있습니다"},
                kDerived = {"follows from its source", "출처에서 도출한 내용입니다"},
                kUncertain = {"second-hand or contradictory: ask the organisers",
                              "간접적이거나 서로 어긋나는 정보이므로 주최 측에 확인해야 합니다"},
                kSame = {"Unchanged", "같은 항목"};

const Words& certainty_words(const std::string& certainty) {
  return certainty == "stated" ? kStated : certainty == "derived" ? kDerived : kUncertain;
}

std::vector<Edition> all_editions() {
  std::vector<Edition> editions;
  for (const std::string& id : challenge::edition_ids())
    editions.push_back(challenge::find_edition(id));
  return editions;
}

std::string rule_ids(const std::vector<Edition>& editions) {
  std::vector<std::string> ids;
  for (const Edition& edition : editions) {
    for (const Rule& rule : edition.rules)
      if (std::ranges::find(ids, rule.id) == ids.end()) ids.push_back(rule.id);
  }
  return fmt::format("{}", fmt::join(ids, ", "));
}

/// --edition, --rules and --lang as `list` and `show` have them.
struct Choice {
  std::string edition, rules, lang = "en";

  void add_to(po::options_description& description) {
    auto add = description.add_options();
    add("edition", po::value(&edition), "edition of the challenge, such as snu-2025");
    add("rules", po::value(&rules), "instead: a rule file of your own (docs/formats/edition.md)");
    add("lang", po::value(&lang)->default_value("en"), "language of the rules: en or ko");
    add("json", "print the result as JSON (docs/formats/edition.md)");
  }

  /// The chosen edition, or all.
  std::vector<Edition> editions(const char* command) const {
    if (lang != "en" && lang != "ko")
      fail(Code::kUsage, "{}: --lang '{}': expected en or ko", command, printable(lang));
    if (!edition.empty() && !rules.empty())
      fail(Code::kUsage, "{}: give --edition or --rules, not both", command);
    if (!rules.empty()) return {challenge::read_edition(rules)};
    if (!edition.empty()) return {challenge::find_edition(edition)};
    return all_editions();
  }
};

void print_json(json document, const char* schema) {
  document["schema"] = schema;
  document["schema_version"] = 1;
  fmt::print("{}", formats::canonical_json(document));
}

/// A fact's text, one line or a block below its label.
void print_fact(const std::string& label, const std::string& text) {
  if (text.find('\n') == std::string::npos) {
    fmt::print("  {:<18} {}\n", printable(label), printable(text));
    return;
  }
  fmt::print("  {}\n", printable(label));
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    fmt::print("    | {}\n", printable(text.substr(start, end - start)));
    start = end + 1;
  }
}

void print_title(const Edition& edition) {
  fmt::print("{}: {}, version {} ({})\n", edition.id, printable(edition.title), edition.version,
             edition.ruleset());
}

// ---- list ----

void print_edition(const Edition& edition, const std::string& lang) {
  print_title(edition);
  fmt::print("\n{}\n", kFacts.in(lang));
  for (const Fact& fact : challenge::edition_facts(edition)) print_fact(fact.label, fact.text);
  fmt::print("\n{}\n", kRules.in(lang));
  for (const Rule& rule : edition.rules) {
    const std::string limit = rule.limit ? " [" + challenge::limit_text(rule) + "]" : "";
    fmt::print("  {:<8} {:<21} {}{}\n", challenge::severity_text(rule.severity), rule.id,
               printable(lang == "ko" ? rule.text_ko : rule.text), printable(limit));
  }
}

void print_overview(const std::vector<Edition>& editions) {
  std::vector<std::string> rules;
  for (const Edition& edition : editions) {
    fmt::print("  {:<10} {:<32} {:>2} rules   {}\n", edition.id, edition.title,
               edition.rules.size(), edition.ruleset());
    for (const Rule& rule : edition.rules)
      if (std::ranges::find(rules, rule.id) == rules.end()) rules.push_back(rule.id);
  }
  fmt::print("\n");
  for (const std::string& id : rules) {
    std::vector<std::string> having;
    for (const Edition& edition : editions)
      if (edition.find_rule(id)) having.push_back(edition.id);
    fmt::print("  {:<21} {}\n", id,
               having.size() == editions.size() ? "every edition"
                                                : fmt::format("{}", fmt::join(having, ", ")));
  }
  fmt::print("\n`reconproof rules list --edition E` and `reconproof rules show ID` say more.\n");
}

ExitCode run_list(int argc, char** argv) {
  Choice choice;
  po::options_description description("Options");
  choice.add_to(description);
  const auto values = parse_options(argc, argv, kListHelp, description);
  if (!values) return ExitCode::kPass;
  const std::vector<Edition> editions = choice.editions(argv[0]);
  if (values->count("json")) {
    json list = json::array();
    for (const Edition& edition : editions) list.push_back(challenge::to_json(edition));
    print_json({{"editions", list}}, "reconproof.rules");
  } else if (choice.edition.empty() && choice.rules.empty()) {
    print_overview(editions);
  } else {
    print_edition(editions.front(), choice.lang);
  }
  return ExitCode::kPass;
}

// ---- show ----

struct Field {
  const Words& label;
  std::string text;
};

std::vector<Field> fields_of(const Rule& rule, const std::string& lang) {
  const bool korean = lang == "ko";
  return {{kDemand, korean ? rule.text_ko : rule.text},
          {kLimit, challenge::limit_text(rule)},
          {kSeverity, challenge::severity_text(rule.severity)},
          {kRemediation, korean ? rule.remediation_ko : rule.remediation},
          {kSource, rule.source},
          {kCertainty, rule.certainty + ": " + certainty_words(rule.certainty).in(lang)}};
}

/// Everything about a rule; of a later edition only what is not as in the one before.
void print_rule(const Edition& edition, const Rule& rule, const Edition* before,
                const std::string& lang) {
  fmt::print("{}, {} ({})\n", rule.id, edition.id, edition.ruleset());
  const Rule* earlier = before ? before->find_rule(rule.id) : nullptr;
  const std::vector<Field> fields = fields_of(rule, lang);
  const std::vector<Field> old = earlier ? fields_of(*earlier, lang) : std::vector<Field>();
  std::vector<std::string> same;
  for (size_t i = 0; i < fields.size(); ++i) {
    const char* label = fields[i].label.in(lang);
    if (earlier && fields[i].text == old[i].text) {
      if (!fields[i].text.empty()) same.emplace_back(label);
    } else {
      fmt::print("  {}: {}\n", label, fields[i].text.empty() ? "-" : printable(fields[i].text));
    }
  }
  if (!same.empty())
    fmt::print("  {} ({}): {}\n", kSame.in(lang), before->id, fmt::join(same, ", "));
}

void print_shown(const std::vector<Edition>& editions, const std::string& id,
                 const std::string& lang) {
  const Edition* before = nullptr;
  std::vector<std::string> without;
  for (const Edition& edition : editions) {
    const Rule* rule = edition.find_rule(id);
    if (!rule) {
      without.push_back(edition.id);
      continue;
    }
    if (before) fmt::print("\n");
    print_rule(edition, *rule, before, lang);
    before = &edition;
  }
  if (!without.empty()) fmt::print("\nNot in {}\n", fmt::join(without, ", "));
}

ExitCode run_show(int argc, char** argv) {
  Choice choice;
  std::string id;
  po::options_description description("Options");
  description.add_options()("id", po::value(&id)->required()->value_name("ID"),
                            "the rule, such as time.total");
  choice.add_to(description);
  po::positional_options_description positional;
  positional.add("id", 1);
  const auto values = parse_options(argc, argv, kShowHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const std::vector<Edition> editions = choice.editions(argv[0]);
  json shown = json::array();
  for (const Edition& edition : editions) {
    if (const Rule* rule = edition.find_rule(id)) {
      json entry = challenge::edition_identity(edition);
      entry["rule"] = challenge::to_json(*rule);
      shown.push_back(entry);
    }
  }
  if (shown.empty()) {
    fail(Code::kUsage, "{}: unknown rule '{}'; {} has: {}", argv[0], printable(id),
         editions.size() == 1 ? editions.front().id : "this version", rule_ids(editions));
  }
  if (values->count("json")) {
    print_json({{"editions", shown}}, "reconproof.rule");
  } else {
    print_shown(editions, id, choice.lang);
  }
  return ExitCode::kPass;
}

// ---- diff ----

/// An edition by id, or a rule file by its path.
Edition edition_or_file(const std::string& name) {
  const std::vector<std::string> known = challenge::edition_ids();
  if (std::ranges::find(known, name) != known.end()) return challenge::find_edition(name);
  if (name.ends_with(".toml") || name.find('/') != std::string::npos)
    return challenge::read_edition(name);
  fail(Code::kUsage, "rules diff: '{}' is neither a rule file (.toml) nor an edition; known are {}",
       printable(name), fmt::join(known, ", "));
}

void print_change(const FactChange& change) {
  const Fact& fact = change.any();
  if (!change.before || !change.after) {
    print_fact((change.after ? "+ " : "- ") + fact.label, fact.text);
    return;
  }
  const std::string &before = change.before->text, &after = change.after->text;
  if (before.find('\n') == std::string::npos && after.find('\n') == std::string::npos) {
    print_fact("  " + fact.label, before + " -> " + after);
    return;
  }
  if (!change.before->value.is_null()) print_fact("- " + fact.label, before);
  if (!change.after->value.is_null()) print_fact("+ " + fact.label, after);
}

void print_rules(const char* heading, const std::vector<Rule>& rules) {
  if (rules.empty()) return;
  fmt::print("\n{}\n", heading);
  for (const Rule& rule : rules) {
    fmt::print("  {:<8} {:<21} {}\n", challenge::severity_text(rule.severity), rule.id,
               printable(rule.text));
    fmt::print("{:33}Source: {}\n", "", printable(rule.source));
  }
}

void print_changed(const EditionDiff& diff) {
  if (diff.changed.empty()) return;
  fmt::print("\nRules that change\n");
  for (const challenge::RuleChange& change : diff.changed) {
    fmt::print("  {}\n", change.id);
    for (const challenge::FieldChange& field : change.fields) {
      const auto shown = [](const std::string& text) {
        return text.empty() ? std::string("none") : printable(text);
      };
      if (field.field == "text") {
        fmt::print("    - {}\n    + {}\n", shown(field.before), shown(field.after));
      } else {
        fmt::print("    {}: {} -> {}\n", field.field, shown(field.before), shown(field.after));
      }
    }
  }
}

void print_diff(const EditionDiff& diff, const Edition& from, const Edition& to) {
  fmt::print("From ");
  print_title(from);
  fmt::print("To   ");
  print_title(to);
  if (diff.empty()) fmt::print("\nNothing that a team must watch changes.\n");
  if (!diff.facts.empty()) fmt::print("\nFacts that change\n");
  for (const FactChange& change : diff.facts) print_change(change);
  print_rules("Rules that are new", diff.added);
  print_rules("Rules that are gone", diff.dropped);
  print_changed(diff);
  if (!diff.unchanged.empty())
    fmt::print("\nRules that stay: {}\n", fmt::join(diff.unchanged, ", "));
}

ExitCode run_diff(int argc, char** argv) {
  std::string from_name, to_name;
  po::options_description description("Options");
  auto add = description.add_options();
  add("from", po::value(&from_name)->required()->value_name("A"), "edition or rule file");
  add("to", po::value(&to_name)->required()->value_name("B"), "edition or rule file");
  add("json", "print the result as JSON (docs/formats/edition.md)");
  po::positional_options_description positional;
  positional.add("from", 1).add("to", 1);
  const auto values = parse_options(argc, argv, kDiffHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const Edition from = edition_or_file(from_name), to = edition_or_file(to_name);
  const EditionDiff diff = challenge::diff_editions(from, to);
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json(challenge::to_json(diff, from, to)));
  } else {
    print_diff(diff, from, to);
  }
  return ExitCode::kPass;
}

}  // namespace

ExitCode run_rules(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "--help" || command == "-h") {
    fmt::print("{}", kUsage);
    return ExitCode::kPass;
  }
  using Subcommand = ExitCode (*)(int, char**);
  const Subcommand run = command == "list"   ? run_list
                         : command == "show" ? run_show
                         : command == "diff" ? run_diff
                                             : nullptr;
  if (!run) {
    fail(Code::kUsage, "rules: {}; expected list, show or diff, see `reconproof rules --help`",
         command.empty() ? "no subcommand"
                         : fmt::format("unknown subcommand '{}'", printable(command)));
  }
  // The subcommand's parser names itself by its argv[0].
  std::string name = "rules " + std::string(command);
  std::vector<char*> arguments(argv + 1, argv + argc);
  arguments[0] = name.data();
  arguments.push_back(nullptr);
  return run(argc - 1, arguments.data());
}

}  // namespace reconproof::cli
