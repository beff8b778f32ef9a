// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "system/terminal.h"
#include "workflows/rehearse/environment.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using submission::Requirement;
using submission::Requirements;
using system::printable;

namespace {

constexpr const char* kUsualFile = "requirements.txt";

std::string place_in_file(const Requirement& item) {
  return fmt::format("{}:{}", item.file, item.line);
}

void add_requirement_faults(const Requirements& requirements, std::vector<RehearsalFault>& faults) {
  RehearsalFault open{"unpinned-requirement", Gravity::kWarning, "", "", "", {}};
  std::vector<std::string> names;
  for (const Requirement& item : requirements.items) {
    if (item.local && item.text.find("@ file:") != std::string::npos) {
      faults.push_back({"absolute-path",
                        Gravity::kBroken,
                        place_in_file(item),
                        fmt::format("{} is to come from a file of your machine: {}",
                                    printable(item.name), system::excerpt(item.text)),
                        "name its version: pip list --format=freeze",
                        {}});
      continue;
    }
    if (item.local || !item.pinned.empty()) continue;
    if (names.empty()) open.where = place_in_file(item);
    names.push_back(printable(item.name));
    open.evidence.push_back(fmt::format("{}: {}", place_in_file(item), system::excerpt(item.text)));
  }
  for (const std::string& problem : requirements.problems) {
    const size_t colon = problem.find(": ");
    faults.push_back({"requirement-fails",
                      Gravity::kBroken,
                      problem.substr(0, colon),
                      problem.substr(colon + 2),
                      "write it as pip reads it: name==version",
                      {}});
  }
  if (names.empty()) return;
  open.message = fmt::format("{} of {} requirements name no version: {}", names.size(),
                             requirements.items.size(), fmt::join(names, ", "));
  faults.push_back(std::move(open));
}

/// Words of `pip install`: the file behind -r, or the names.
std::pair<std::string, std::vector<std::string>> install_words(
    const std::vector<std::string>& words) {
  std::string file;
  std::vector<std::string> names;
  const auto install = std::ranges::find(words, "install");
  if (install == words.end()) return {file, names};
  for (auto word = install + 1; word != words.end(); ++word) {
    const bool takes_value = *word == "-r" || *word == "--requirement" || *word == "-c" ||
                             *word == "-f" || *word == "-i" || *word == "--index-url" ||
                             *word == "--extra-index-url" || *word == "--find-links";
    if (takes_value && word + 1 != words.end()) {
      if (word->starts_with("-r") || *word == "--requirement") file = *(word + 1);
      ++word;
    } else if (!word->starts_with('-') && *word != "pip") {
      names.push_back(*word);
    }
  }
  return {file, names};
}

}  // namespace

Requirements find_requirements(const fs::path& clone, const submission::Readme& readme,
                               std::vector<RehearsalFault>& faults) {
  Requirements found;
  std::vector<std::string> names;
  int64_t line = 0;
  std::string file;
  for (const auto& [number, words] : readme.installs) {
    const auto [from, more] = install_words(words);
    if (!from.empty()) file = from;
    if (names.empty()) line = number;
    names.insert(names.end(), more.begin(), more.end());
    std::error_code ignored;
    if (from.empty() || fs::is_regular_file(clone / from, ignored)) continue;
    faults.push_back(
        {"readme-command",
         Gravity::kBroken,
         fmt::format("{}:{}", readme.file, number),
         fmt::format("installs from {}, which is not in what is cloned", printable(from)),
         "commit the file, or mend the command",
         {}});
    file.clear();
  }
  std::error_code ignored;
  if (file.empty() && fs::is_regular_file(clone / kUsualFile, ignored)) file = kUsualFile;
  if (!file.empty())
    found = submission::read_requirements(clone, file);
  else if (!names.empty())
    found = submission::named_requirements(names, readme.file, line);
  add_requirement_faults(found, faults);
  return found;
}

}  // namespace reconproof::workflows
