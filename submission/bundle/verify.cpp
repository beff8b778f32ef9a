// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/verify.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "formats/strict_json.h"
#include "submission/bundle/attestation.h"
#include "submission/bundle/handed_in.h"
#include "submission/bundle/hashing.h"
#include "submission/bundle/meta_fields.h"
#include "submission/bundle/names.h"
#include "submission/bundle/shards.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::submission {

using system::ExitCode;

namespace {

/// A manifest of some megabytes can list a million files that are missing: nobody reads them all,
/// and they need not be held in memory.
constexpr int64_t kMostOfAKind = 1000;

/// One bag under judgement. Each pass below adds problems; none stops another.
struct Judge {
  const Inventory& bag;
  VerifyResult result;
  nlohmann::json submission;  // meta/submission.json; null where it is none
  std::map<std::pair<std::string, ExitCode>, int64_t> counts;  // problems by kind and code

  void report(BundleProblem problem) {
    if (++counts[{problem.kind, problem.code}] <= kMostOfAKind)
      result.problems.push_back(std::move(problem));
  }
  void count_the_rest() {
    for (const auto& [kind, many] : counts) {
      if (many <= kMostOfAKind) continue;
      result.problems.push_back(
          {kind.first, "", fmt::format("{} more of this kind", many - kMostOfAKind), kind.second});
      result.unlisted += many - kMostOfAKind - 1;
    }
  }
  void integrity(const char* kind, const std::string& path, const std::string& message) {
    report({kind, path, message, ExitCode::kIntegrity});
  }
  void malformed(const char* kind, const std::string& path, const std::string& message) {
    report({kind, path, message, ExitCode::kMalformed});
  }
  const std::string* text(const std::string& path) const {
    const auto found = bag.texts.find(path);
    return found == bag.texts.end() ? nullptr : &found->second;
  }
};

void check_declaration(Judge& judge) {
  const std::string* text = judge.text(kBagitFile);
  if (!text) {
    judge.malformed("missing", kBagitFile, "is missing; this is no BagIt bag");
  } else if (*text != kBagitText) {
    const bool other_version =
        text->starts_with("BagIt-Version: ") && !text->starts_with("BagIt-Version: 1.0\n");
    const std::string first = text->substr(0, std::min(text->find('\n'), size_t{60}));
    judge.malformed(other_version ? "unsupported" : "malformed", kBagitFile,
                    other_version
                        ? fmt::format("'{}' is an unknown version, expected 1.0", first)
                        : "expected exactly the lines 'BagIt-Version: 1.0' and "
                          "'Tag-File-Character-Encoding: UTF-8', each ended by a newline");
  }
}

/// What BagIt allows and a bundle does not.
void check_foreign_files(Judge& judge) {
  for (const auto& [path, file] : judge.bag.files) {
    if (path == "fetch.txt") {
      judge.malformed("fetch", path,
                      "names files to be fetched from elsewhere; a bundle holds all its files");
    } else if ((path.starts_with("manifest-") || path.starts_with("tagmanifest-")) &&
               path.find('/') == std::string::npos && path.ends_with(".txt") &&
               path != kManifestFile && path != kTagManifestFile) {
      judge.malformed("unsupported", path,
                      "is a manifest of another algorithm; a bundle has SHA-256 alone");
    }
  }
}

/// "; damaged: bytes 16777216 to 33554431 (part 2 of 74)", or "" where the place is not known.
std::string damaged_bytes(const Inventory::File& file) {
  constexpr size_t kMost = 20;
  std::string text;
  const size_t all = file.damaged_parts.size();
  for (const int64_t part : std::span(file.damaged_parts).first(std::min(all, kMost))) {
    const int64_t begin = part * kShardBytes;
    text += fmt::format("{} {} to {} (part {} of {})", text.empty() ? "; damaged: bytes" : ",",
                        begin, std::min(begin + kShardBytes, file.size) - 1, part + 1,
                        shard_boundaries(file.size) + 1);
  }
  return all > kMost ? text + fmt::format(" and {} more parts", all - kMost) : text;
}

/// Compares what a manifest lists with what stands in the bag. `covers` says which files it must
/// list.
template <typename Covers>
void compare(Judge& judge, const std::string& manifest, const Digests& listed, Covers covers) {
  for (const auto& [path, digest] : listed) {
    const auto found = judge.bag.files.find(path);
    if (!covers(path)) {
      judge.malformed("malformed", manifest,
                      fmt::format("lists '{}', which does not belong in this manifest", path));
    } else if (found == judge.bag.files.end()) {
      judge.integrity("missing", path, fmt::format("is missing, though {} lists it", manifest));
    } else if (const Inventory::File& file = found->second;
               !file.sha256.empty() && file.sha256 != digest) {
      judge.integrity("corrupted", path,
                      fmt::format("was changed: SHA-256 {}, {} says {}{}", file.sha256, manifest,
                                  digest, damaged_bytes(file)));
    }
  }
  for (const auto& [path, file] : judge.bag.files) {
    if (covers(path) && !listed.contains(path)) {
      judge.integrity("extra", path, fmt::format("stands in the bundle, but not in {}", manifest));
    }
  }
}

void check_manifest(Judge& judge, const char* manifest) {
  const std::string* text = judge.text(manifest);
  if (!text && !judge.bag.files.contains(manifest)) {
    judge.integrity("missing", manifest,
                    "is missing; without it nothing in the bundle can be trusted");
  }
  if (!text) return;  // or too large, which is reported
  const bool payload = std::string_view(manifest) == kManifestFile;
  const Digests listed = parse_manifest(*text, manifest, judge.result.problems);
  compare(judge, manifest, listed, [&](const std::string& path) {
    if (payload || path.starts_with(kPayloadFolder))
      return payload && path.starts_with(kPayloadFolder);
    return path != kTagManifestFile && !is_attestation(path);
  });
}

void check_oxum(Judge& judge) {
  const std::string* text = judge.text(kBagInfoFile);
  if (!text) {
    if (!judge.bag.files.contains(kBagInfoFile))
      judge.malformed("missing", kBagInfoFile, "is missing");
    return;
  }
  const std::optional<std::string> oxum = parse_payload_oxum(*text, judge.result.problems);
  int64_t bytes = 0, files = 0;
  for (const auto& [path, file] : judge.bag.files) {
    if (!path.starts_with(kPayloadFolder)) continue;
    bytes += file.size;
    ++files;
  }
  if (!oxum) {
    judge.malformed("malformed", kBagInfoFile, "has no Payload-Oxum");
  } else if (*oxum != payload_oxum(bytes, files)) {
    judge.integrity(
        "oxum", kBagInfoFile,
        fmt::format("Payload-Oxum is {}, the payload has {}", *oxum, payload_oxum(bytes, files)));
  }
}

void check_meta(Judge& judge) {
  for (const std::string name : kJudgedMeta) {
    const std::string path = kMetaFolder + name + ".json";
    const std::string* text = judge.text(path);
    if (!text) {
      const bool reported =
          std::any_of(judge.result.problems.begin(), judge.result.problems.end(),
                      [&](const BundleProblem& problem) { return problem.path == path; });
      if (!reported) judge.integrity("missing", path, "is missing; every bundle has it");
      continue;
    }
    try {
      const nlohmann::json value = formats::parse_schema_json(*text, path, "reconproof." + name, 1);
      if (name == "submission") judge.submission = value;
      check_meta_fields(name, value);
    } catch (const system::Error& error) {
      judge.malformed("schema", path, error.what());
    }
  }
}

/// No manifest tells which files are executable, so meta/submission.json does.
void check_executables(Judge& judge) {
  const nlohmann::json& said = judge.submission;
  const nlohmann::json::json_pointer place("/code/executable");
  if (!judge.bag.archive || !said.is_object() || !said.contains(place)) return;
  std::set<std::string> listed;
  for (const nlohmann::json& path : said[place]) {
    if (!path.is_string()) return;  // check_meta tells
    listed.insert(path.get<std::string>());
  }
  for (const auto& [path, file] : judge.bag.files) {
    if (!path.starts_with("data/code/") || file.executable == listed.contains(path)) continue;
    judge.integrity("corrupted", path,
                    file.executable ? "is executable, though meta/submission.json does not say so"
                                    : "is not executable, though meta/submission.json says so");
  }
}

void check_collisions(Judge& judge) {
  std::set<std::string> files;
  for (const auto& [path, file] : judge.bag.files) files.insert(path);
  for (BundleProblem& problem : name_collisions(files, judge.bag.folders))
    judge.report(std::move(problem));
}

/// Manifests cannot list an empty folder, so none may be there: it would change unnoticed.
void check_empty_folders(Judge& judge) {
  for (const std::string& folder : judge.bag.folders) {
    const auto next = judge.bag.files.lower_bound(folder + "/");
    const bool used = next != judge.bag.files.end() && next->first.starts_with(folder + "/");
    if (!used && folder != kAttestationFolder)
      judge.integrity("extra", folder, "is an empty folder");
  }
}

void count(Judge& judge) {
  for (const auto& [path, file] : judge.bag.files) {
    if (is_attestation(path)) continue;
    ++judge.result.files;
    judge.result.bytes += file.size;
  }
  const auto manifest = judge.bag.files.find(kTagManifestFile);
  if (manifest != judge.bag.files.end()) judge.result.id = manifest->second.sha256;
}

void check_contents(Judge& judge, const Trust& trust) {
  check_declaration(judge);
  check_foreign_files(judge);
  check_manifest(judge, kTagManifestFile);
  check_manifest(judge, kManifestFile);
  check_oxum(judge);
  check_meta(judge);
  check_executables(judge);
  check_collisions(judge);
  check_empty_folders(judge);
  std::vector<BundleProblem> of_attestations;
  judge.result.signers = judge_attestations(judge.bag, trust, of_attestations);
  for (const BundleProblem& problem : of_attestations) judge.report(problem);
  judge.result.handed_in = hand_in_of(judge.bag, judge.submission);
  judge.result.hand_in = judge_handed_in(judge.submission, judge.result.handed_in);
}

}  // namespace

