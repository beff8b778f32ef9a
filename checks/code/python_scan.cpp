// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <span>

#include "checks/code/code_words.h"
#include "checks/code/python_tokens.h"
#include "checks/code/scan.h"
#include "checks/code/scan_findings.h"

namespace reconproof::checks {
namespace {

using Kind = PythonToken::Kind;
using Tokens = std::span<const PythonToken>;

/// The logical lines of a source.
std::vector<Tokens> statements_of(const std::vector<PythonToken>& tokens) {
  std::vector<Tokens> statements;
  size_t begin = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Kind::kNewline) continue;
    if (i > begin) statements.push_back(Tokens(tokens).subspan(begin, i - begin));
    begin = i + 1;
  }
  if (begin < tokens.size()) statements.push_back(Tokens(tokens).subspan(begin));
  return statements;
}

/// A dotted name from `at` on; `at` moves behind it.
std::string dotted(Tokens tokens, size_t& at) {
  std::string name;
  while (at < tokens.size() && (tokens[at].kind == Kind::kName || tokens[at].is("."))) {
    const bool after_name = !name.empty() && name.back() != '.';
    if (tokens[at].kind == Kind::kName && after_name) break;
    name += tokens[at++].text;
  }
  return name;
}

/// Index of the bracket that closes the one at `open`, or the end.
size_t closing(Tokens tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].is("(") || tokens[i].is("[") || tokens[i].is("{")) ++depth;
    if (tokens[i].is(")") || tokens[i].is("]") || tokens[i].is("}")) --depth;
    if (depth == 0) return i;
  }
  return tokens.size();
}

bool is_assignment(Tokens tokens, size_t at) {
  return at < tokens.size() && tokens[at].is("=") &&
         !(at + 1 < tokens.size() && tokens[at + 1].is("="));
}

/// The first token of a keyword argument's value; null where the call has none.
const PythonToken* keyword(Tokens arguments, std::string_view name) {
  int depth = 0;
  for (size_t i = 0; i + 2 < arguments.size(); ++i) {
    if (arguments[i].is("(") || arguments[i].is("[") || arguments[i].is("{")) ++depth;
    if (arguments[i].is(")") || arguments[i].is("]") || arguments[i].is("}")) --depth;
    if (depth == 0 && arguments[i].is_name(name) && is_assignment(arguments, i + 1))
      return &arguments[i + 2];
  }
  return nullptr;
}

/// Imports of a statement: what a name stands for, and the modules.
struct Imports {
  std::map<std::string, std::string> names;
  std::vector<std::string> modules;

  void add_from(Tokens tokens) {
    size_t at = 1;
    std::string module = dotted(tokens, at);
    if (module.ends_with(".import")) module.resize(module.size() - 6);  // "from . import x"
    modules.push_back(module);
    const std::string prefix = module.empty() || module.ends_with('.') ? module : module + ".";
    while (at < tokens.size()) {
      if (tokens[at].kind != Kind::kName || tokens[at].text == "import") {
        ++at;
        continue;
      }
      const std::string name = tokens[at].text;
      modules.push_back(prefix + name);
      at = bind(tokens, at + 1, name, prefix + name);
    }
  }

  void add_import(Tokens tokens) {
    size_t at = 1;
    while (at < tokens.size()) {
      const std::string module = dotted(tokens, at);
      if (module.empty()) {
        ++at;
        continue;
      }
      modules.push_back(module);
      const bool renamed = at < tokens.size() && tokens[at].is_name("as");
      const std::string first = module.substr(0, module.find('.'));
      at = bind(tokens, at, first, renamed ? module : first);
    }
  }

  void add(Tokens statement) {
    for (size_t i = 0; i < statement.size(); ++i) {
      if (i > 0 && !statement[i - 1].is(":")) continue;  // "try: import x" on one line
      if (statement[i].is_name("from")) add_from(statement.subspan(i));
      if (statement[i].is_name("import")) add_import(statement.subspan(i));
    }
  }

  /// The dotted name with what its first part stands for.
  std::string full(const std::string& name) const {
    const size_t dot = name.find('.');
    const auto known = names.find(name.substr(0, dot));
    if (known == names.end()) return name;
    return known->second + (dot == std::string::npos ? "" : name.substr(dot));
  }

 private:
  size_t bind(Tokens tokens, size_t at, std::string name, std::string meaning) {
    if (at + 1 < tokens.size() && tokens[at].is_name("as")) name = tokens[at + 1].text, at += 2;
    names[std::move(name)] = std::move(meaning);
    return at;
  }
};

