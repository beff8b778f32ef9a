// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/requirements.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using system::Code;

namespace {

constexpr int64_t kMostText = 1 << 20;
constexpr int kDeepestInclusion = 8;

std::string stripped(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
}

bool is_place(const std::string& text) {
  return text.starts_with('.') || text.starts_with('/') || text.starts_with("file:") ||
         text.starts_with("git+") || text.ends_with(".whl") || text.ends_with(".tar.gz") ||
         text.find("://") != std::string::npos;
}

/// The version behind `==` where it is the only condition; empty for anything else.
std::string pinned_version(std::string conditions) {
  conditions = stripped(conditions.substr(0, conditions.find(';')));
  if (conditions.starts_with('(') && conditions.ends_with(')'))
    conditions = conditions.substr(1, conditions.size() - 2);
  const size_t equals = conditions.starts_with("===") ? 3 : conditions.starts_with("==") ? 2 : 0;
  if (equals == 0) return "";
  const std::string version = stripped(conditions.substr(equals));
  return version.find_first_of("*,<>=!~ ") == std::string::npos ? version : "";
}

class RequirementsReader {
 public:
  RequirementsReader(const fs::path& root, Requirements& result) : root_(root), result_(result) {}

  void read(const std::string& file, bool constraint, int depth) {
    const std::string text = system::read_file(root_ / file, kMostText);
    if (text.find('\0') != std::string::npos)
      system::fail(
          Code::kCorrupt,
          "{}: is UTF-16 or no text (`pip freeze >` in PowerShell writes such); save it as "
          "UTF-8",
          (root_ / file).string());
    hash_.update(file);
    hash_.update(std::string_view("\0", 1));
    hash_.update(text);
    int64_t number = 0;
    for (size_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; begin < text.size();) {
      const int64_t first = number + 1;
      std::string line;
      for (bool more = true; more && begin < text.size(); ++number) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        std::string part = stripped(std::string_view(text).substr(begin, end - begin));
        begin = end + 1;
        more = part.ends_with('\\');
        if (more) part.pop_back();
        line += part;
      }
      look_at(without_comment(line), {file, first, constraint, depth});
    }
  }

  std::string sha256() { return hash_.hex(); }

 private:
  struct Place {
    const std::string& file;
    int64_t line = 0;
    bool constraint = false;
    int depth = 0;
  };

  static std::string without_comment(const std::string& line) {
    for (size_t at = line.find('#'); at != std::string::npos; at = line.find('#', at + 1)) {
      if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t')
        return stripped(line.substr(0, at));
    }
    return stripped(line);
  }

  void problem(const Place& place, const std::string& what) {
    result_.problems.push_back(fmt::format("{}:{}: {}", place.file, place.line, what));
  }

  void look_at(const std::string& line, const Place& place) {
    if (line.empty()) return;
    if (line.starts_with('-')) return option(line, place);
    Requirement item;
    item.text = line;
    item.file = place.file;
    item.line = place.line;
    size_t end = 0;
    while (end < line.size() && is_name_byte(line[end])) ++end;
    std::string rest = stripped(line.substr(end));
    if (is_place(line) && !rest.starts_with('@')) {
      item.local = true;
      item.name = place_name(line);
    } else {
      item.name = line.substr(0, end);
      if (rest.starts_with('['))
        rest = stripped(rest.substr(std::min(rest.find(']'), rest.size() - 1) + 1));
      if (rest.starts_with('@')) item.local = true;
      item.pinned = pinned_version(rest.substr(0, rest.find(" --hash")));
      const bool understood =
          rest.empty() || std::string_view("=<>!~;(@-").find(rest[0]) != std::string_view::npos;
      if (item.name.empty() || !understood)
        return problem(place, fmt::format("'{}' is no requirement that pip understands",
                                          system::excerpt(line)));
    }
    item.normalized = normalized_package(item.name);
    result_.has_local |= item.local;
    add(std::move(item), place.constraint);
  }

  /// Of `x.whl`, or behind #egg=.
  static std::string place_name(const std::string& line) {
    if (const size_t egg = line.find("#egg="); egg != std::string::npos) {
      const size_t end = line.find_first_of("&[ ", egg + 5);
      return line.substr(egg + 5, end == std::string::npos ? end : end - egg - 5);
    }
    const std::string file = fs::path(line).filename().string();
    return file.substr(0, file.find('-'));
  }

