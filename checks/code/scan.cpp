// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/code/scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "checks/code/scan_findings.h"
#include "checks/measure/team_tree.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kMostFindings = 1000;
constexpr size_t kMostText = 120;
constexpr int64_t kMostFiles = 5000;
constexpr int64_t kMaxScript = int64_t{1} << 20, kMaxNotebook = int64_t{16} << 20;

/// Folders of other people's code, or of none.
bool is_foreign(const fs::path& file) {
  static const std::set<std::string> kNames = {"site-packages", "node_modules", "__pycache__",
                                               "venv", "env"};
  return std::ranges::any_of(file.parent_path(), [](const fs::path& part) {
    return part.string().starts_with('.') || kNames.contains(part.string());
  });
}

class ProjectScan {
 public:
  explicit ProjectScan(const submission::Project& project) : project_(project) {}

  using Words = std::vector<std::string>;

  CodeScan run() {
    reach_by_commands();
    for (const auto& [name, text] : texts_) look_at(name, text);
    std::erase_if(scan_.findings, [&](const CodeFinding& found) { return names_data(found); });
    std::ranges::sort(scan_.findings, {}, [](const CodeFinding& found) {
      return std::tie(found.file, found.line, found.kind, found.what);
    });
    return std::move(scan_);
  }

  std::vector<ReachedFile> reached(const Words& more) {
    reach_by_commands();
    reach(more, &CodeRole::trains);
    std::vector<ReachedFile> files;
    for (const auto& [name, role] : roles_) {
      const auto from = from_.find(name);
      files.push_back({name, from == from_.end() ? "" : from->second});
    }
    return files;
  }

 private:
  void reach_by_commands() {
    find_files();
    for (const submission::Step& step : project_.train_steps)
      reach(step.command, &CodeRole::trains);
    if (project_.train_steps.empty()) reach({"train.py", "train.sh"}, &CodeRole::trains);
    reach(project_.reconstruct_step ? project_.reconstruct_step->command
                                    : Words{"reconstruct.py", "reconstruct.sh"},
          &CodeRole::reconstructs);
  }

  void find_files() {
    std::vector<fs::path> data = {project_.state_folder()};
    for (const std::string& declared : {project_.train, project_.val, project_.leaderboard})
      if (!declared.empty()) data.push_back(project_.host(declared));
    for (const fs::path& file : system::files_below(project_.root)) {
      const fs::path path = project_.root / file;
      const std::string suffix = file.extension().string();
      const bool code = suffix == ".py" || suffix == ".sh" || suffix == ".ipynb";
      if (!code || is_foreign(file)) continue;
      if (std::ranges::any_of(data, [&](const fs::path& d) { return system::is_below(path, d); }))
        continue;
      if (std::ssize(texts_) >= kMostFiles) {
        scan_.unread.push_back(fmt::format("more than {} files of code", kMostFiles));
        break;
      }
      read(file);
    }
    scan_.files = std::ssize(texts_);
  }

  void read(const fs::path& file) {
    try {
      const int64_t most = file.extension() == ".ipynb" ? kMaxNotebook : kMaxScript;
      texts_[file.string()] = system::read_file(project_.root / file, most);
    } catch (const system::Error& error) {
      scan_.unread.push_back(system::printable(error.what()));
    }
  }

  /// Marks what a command's scripts import, and what those import.
  void reach(const Words& command, bool CodeRole::*role) {
    Words next;
    for (const std::string& word : command) {
      if (word.ends_with(".py")) next.push_back(word);
      const auto shell = texts_.find(fs::path(word).lexically_normal().string());
      if (!word.ends_with(".sh") || shell == texts_.end()) continue;
      for (std::string& script : python_scripts(shell->second)) next.push_back(std::move(script));
    }
    while (!next.empty()) {
      const std::string name = fs::path(next.back()).lexically_normal().string();
      next.pop_back();
      const auto file = texts_.find(name);
      if (file == texts_.end() || roles_[name].*role) continue;
      roles_[name].*role = true;
      for (const std::string& module : imported_modules(file->second)) {
        for (std::string& found : files_of(module, name)) {
          if (!roles_.contains(found) && !from_.contains(found))
            from_[found] = fmt::format("{}:{}", name, import_line(file->second, module));
          next.push_back(std::move(found));
        }
      }
    }
  }