class PythonScan {
 public:
  PythonScan(const std::string& file, const CodeRole& role, CodeScan& scan)
      : file_(file), role_(role), scan_(scan) {}

  void run(std::string_view source) {
    const std::vector<PythonToken> tokens = python_tokens(source);
    const std::vector<Tokens> statements = statements_of(tokens);
    for (const Tokens& statement : statements) imports_.add(statement);
    for (const Tokens& statement : statements) look_at(statement);
  }

 private:
  void found(const char* kind, const PythonToken& where, const std::string& what) {
    add_finding(scan_, {kind, file_, where.line, what});
  }

  void look_at(Tokens statement) {
    if (statement[0].is_name("import") || statement[0].is_name("from")) return;
    const bool docstring = std::ranges::all_of(
        statement, [](const PythonToken& t) { return t.kind == Kind::kString; });
    if (docstring) return;
    remember(statement);
    for (size_t i = 0; i < statement.size(); ++i) {
      const PythonToken& token = statement[i];
      if (token.kind == Kind::kString) text(statement, i);
      if (token.is_name("if") || token.is_name("elif") || token.is_name("while"))
        condition(statement, i);
      const bool inside = i > 0 && statement[i - 1].is(".");
      if (token.kind == Kind::kName && (!inside || !begins_chain(statement, i)))
        name(statement, i, inside);
    }
  }

  /// Whether the dots before `at` belong to a chain that has been looked at.
  static bool begins_chain(Tokens statement, size_t at) {
    return at >= 2 && statement[at - 2].kind == Kind::kName;
  }

