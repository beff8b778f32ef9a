// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/readme/readme.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "submission/detect/shell_words.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kMostReadme = int64_t{4} << 20;
constexpr size_t kMostCommands = 500;

struct Line {
  std::string text;
  int64_t number = 0;
};

struct Block {
  std::string language;  // the fence's first word, in lower case
  std::vector<Line> lines;
  int64_t line = 0;  // of the fence
};

std::string trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return std::string(text);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// The first byte that is no UTF-8; nothing where all are.
std::optional<size_t> first_foreign_byte(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t more = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead >= 0x80 && (lead < 0xC2 || lead > 0xF4)) return i;
    if (i + more >= text.size()) return i;
    for (size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    i += more + 1;
  }
  return std::nullopt;
}

/// How many of `c` a line begins with, behind at most three blanks (more in a list's item).
size_t fence_length(std::string_view line, char c) {
  const size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return 0;
  const size_t end = std::min(line.find_first_not_of(c, begin), line.size());
  return end - begin;
}

/// `outside` gets the other lines.
std::vector<Block> fenced_blocks(const std::vector<Line>& lines, std::vector<Line>& outside) {
  std::vector<Block> blocks;
  std::optional<Block> open;
  char mark = 0;
  size_t length = 0;
  for (const Line& line : lines) {
    if (open) {
      const std::string text = trimmed(line.text);
      const bool closes = fence_length(line.text, mark) >= length && text.size() >= length &&
                          text.find_first_not_of(mark) == std::string::npos;
      if (!closes) {
        open->lines.push_back(line);
        continue;
      }
      blocks.push_back(std::move(*open));
      open.reset();
      continue;
    }
    for (const char c : {'`', '~'}) {
      const size_t marks = fence_length(line.text, c);
      if (marks < 3) continue;
      const std::string text = trimmed(line.text), info = trimmed(text.substr(marks));
      if (c == '`' && info.find('`') != std::string::npos) continue;  // ```code``` in a line
      mark = c, length = marks;
      open = Block{lower(info.substr(0, info.find_first_of(" \t,{"))), {}, line.number};
      break;
    }
    if (!open) outside.push_back(line);
  }
  if (open) blocks.push_back(std::move(*open));  // closed by the end, as Markdown has it
  return blocks;
}

bool holds_commands(const std::string& language) {
  static constexpr std::array kShells = {"",        "bash",     "sh",          "shell", "zsh",
                                         "console", "terminal", "shellscript", "cmd"};
  return std::ranges::find(kShells, language) != kShells.end();
}

/// A drawing of folders: its lines are no commands, whatever they look like.
bool is_tree(const Block& block) {
  return std::ranges::any_of(block.lines, [](const Line& line) {
    return std::ranges::any_of(std::array{"├", "└", "│", "|--", "+--", "`--"}, [&](const char* m) {
      return line.text.find(m) != std::string::npos;
    });
  });
}

/// Where a text ends that no quote encloses: before the first of `marks`, or at npos.
size_t find_outside_quotes(std::string_view text, std::initializer_list<std::string_view> marks) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0) {
      for (const std::string_view mark : marks)
        if (text.substr(i).starts_with(mark)) return i;
      if (c == '\'' || c == '"') quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    if (c == '\\' && quote != '\'') ++i;
  }
  return std::string::npos;
}

/// A comment that says that the next line does the same: `# 또는`.
bool says_or(std::string_view text) {
  const size_t begin = find_outside_quotes(text, {" #", "\t#"});
  if (begin == std::string_view::npos) return false;
  const std::string comment = lower(trimmed(text.substr(begin + 2)));
  return comment == "or" || comment == "또는" || comment == "혹은";
}

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// What a command does that is no step of a submission; empty: it may be one.
std::string kind_of(const std::vector<std::string>& words) {
  const std::string& first = words[0];
  const auto names = [&](const char* word) {
    return std::ranges::find(words, word) != words.end();
  };
  const bool python = fs::path(first).filename().string().starts_with("python");
  if (python && names("-m") && (names("venv") || names("virtualenv"))) return "prepares";
  if ((python && names("-m") && names("pip")) ||
      is_one_of(first, {"pip", "pip3", "conda", "mamba", "apt", "apt-get", "uv", "poetry", "sudo"}))
    return "installs";
  if (first == "git") return "git";
  if (is_one_of(first, {"cd",         "mkdir", "cp",     "mv",         "ln",     "ls",   "unzip",
                        "tar",        "wget",  "curl",   "gdown",      "source", ".",    "docker",
                        "nvidia-smi", "tmux",  "screen", "tree",       "cat",    "echo", "chmod",
                        "rm",         "vessl", "export", "virtualenv", "which",  "pwd"}))
    return "prepares";
  return "";
}

