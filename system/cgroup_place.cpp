// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/cgroup_place.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "system/error.h"
#include "system/files.h"
#include "system/tree_meter.h"

namespace reconproof::system {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

/// "\040" and the like in mountinfo.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Our path in a hierarchy, by a key: "" for version 2, else the controllers as in the file.
std::map<std::string, fs::path> own_paths(const std::string& self_cgroup) {
  std::map<std::string, fs::path> paths;
  for (const std::string& line : split(self_cgroup, '\n')) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    paths[line.substr(first + 1, second - first - 1)] = line.substr(second + 1);
  }
  return paths;
}

/// `own` as the mount shows it, whose root is the group `root`; absent when it lies outside.
std::optional<fs::path> folder_of(const fs::path& mount, const fs::path& root,
                                  const fs::path& own) {
  const fs::path relative = own.lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative == "." ? mount : mount / relative;
}

std::string first_line(const fs::path& file) {
  const std::string text = read_proc(file.string());
  return text.substr(0, text.find('\n'));
}

bool may_make_groups_in(const fs::path& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0 &&
         ::access((folder / "cgroup.procs").c_str(), W_OK) == 0;
}

/// Whether leaving a group would free a run from bounds that somebody set for us.
bool bounds_us(const fs::path& folder) {
  const auto is = [&](const char* file, const char* unbounded) {
    const std::string value = first_line(folder / file);
    return value.empty() || value.starts_with(unbounded);
  };
  return !is("memory.max", "max") || !is("memory.high", "max") || !is("cpu.max", "max") ||
         !first_line(folder / "cpuset.cpus").empty();
}

/// The nearest group from ours upwards whose children have the controllers.
std::optional<fs::path> giving_group(const CgroupHierarchy& hierarchy,
                                     const std::vector<std::string>& wanted) {
  for (fs::path folder = hierarchy.own; may_make_groups_in(folder); folder = folder.parent_path()) {
    const auto given = split(first_line(folder / "cgroup.subtree_control"), ' ');
    if (std::ranges::all_of(wanted, [&](const auto& name) { return contains(given, name); }))
      return folder;
    if (folder == hierarchy.top || bounds_us(folder)) break;
  }
  return std::nullopt;
}

/// Only the root of all groups may have processes and give out controllers.
bool give_controllers(const fs::path& folder, const std::vector<std::string>& wanted) {
  std::string order;
  for (const std::string& name : wanted) order += "+" + name + " ";
  const Descriptor file(::open((folder / "cgroup.subtree_control").c_str(), O_WRONLY | O_CLOEXEC));
  return file.valid() &&
         ::write(file.get(), order.data(), order.size()) == static_cast<ssize_t>(order.size());
}

std::optional<CgroupPlace> place_in_v2(const CgroupHierarchy& hierarchy, std::string& lacking) {
  if (!may_make_groups_in(hierarchy.own)) {
    lacking = fmt::format("{} cannot be written by us", hierarchy.own.string());
    return std::nullopt;
  }
  CgroupPlace place{2, hierarchy.own, {}};
  std::vector<std::string> wanted;
  for (const std::string& name : split(first_line(hierarchy.own / "cgroup.controllers"), ' ')) {
    if (name == "memory" || name == "pids") wanted.push_back(name);
  }
  if (!wanted.empty()) {
    std::optional<fs::path> giving = giving_group(hierarchy, wanted);
    if (!giving && give_controllers(hierarchy.own, wanted)) giving = hierarchy.own;
    if (giving) {
      place.folder = *giving;
      for (const std::string& name : wanted)
        place.parts.push_back(name == "memory" ? CgroupPart::kMemory : CgroupPart::kPids);
    } else {
      lacking = fmt::format(
          "{} has processes and so gives its children no controllers, and no group above it that "
          "is ours does (try systemd-run --user --scope)",
          hierarchy.own.string());
    }
  }
  for (const CgroupPart part : {CgroupPart::kCpu, CgroupPart::kFreezer, CgroupPart::kKill})
    place.parts.push_back(part);
  return place;
}

struct OldController {
  const char* name;
  CgroupPart part;
};
constexpr OldController kOldControllers[] = {{"memory", CgroupPart::kMemory},
                                             {"pids", CgroupPart::kPids},
                                             {"cpuacct", CgroupPart::kCpu},
                                             {"freezer", CgroupPart::kFreezer}};

bool has_part(const CgroupPlaces& found, CgroupPart part) {
  return std::ranges::any_of(found.places, [&](const CgroupPlace& place) {
    return std::ranges::find(place.parts, part) != place.parts.end();
  });
}

/// What version 2 did not give.
void add_places_in_v1(const std::vector<CgroupHierarchy>& hierarchies, CgroupPlaces& found) {
  for (const CgroupHierarchy& hierarchy : hierarchies) {
    if (hierarchy.version != 1) continue;
    CgroupPlace place{1, hierarchy.own, {}};
    for (const OldController& old : kOldControllers) {
      if (contains(hierarchy.controllers, old.name) && !has_part(found, old.part))
        place.parts.push_back(old.part);
    }
    if (place.parts.empty()) continue;
    if (may_make_groups_in(place.folder)) {
      found.places.push_back(place);
    } else if (found.lacking.empty()) {
      found.lacking = fmt::format("{} cannot be written by us", place.folder.string());
    }
  }
}

}  // namespace

std::vector<CgroupHierarchy> cgroup_hierarchies(const std::string& self_cgroup,
                                                const std::string& mountinfo) {
  const std::map<std::string, fs::path> own = own_paths(self_cgroup);
  std::vector<CgroupHierarchy> hierarchies;
  for (const std::string& line : split(mountinfo, '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 5 || words.end() - dash < 4) continue;
    const std::string &type = dash[1], &options = dash[3];
    if (type != "cgroup" && type != "cgroup2") continue;
    const std::vector<std::string> names = split(options, ',');
    for (const auto& [key, path] : own) {
      const std::vector<std::string> controllers = split(key, ',');
      const bool same = type == "cgroup2"
                            ? key.empty()
                            : !key.empty() && std::ranges::all_of(controllers, [&](const auto& c) {
                                return contains(names, c);
                              });
      if (!same) continue;
      const fs::path mount = unescaped(words[4]);
      if (const auto folder = folder_of(mount, unescaped(words[3]), path))
        hierarchies.push_back({type == "cgroup2" ? 2 : 1, controllers, mount, *folder});
    }
  }
  return hierarchies;
}

CgroupPlaces find_cgroup_places(const std::vector<CgroupHierarchy>& hierarchies) {
  CgroupPlaces found;
  for (const CgroupHierarchy& hierarchy : hierarchies) {
    if (hierarchy.version != 2) continue;
    if (auto place = place_in_v2(hierarchy, found.lacking)) found.places.push_back(*place);
    break;  // mounted twice, it is the same
  }
  add_places_in_v1(hierarchies, found);
  if (has_part(found, CgroupPart::kMemory) && has_part(found, CgroupPart::kPids)) {
    found.lacking.clear();
  } else if (found.lacking.empty()) {
    found.lacking = hierarchies.empty() ? "no cgroup file system is mounted here"
                                        : "no hierarchy here bounds both memory and processes";
  }
  return found;
}

}  // namespace reconproof::system