  /// Calls in a part of a statement, by their full names.
  template <typename Tells>
  bool calls(Tokens tokens, Tells tells) const {
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind != Kind::kName || (i > 0 && tokens[i - 1].is("."))) continue;
      size_t end = i;
      if (tells(imports_.full(dotted(tokens, end))) && end < tokens.size() && tokens[end].is("("))
        return true;
    }
    return false;
  }

  static bool has(Tokens tokens, const char* op) {
    return std::ranges::any_of(tokens, [&](const PythonToken& t) { return t.is(op); });
  }

  /// `now = datetime.now()`: a name that holds the time. A difference of two is a duration.
  void remember(Tokens statement) {
    if (statement.size() < 3 || statement[0].kind != Kind::kName || !is_assignment(statement, 1))
      return;
    const Tokens value = statement.subspan(2);
    if (!has(value, "-") && calls(value, tells_time)) times_.insert(statement[0].text);
    if (calls(value, tells_host)) hosts_.insert(statement[0].text);
  }

  static bool has_any(Tokens tokens, const std::set<std::string>& names) {
    return std::ranges::any_of(tokens, [&](const PythonToken& t) {
      return t.kind == Kind::kName && names.contains(t.text);
    });
  }

  static Tokens condition_of(Tokens statement, size_t keyword_at) {
    const size_t begin = keyword_at + 1;
    int depth = 0;
    size_t end = begin;
    for (; end < statement.size(); ++end) {
      const PythonToken& t = statement[end];
      if (t.is("(") || t.is("[") || t.is("{")) ++depth;
      if ((t.is(")") || t.is("]") || t.is("}")) && --depth < 0) break;
      if (depth == 0 && (t.is(":") || t.is_name("else") || t.is_name("for"))) break;
    }
    return statement.subspan(begin, end - begin);
  }

  void condition(Tokens statement, size_t at) {
    const Tokens tokens = condition_of(statement, at);
    const bool times = calls(tokens, tells_time) || has_any(tokens, times_);
    if (times && !has(tokens, "-"))
      found("branch", statement[at], "a condition on the date or time");
    if (calls(tokens, tells_host) || has_any(tokens, hosts_))
      found("branch", statement[at], "a condition on the machine's or user's name");
    // In training file names may be used (#321).
    if (!role_.reconstructs) return;
    bool named = calls(tokens, [](const std::string& n) { return n == "os.path.basename"; });
    for (const PythonToken& t : tokens) named |= t.kind == Kind::kName && names_file(t.text);
    for (const PythonToken& t : tokens) {
      const bool letters = std::ranges::any_of(
          t.text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
      if (!named || t.kind != Kind::kString || t.text.starts_with('.') || !letters) continue;
      return found("branch", statement[at], "a condition on a file's name: '" + t.text + "'");
    }
  }

  void text(Tokens statement, size_t at) {
    const PythonToken& token = statement[at];
    const bool joined = at > 0 && (statement[at - 1].is("+") || statement[at - 1].is("/"));
    const bool help =
        at >= 2 && is_assignment(statement, at - 1) &&
        (statement[at - 2].is_name("help") || statement[at - 2].is_name("description"));
    if (help) return;
    if (role_.trains && contains_leaderboard(token.text))
      found("leaderboard", token, "'" + token.text + "' in code that training reaches");
    // What an option's default names, the command line decides.
    const bool option = std::ranges::any_of(
        statement, [](const PythonToken& t) { return t.is_name("add_argument"); });
    if (!joined && !option && is_absolute_path(token.text))
      found("absolute-path", token, "'" + token.text + "'");
  }

  void name(Tokens statement, size_t at, bool inside) {
    size_t end = at;
    std::string chain = dotted(statement, end);
    const std::string full = inside ? "." + chain : imports_.full(chain);
    const PythonToken& token = statement[at];
    const bool defined =
        at > 0 && (statement[at - 1].is_name("def") || statement[at - 1].is_name("class"));
    if (defined) return;
    if (full == "os.environ" || full == "os.getenv" || full.starts_with("os.environ."))
      return environment(statement, at, end, full);
    if (end < statement.size() && statement[end].is("("))
      call(token, full, statement.subspan(end + 1, closing(statement, end) - end - 1));
    if (full == "os.urandom" || full == "random.SystemRandom" || full.starts_with("secrets."))
      found("seed", token, full + " cannot be seeded");
  }

  void call(const PythonToken& token, const std::string& full, Tokens arguments) {
    const std::string shown = full + "(...)";
    const std::string_view kind = kind_of_call(full);
    if (!kind.empty()) found(std::string(kind).c_str(), token, shown);
    if (starts_program(full)) program(token, full, arguments);
    if (seeds_itself(full) && arguments.empty()) found("seed", token, full + "() without a seed");
    if (takes_seed(full) && (calls(arguments, tells_time) || has_any(arguments, times_)))
      found("seed", token, shown + " seeded by the time");
    const PythonToken* given = keyword(arguments, "pretrained");
    if (given && given->is_name("True")) found("given-weights", token, full + "(pretrained=True)");
    given = keyword(arguments, "weights");
    if (given && !given->is_name("None") && full.starts_with("torchvision."))
      found("given-weights", token, full + "(weights=...)");
    given = keyword(arguments, "download");
    if (given && given->is_name("True")) found("download", token, full + "(download=True)");
    if (full == "importlib.import_module" && !arguments.empty() &&
        arguments[0].kind != Kind::kString)
      found("hidden-code", token, shown + " of a name that is made when it runs");
  }

  void program(const PythonToken& token, const std::string& full, Tokens arguments) {
    std::string words;  // ["git", "clone", ...] is a command as well as "git clone ..." is
    std::vector<std::string> tools;
    for (const PythonToken& argument : arguments) {
      if (argument.kind != Kind::kString) continue;
      words += argument.text + " ";
      for (std::string& tool : network_commands(argument.text)) tools.push_back(std::move(tool));
    }
    if (tools.empty()) tools = network_commands(words);
    if (!tools.empty()) found("download", token, fmt::format("{}({})", full, tools.front()));
  }

  /// Reads alone: what a program sets for itself or for its children is its own affair.
  void environment(Tokens statement, size_t at, size_t end, const std::string& full) {
    const PythonToken* variable = nullptr;
    if (end < statement.size() && statement[end].is("[")) {
      if (is_assignment(statement, closing(statement, end) + 1)) return;
      variable = &statement[end + 1];
    } else if (full == "os.getenv" || full == "os.environ.get") {
      if (end + 1 < statement.size()) variable = &statement[end + 1];
    } else if (at >= 2 && statement[at - 1].is_name("in")) {
      variable = &statement[at - 2];
    }
    if (!variable) return;
    static const std::set<std::string> kUsual = {"RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR",
                                                 "MASTER_PORT"};
    if (kUsual.contains(variable->text)) return;  // of torch.distributed
    found("environment", statement[at], full + " reads '" + variable->text + "'");
  }

  const std::string& file_;
  const CodeRole& role_;
  CodeScan& scan_;
  Imports imports_;
  std::set<std::string> times_, hosts_;  // variables that hold them
};

}  // namespace

void scan_python(std::string_view source, const std::string& file, const CodeRole& role,
                 CodeScan& scan) {
  PythonScan(file, role, scan).run(source);
}

std::vector<std::string> imported_modules(std::string_view source) {
  const std::vector<PythonToken> tokens = python_tokens(source);
  Imports imports;
  for (const Tokens& statement : statements_of(tokens)) imports.add(statement);
  return imports.modules;
}

}  // namespace reconproof::checks