class BlockReader {
 public:
  BlockReader(const Block& block, const std::string& file, Readme& readme)
      : block_(block), file_(file), readme_(readme) {}

  void run() {
    bool same = false;  // as the line before, said in another way
    for (size_t i = 0; i < block_.lines.size();) {
      const int64_t number = block_.lines[i].number;
      const std::string text = logical_line(i);
      if (text.empty() || text.starts_with('#')) continue;
      same = add(text, number, same) && says_or(text);
      if (readme_.commands.size() >= kMostCommands) return;
    }
  }

 private:
  /// A line with those that continue it, without a prompt.
  std::string logical_line(size_t& i) const {
    std::string text;
    for (bool more = true; more && i < block_.lines.size(); ++i) {
      std::string part = trimmed(block_.lines[i].text);
      more = part.ends_with('\\');
      if (more) part.pop_back();
      text += (text.empty() ? "" : " ") + trimmed(part);
    }
    return text.starts_with("$ ") ? trimmed(text.substr(2)) : text;
  }

  /// False where the line is no command of a step.
  bool add(const std::string& text, int64_t number, bool same) {
    ReadmeCommand command{number, {}, false};
    for (size_t begin = 0; begin <= text.size();) {
      const std::string_view rest = std::string_view(text).substr(begin);
      const size_t length = std::min(find_outside_quotes(rest, {" // "}), rest.size());
      add_alternatives(trimmed(rest.substr(0, length)), number, command);
      begin += length + 4;
    }
    if (command.alternatives.empty()) return false;
    if (same && !readme_.commands.empty()) {
      for (ReadmeAlternative& other : command.alternatives)
        readme_.commands.back().alternatives.push_back(std::move(other));
      return true;
    }
    readme_.commands.push_back(std::move(command));
    return true;
  }

  /// What a redirection or a pipe does with the output is no part of the command.
  static std::string without_redirection(const std::string& text) {
    std::string plain = text.substr(0, find_outside_quotes(text, {"|", " >", " 2>", " &>", " <"}));
    plain = trimmed(plain);
    if (plain.ends_with('&') && !plain.ends_with("&&")) plain.pop_back();
    return trimmed(plain);
  }

  void add_alternatives(const std::string& text, int64_t number, ReadmeCommand& command) {
    std::vector<ShellCommand> parts;
    try {
      parts = parse_shell(exports_ + plain_of(text, number), file_);
    } catch (const system::Error& error) {
      const std::vector<std::string> first = {text.substr(0, text.find_first_of(" \t"))};
      if (const std::string kind = kind_of(first); !kind.empty()) return skip(kind, number, text);
      std::string why = error.what();
      if (const size_t is = why.find(": "); is != std::string::npos) why.erase(0, is + 2);
      command.alternatives.push_back({text, {}, {}, why});
      return;
    }
    for (ShellCommand& part : parts) {
      if (part.words[0] == "nohup" && part.words.size() > 1) part.words.erase(part.words.begin());
      const std::string kind = kind_of(part.words);
      if (kind == "installs") readme_.installs.push_back({number, part.words});
      if (!kind.empty()) {
        skip(kind, number, text);
        continue;
      }
      command.alternatives.push_back({text, std::move(part.words), std::move(part.env), ""});
    }
    if (parts.empty() && (text.starts_with("export ") || text.find('=') != std::string::npos))
      exports_ += plain_of(text, number) + "\n";
  }