  /// Where a module's last name stands first in a line that imports.
  static int64_t import_line(const std::string& source, const std::string& module) {
    const std::string last = module.substr(module.rfind('.') + 1);
    int64_t number = 1;
    for (size_t begin = 0; begin < source.size(); ++number) {
      const size_t end = std::min(source.find('\n', begin), source.size());
      const std::string_view line(source.data() + begin, end - begin);
      if (line.find("import") != std::string_view::npos &&
          line.find(last) != std::string_view::npos)
        return number;
      begin = end + 1;
    }
    return 1;
  }

  /// Any file of the project that the module's name may mean, wherever sys.path points: a file too
  /// many gives a warning too many, one too few hides something.
  std::vector<std::string> files_of(std::string module, const fs::path& from) const {
    fs::path base;
    const bool relative = module.starts_with('.');
    if (relative) base = from.parent_path();
    while (module.starts_with("..")) module.erase(0, 1), base = base.parent_path();
    if (relative) module.erase(0, 1);
    std::ranges::replace(module, '.', '/');
    std::vector<std::string> files;
    if (module.empty()) return files;
    for (const std::string& tail : {module + ".py", module + "/__init__.py"}) {
      if (relative) {
        files.push_back((base / tail).string());
        continue;
      }
      for (const auto& item : texts_) {
        if (item.first == tail || item.first.ends_with("/" + tail)) files.push_back(item.first);
      }
    }
    return files;
  }

  void look_at(const std::string& name, const std::string& text) {
    const std::string shown = system::printable(name);
    if (name.ends_with(".py")) {
      const auto role = roles_.find(name);
      scan_python(text, shown, role == roles_.end() ? CodeRole() : role->second, scan_);
    } else if (name.ends_with(".sh")) {
      scan_shell(text, shown, scan_);
    } else {
      try {
        scan_notebook(text, shown, scan_);
      } catch (const system::Error& error) {
        scan_.unread.push_back(error.what());
      }
    }
  }

  /// Whether an absolute path is one of the data folders, as the project declares them.
  bool names_data(const CodeFinding& found) const {
    if (found.kind != "absolute-path") return false;
    const fs::path path = found.what.substr(1, found.what.size() - 2);  // between its quotes
    for (const std::string& declared : {project_.train, project_.val, project_.leaderboard})
      if (declared.starts_with('/') && system::is_below(path, without_slash(declared))) return true;
    return false;
  }

  const submission::Project& project_;
  CodeScan scan_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, CodeRole> roles_;
  std::map<std::string, std::string> from_;  // file -> what names it first
};

/// A cell's source: a text, or a list of lines.
std::string source_of(const json& cell) {
  const json source = cell.value("source", json());
  if (source.is_string()) return source.get<std::string>();
  std::string text;
  if (source.is_array()) {
    for (const json& line : source)
      if (line.is_string()) text += line.get<std::string>();
  }
  return text;
}

void scan_cell(const std::string& source, const std::string& file, CodeScan& scan) {
  std::string python, shell;  // each with the other's lines empty, so that lines keep their numbers
  for (size_t begin = 0; begin < source.size();) {
    const size_t end = std::min(source.find('\n', begin), source.size());
    const std::string line = source.substr(begin, end - begin);
    if (line.starts_with('!')) {
      shell += line.substr(1);
    } else if (!line.starts_with('%')) {
      python += line;
    }
    shell += '\n', python += '\n';
    begin = end + 1;
  }
  scan_python(python, file, {}, scan);
  scan_shell(shell, file, scan);
}

}  // namespace

void add_finding(CodeScan& scan, CodeFinding finding) {
  if (scan.findings.size() >= kMostFindings) {
    ++scan.beyond;
    return;
  }
  finding.what = system::fit_columns(system::printable(finding.what), kMostText);
  scan.findings.push_back(std::move(finding));
}

void scan_notebook(const std::string& text, const std::string& file, CodeScan& scan) {
  const json notebook = json::parse(text, nullptr, false);
  const json cells = notebook.is_object() ? notebook.value("cells", json()) : json();
  if (!cells.is_array()) {
    system::fail(system::Code::kCorrupt, "{}: is no notebook: expected JSON with a list 'cells'",
                 file);
  }
  int64_t number = 0;
  for (const json& cell : cells) {
    ++number;
    if (!cell.is_object() || cell.value("cell_type", json()) != "code") continue;
    scan_cell(source_of(cell), fmt::format("{} cell {}", file, number), scan);
  }
}

std::vector<ReachedFile> reached_files(const submission::Project& project,
                                       const std::vector<std::string>& more) {
  return ProjectScan(project).reached(more);
}

CodeScan scan_code(const submission::Project& project) { return ProjectScan(project).run(); }

}  // namespace reconproof::checks