  void add(Requirement item, bool constraint) {
    if (constraint) {
      for (Requirement& known : result_.items)
        if (known.normalized == item.normalized && known.pinned.empty()) known.pinned = item.pinned;
      constraints_[item.normalized] = item.pinned;
      return;
    }
    if (const auto known = constraints_.find(item.normalized);
        known != constraints_.end() && item.pinned.empty())
      item.pinned = known->second;
    result_.items.push_back(std::move(item));
  }

  void option(const std::string& line, const Place& place) {
    const size_t split = line.find_first_of(" =");
    const std::string name = line.substr(0, split);
    const std::string value = split == std::string::npos ? "" : stripped(line.substr(split + 1));
    const bool includes = name == "-r" || name == "--requirement";
    if (name == "-e" || name == "--editable") {
      result_.has_local = true;
      result_.items.push_back({place_name(value), normalized_package(place_name(value)), "", true,
                               line, place.file, place.line});
    }
    if (!includes && name != "-c" && name != "--constraint") return;
    const std::string file =
        (fs::path(place.file).parent_path() / value).lexically_normal().string();
    std::error_code ignored;
    if (place.depth >= kDeepestInclusion || !fs::is_regular_file(root_ / file, ignored))
      return problem(place, fmt::format("includes {}, which is not there", system::excerpt(value)));
    read(file, !includes, place.depth + 1);
  }

  const fs::path& root_;
  Requirements& result_;
  system::Sha256 hash_;
  std::map<std::string, std::string> constraints_;
};

}  // namespace

std::string normalized_package(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (separator && plain.ends_with('-')) continue;
    plain += separator ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

Requirements read_requirements(const fs::path& root, const std::string& file) {
  Requirements result;
  result.file = file;
  RequirementsReader reader(root, result);
  reader.read(file, false, 0);
  result.sha256 = reader.sha256();
  return result;
}

Requirements named_requirements(const std::vector<std::string>& names, const std::string& file,
                                int64_t line) {
  Requirements result;
  result.file = file;
  std::string all;
  for (const std::string& name : names) {
    const size_t end = name.find_first_of("=<>!~[;@ ");
    const std::string plain = name.substr(0, end);
    result.items.push_back({plain, normalized_package(plain),
                            end == std::string::npos ? "" : pinned_version(name.substr(end)), false,
                            name, file, line});
    all += name + "\n";
  }
  result.sha256 = system::sha256_hex(all);
  return result;
}

std::vector<std::string> usual_distributions(const std::string& module) {
  static const std::map<std::string, std::vector<std::string>> kUsual = {
      {"cv2",
       {"opencv-python", "opencv-python-headless", "opencv-contrib-python",
        "opencv-contrib-python-headless"}},
      {"skimage", {"scikit-image"}},
      {"sklearn", {"scikit-learn"}},
      {"yaml", {"pyyaml"}},
      {"PIL", {"pillow"}},
      {"pytorch_lightning", {"pytorch-lightning", "lightning"}},
      {"tensorboard", {"tensorboard", "tb-nightly"}},
      {"dateutil", {"python-dateutil"}},
      {"pywt", {"pywavelets"}},
      {"bs4", {"beautifulsoup4"}},
      {"attr", {"attrs"}},
      {"mpl_toolkits", {"matplotlib"}},
      {"google", {"protobuf"}}};
  const auto found = kUsual.find(module);
  return found == kUsual.end() ? std::vector<std::string>{normalized_package(module)}
                               : found->second;
}

std::vector<std::string> usual_dependencies(const std::string& package) {
  static const std::map<std::string, std::vector<std::string>> kUsual = {
      {"torch", {"typing-extensions", "sympy", "networkx", "jinja2", "filelock", "fsspec"}},
      {"torchvision", {"torch", "numpy", "pillow"}},
      {"scikit-image",
       {"numpy", "scipy", "networkx", "pillow", "imageio", "tifffile", "packaging"}},
      {"scikit-learn", {"numpy", "scipy", "joblib", "threadpoolctl"}},
      {"matplotlib", {"numpy", "pillow", "packaging", "python-dateutil", "six"}},
      {"pandas", {"numpy", "python-dateutil", "pytz", "six"}},
      {"requests", {"urllib3", "certifi", "idna", "charset-normalizer"}},
      {"h5py", {"numpy"}},
      {"scipy", {"numpy"}},
      {"opencv-python", {"numpy"}},
      {"opencv-python-headless", {"numpy"}}};
  const auto found = kUsual.find(package);
  return found == kUsual.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace reconproof::submission
