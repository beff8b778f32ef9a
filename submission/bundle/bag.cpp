// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/bag.h"

#include <algorithm>

#include "formats/archive_name.h"
#include "system/build_info.h"
#include "system/error.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {

using system::ExitCode;

namespace {

constexpr size_t kDigestDigits = 64;
constexpr int kMostLineProblems = 20;  // of one file: the rest is counted

/// Calls `line(number, text)`, which returns what is wrong with the line or "", and reports the
/// first few.
template <typename Line>
void for_each_line(std::string_view text, const std::string& file,
                   std::vector<BundleProblem>& problems, Line line) {
  int64_t number = 0, wrong = 0;
  const auto report = [&](const std::string& message) {
    if (++wrong <= kMostLineProblems) {
      problems.push_back(
          {"malformed", file, fmt::format("line {}: {}", number, message), ExitCode::kMalformed});
    }
  };
  if (text.starts_with("\xEF\xBB\xBF")) {
    report("begins with a byte-order mark, expected plain UTF-8");
    text.remove_prefix(3);
  }
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) report("does not end with a newline; the file is cut off");
    const std::string_view content = text.substr(0, end);
    if (content.find('\r') != std::string_view::npos) {
      report("has a carriage return; lines of a bundle end with a newline alone");
    } else if (const std::string message = line(number, content); !message.empty()) {
      report(message);
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (wrong > kMostLineProblems) {
    problems.push_back({"malformed", file,
                        fmt::format("{} more such lines", wrong - kMostLineProblems),
                        ExitCode::kMalformed});
  }
}

}  // namespace

std::string encode_bag_path(std::string_view path) {
  std::string text;
  for (char c : path) {
    if (c == '%')
      text += "%25";
    else if (c == '\n')
      text += "%0A";
    else if (c == '\r')
      text += "%0D";
    else
      text += c;
  }
  return text;
}

std::optional<std::string> decode_bag_path(std::string_view text) {
  std::string path;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      path += text[i];
      continue;
    }
    const std::string_view code = text.substr(i, 3);
    if (code == "%25")
      path += '%';
    else if (code == "%0A" || code == "%0a")
      path += '\n';
    else if (code == "%0D" || code == "%0d")
      path += '\r';
    else
      return std::nullopt;
    i += 2;
  }
  return path;
}

std::string manifest_text(const Digests& digests) {
  std::string text;
  for (const auto& [path, digest] : digests) text += digest + "  " + encode_bag_path(path) + "\n";
  return text;
}

Digests parse_manifest(std::string_view text, const std::string& file,
                       std::vector<BundleProblem>& problems) {
  Digests digests;
  for_each_line(text, file, problems, [&](int64_t, std::string_view line) -> std::string {
    if (line.size() < kDigestDigits + 3 || !system::is_sha256(line.substr(0, kDigestDigits)) ||
        line.substr(kDigestDigits, 2) != "  ") {
      return "expected 64 lower-case hexadecimal digits, two spaces and a path";
    }
    const std::optional<std::string> path = decode_bag_path(line.substr(kDigestDigits + 2));
    if (!path) return "has a '%' that begins none of %0A, %0D and %25";
    if (const std::string reason = formats::unsafe_name_reason(*path); !reason.empty()) {
      return fmt::format("the path '{}' {}", system::excerpt(*path), reason);
    }
    if (!digests.emplace(*path, line.substr(0, kDigestDigits)).second) {
      return fmt::format("the path '{}' is listed twice", system::excerpt(*path));
    }
    return "";
  });
  return digests;
}

std::string payload_oxum(int64_t bytes, int64_t files) {
  return fmt::format("{}.{}", bytes, files);
}

std::string bag_info_text(const BagInfo& info) {
  // Labels in byte order. No build revision and no clock: the same project gives the same bytes
  // everywhere.
  std::string text = "Bag-Software-Agent: reconproof " + system::build_info().version + "\n";
  if (!info.date.empty()) text += "Bagging-Date: " + info.date + "\n";
  text += "External-Identifier: " + system::printable(info.project) + "\n";
  return text + "Payload-Oxum: " + payload_oxum(info.payload_bytes, info.payload_files) + "\n";
}

std::optional<std::string> parse_payload_oxum(std::string_view text,
                                              std::vector<BundleProblem>& problems) {
  std::optional<std::string> oxum;
  for_each_line(text, kBagInfoFile, problems,
                [&](int64_t number, std::string_view line) -> std::string {
                  const bool continued = !line.empty() && (line[0] == ' ' || line[0] == '\t');
                  if (continued && number > 1) return "";
                  const size_t colon = line.find(": ");
                  if (continued || colon == std::string_view::npos || colon == 0)
                    return "expected 'Label: value'";
                  if (line.substr(0, colon) != "Payload-Oxum") return "";
                  if (oxum) return "Payload-Oxum stands twice";
                  oxum = line.substr(colon + 2);
                  return "";
                });
  return oxum;
}

std::string bag_folder_name(std::string_view project) {
  constexpr size_t kMost = 64;
  std::string name;
  for (char c : project.substr(0, kMost)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || ((c == '.' || c == '_') && !name.empty())) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name.empty() ? "bundle" : name;
}

bool is_attestation(std::string_view path) {
  constexpr std::string_view kPrefix = "attestations/", kSuffix = ".dsse.json";
  if (!path.starts_with(kPrefix) || !path.ends_with(kSuffix) ||
      path.size() <= kPrefix.size() + kSuffix.size()) {
    return false;
  }
  return path.substr(kPrefix.size()).find('/') == std::string_view::npos;
}

}  // namespace reconproof::submission