  /// Without what is done before in another folder: `cd code && python train.py`.
  std::string plain_of(const std::string& text, int64_t number) {
    std::string plain = without_redirection(text);
    while (plain.starts_with("cd ")) {
      const size_t end = plain.find("&&");
      if (end == std::string::npos) return plain;
      skip("prepares", number, plain.substr(0, end));
      plain = trimmed(plain.substr(end + 2));
    }
    return plain;
  }

  void skip(const std::string& what, int64_t number, const std::string& text) {
    readme_.skipped.push_back({number, what, text});
  }

  const Block& block_;
  const std::string& file_;
  Readme& readme_;
  std::string exports_;  // of the block so far
};

/// `python train.py -e 5` in running text; file names and options alone are no commands.
void read_text(const Line& line, Readme& readme) {
  const std::string& text = line.text;
  for (size_t begin = text.find('`'); begin != std::string::npos;) {
    const size_t first = std::min(text.find_first_not_of('`', begin), text.size());
    const std::string marks(first - begin, '`');
    const size_t end = text.find(marks, first);
    if (end == std::string::npos || readme.commands.size() >= kMostCommands) return;
    const std::string code = trimmed(text.substr(first, end - first));
    const std::string program = code.substr(0, code.find(' '));
    if (program.size() < code.size() &&
        (program.starts_with("python") || program.starts_with("./") ||
         is_one_of(program, {"sh", "bash", "torchrun"}))) {
      try {
        for (ShellCommand& part : parse_shell(code, readme.file)) {
          if (!kind_of(part.words).empty()) continue;
          readme.commands.push_back(
              {line.number, {{code, std::move(part.words), std::move(part.env), ""}}, true});
        }
      } catch (const system::Error&) {  // a mention that nobody could type
      }
    }
    begin = text.find('`', end + marks.size());
  }
}

/// Lines without their ends; what is strange about the bytes becomes remarks.
std::vector<Line> lines_of(std::string_view bytes, Readme& readme) {
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    bytes.remove_prefix(3);
    readme.remarks.push_back("begins with a byte order mark: save it as UTF-8 without BOM");
  }
  if (const auto foreign = first_foreign_byte(bytes)) {
    const auto line =
        1 + std::count(bytes.begin(), bytes.begin() + static_cast<long>(*foreign), '\n');
    readme.remarks.push_back(fmt::format(
        "line {}: bytes that are no UTF-8 (CP949?), which GitHub shows broken: save it as UTF-8",
        line));
  }
  std::vector<Line> lines;
  bool windows = false;
  int64_t number = 0;
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', begin), bytes.size());
    std::string text(bytes.substr(begin, end - begin));
    if (text.ends_with('\r')) text.pop_back(), windows = true;
    lines.push_back({std::move(text), ++number});
    begin = end + 1;
  }
  if (windows) readme.remarks.push_back("has line ends of Windows (CR LF)");
  return lines;
}

}  // namespace

Readme parse_readme(std::string_view bytes, const std::string& file) {
  Readme readme;
  readme.file = file;
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") ||
      bytes.find('\0') != std::string_view::npos) {
    readme.remarks.push_back("is UTF-16 or no text, which GitHub does not show: save it as UTF-8");
    readme.unreadable = true;
    return readme;
  }
  std::vector<Line> outside;
  const std::vector<Block> blocks = fenced_blocks(lines_of(bytes, readme), outside);
  for (const Line& line : outside) read_text(line, readme);
  for (const Block& block : blocks) {
    if (block.lines.empty()) continue;
    const std::string first = block.lines.front().text;
    if (is_tree(block))
      readme.skipped.push_back({block.line, "folder tree", first});
    else if (!holds_commands(block.language))
      readme.skipped.push_back({block.line, "no shell commands", first});
    else
      BlockReader(block, file, readme).run();
  }
  std::ranges::stable_sort(readme.commands, {}, &ReadmeCommand::line);
  return readme;
}

Readme read_readme(const fs::path& root) {
  for (const char* wanted : {"readme.md", "readme", "readme.txt", "readme.rst"}) {
    for (const fs::path& entry : system::sorted_entries(root)) {
      const std::string name = entry.filename().string();
      if (lower(name) != wanted || !fs::is_regular_file(root / name)) continue;
      return parse_readme(system::read_file(root / name, kMostReadme), name);
    }
  }
  return {};
}

}  // namespace reconproof::submission
