// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A bag as one text: a line "@PATH" begins a file, "/PATH" names a folder. The judge meets
// whatever stands there; each file is also read as a manifest and as bag-info.txt.
#include "submission/bundle/bag.h"

#include "submission/bundle/verify.h"
#include "system/sha256.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

using submission::BundleProblem;
using submission::Digests;
using submission::Inventory;

Inventory inventory_of(std::string_view text) {
  Inventory bag;
  bag.top = "bag";
  std::string* contents = nullptr;
  while (!text.empty()) {
    const size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, length);
    const std::string name(line.substr(1, line.find('\n') - 1));
    if (line[0] == '@') {
      contents = &bag.texts[name];
    } else if (line[0] == '/') {
      bag.folders.insert(name);
    } else if (contents) {
      contents->append(line);
    }
    text.remove_prefix(length);
  }
  for (const auto& [path, file] : bag.texts)
    bag.files[path] = {std::ssize(file), system::sha256_hex(file), false, {}};
  return bag;
}

void check_manifest(std::string_view text) {
  std::vector<BundleProblem> problems;
  const Digests digests = submission::parse_manifest(text, "manifest", problems);
  const std::string written = submission::manifest_text(digests);
  RP_ASSERT(!problems.empty() || written.size() == text.size());
  std::vector<BundleProblem> none;
  RP_ASSERT(submission::parse_manifest(written, "manifest", none) == digests && none.empty());
}

void check_path(const std::string& path) {
  RP_ASSERT(submission::decode_bag_path(submission::encode_bag_path(path)) == path);
  if (const auto decoded = submission::decode_bag_path(path))
    RP_ASSERT(submission::decode_bag_path(submission::encode_bag_path(*decoded)) == decoded);
}

/// No problem means that every file is listed with its digest, and nothing else.
void check_verdict(const Inventory& bag) {
  const submission::VerifyResult result = submission::judge(bag);
  RP_ASSERT(!submission::to_text(result).empty());
  RP_ASSERT(submission::to_json(result).at("ok") == result.ok());
  RP_ASSERT(result.ok() || result.exit_code() != system::ExitCode::kPass);
  if (!result.ok()) return;
  Digests payload, tags;
  for (const auto& [path, file] : bag.files) {
    if (path.starts_with(submission::kPayloadFolder))
      payload[path] = file.sha256;
    else if (path != submission::kTagManifestFile && !submission::is_attestation(path))
      tags[path] = file.sha256;
  }
  std::vector<BundleProblem> none;
  const auto listed = [&](const char* manifest) {
    return submission::parse_manifest(bag.texts.at(manifest), manifest, none);
  };
  RP_ASSERT(listed(submission::kManifestFile) == payload);
  RP_ASSERT(listed(submission::kTagManifestFile) == tags);
}

/// With manifests that are right, so that the judge comes to accept some.
void seal(Inventory& bag) {
  Digests payload, tags;
  int64_t bytes = 0;
  const auto put = [&](const char* path, const std::string& text) {
    bag.texts[path] = text;
    bag.files[path] = {std::ssize(text), system::sha256_hex(text), false, {}};
  };
  for (const auto& [path, file] : bag.files) {
    if (!path.starts_with(submission::kPayloadFolder)) continue;
    payload[path] = file.sha256;
    bytes += file.size;
  }
  put(submission::kBagitFile, submission::kBagitText);
  put(submission::kManifestFile, submission::manifest_text(payload));
  put(submission::kBagInfoFile, submission::bag_info_text({"p", "", bytes, std::ssize(payload)}));
  for (const auto& [path, file] : bag.files) {
    const bool payload_or_outside = path.starts_with(submission::kPayloadFolder) ||
                                    submission::is_attestation(path) ||
                                    path == submission::kTagManifestFile;
    if (!payload_or_outside) tags[path] = file.sha256;
  }
  put(submission::kTagManifestFile, submission::manifest_text(tags));
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_manifest(text);
  submission::Inventory bag = fuzz::inventory_of(text);
  for (const auto& [path, contents] : bag.texts) {
    fuzz::check_path(path);
    fuzz::check_manifest(contents);
    std::vector<submission::BundleProblem> problems;
    submission::parse_payload_oxum(contents, problems);
  }
  fuzz::check_verdict(bag);
  fuzz::seal(bag);
  fuzz::check_verdict(bag);
  return 0;
}