ExitCode VerifyResult::exit_code() const {
  ExitCode code = ExitCode::kPass;
  for (const BundleProblem& problem : problems) code = system::worst(code, problem.code);
  const auto missing = [](const challenge::Finding& finding) {
    return finding.status == challenge::Status::kFail &&
           finding.severity == challenge::Severity::kError;
  };
  if (std::ranges::any_of(hand_in, missing)) code = system::worst(code, ExitCode::kRuleBroken);
  return code;
}

VerifyResult judge(const Inventory& inventory, const Trust& trust) {
  Judge judge{inventory, {}, {}, {}};
  for (const BundleProblem& problem : inventory.problems) judge.report(problem);
  judge.result.parts = inventory.parts;
  count(judge);
  // Otherwise whatever is missing may be in the part that cannot be read.
  if (inventory.complete) check_contents(judge, trust);
  judge.count_the_rest();
  return judge.result;
}

VerifyResult verify(const std::filesystem::path& bundle, const VerifyOptions& options) {
  OpenBag bag = open_bag(bundle);
  hash_files(bag, {.threads = options.threads, .parts = options.parts});
  return judge(bag.inventory, options.trust);
}

nlohmann::json to_json(const VerifyResult& result) {
  nlohmann::json problems = nlohmann::json::array(), hand_in = nlohmann::json::array();
  for (const challenge::Finding& finding : result.hand_in)
    hand_in.push_back(challenge::to_json(finding));
  for (const BundleProblem& problem : result.problems) {
    problems.push_back({{"kind", problem.kind},
                        {"path", system::printable(problem.path)},
                        {"message", system::printable(problem.message)},
                        {"code", static_cast<int>(problem.code)}});
  }
  return {{"schema", "reconproof.verify"},
          {"schema_version", 1},
          {"id", result.id},
          {"ok", result.ok()},
          {"partial", result.parts},
          {"files", result.files},
          {"bytes", result.bytes},
          {"signers", signers_json(result.signers)},
          {"hand_in", hand_in},
          {"problems", problems}};
}

namespace {

std::string missing_text(const VerifyResult& result) {
  std::string text;
  for (const challenge::Finding& finding : result.hand_in) {
    if (finding.status == challenge::Status::kFail)
      text += fmt::format("{} ({}): {}\n", finding.rule_id,
                          challenge::severity_text(finding.severity), finding.message);
  }
  return text;
}

}  // namespace

std::string to_text(const VerifyResult& result) {
  std::string text;
  for (const BundleProblem& problem : result.problems) {
    text += fmt::format("{:<12}{}{}{}\n", problem.kind, system::printable(problem.path),
                        problem.path.empty() ? "" : ": ", system::printable(problem.message));
  }
  if (!result.ok()) {
    const int64_t many = std::ssize(result.problems) + result.unlisted;
    return text + fmt::format("NOT VERIFIED: {} problem{}\n", many, many == 1 ? "" : "s");
  }
  const std::string partial =
      result.parts.empty()
          ? ""
          : fmt::format(" in part: of data/ only {} was read", fmt::join(result.parts, ", "));
  return fmt::format("verified{}: {} files, {} bytes\nid {}\n{}{}", partial, result.files,
                     result.bytes, result.id, signers_text(result.signers), missing_text(result));
}

}  // namespace reconproof::submission
