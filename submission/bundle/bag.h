// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The texts of a BagIt 1.0 bag (RFC 8493), in the one form that reconproof writes and accepts
// (docs/formats/bundle.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/exit_code.h"

namespace reconproof::submission {

inline constexpr const char* kBagitFile = "bagit.txt";
inline constexpr const char* kBagInfoFile = "bag-info.txt";
inline constexpr const char* kManifestFile = "manifest-sha256.txt";
inline constexpr const char* kTagManifestFile = "tagmanifest-sha256.txt";
inline constexpr const char* kPayloadFolder = "data/";
inline constexpr const char* kMetaFolder = "meta/";
inline constexpr const char* kAttestationFolder = "attestations";
inline constexpr const char* kBagitText =
    "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// One thing that is wrong with a bundle.
struct BundleProblem {
  std::string kind;  // "corrupted", "missing", "extra", ...: the list is in docs/formats/bundle.md
  std::string path;  // in the bag; text of a stranger
  std::string message;  // one sentence; may quote text of a stranger
  system::ExitCode code = system::ExitCode::kIntegrity;  // or kMalformed
};

/// Path -> SHA-256 in lower-case hexadecimal digits, in byte order.
using Digests = std::map<std::string, std::string>;

/// RFC 8493, 2.1.3: %, CR and LF of a path are written %25, %0D and %0A.
std::string encode_bag_path(std::string_view path);
/// Nothing when a % begins anything else.
std::optional<std::string> decode_bag_path(std::string_view text);

std::string manifest_text(const Digests& digests);
/// Lines "DIGEST  PATH\n". `file` names the manifest in the problems; lines that are wrong are left
/// out.
Digests parse_manifest(std::string_view text, const std::string& file,
                       std::vector<BundleProblem>& problems);

struct BagInfo {
  std::string project;  // External-Identifier
  std::string date;     // Bagging-Date, "2026-08-31"; none when empty
  int64_t payload_bytes = 0, payload_files = 0;
};
std::string bag_info_text(const BagInfo& info);
/// "BYTES.FILES" of the only Payload-Oxum; problems for lines that are no label and value.
std::optional<std::string> parse_payload_oxum(std::string_view text,
                                              std::vector<BundleProblem>& problems);
std::string payload_oxum(int64_t bytes, int64_t files);

/// The bag's folder: letters, digits, '.', '_' and '-' of the project's name, "bundle" when none is
/// left.
std::string bag_folder_name(std::string_view project);

inline constexpr int64_t kMaxAttestationBytes = 1 << 20;
inline constexpr int64_t kMaxAttestations = 64;  // all are held in memory
/// attestations/NAME.dsse.json: the only files that stand outside the manifests.
bool is_attestation(std::string_view path);

}  // namespace reconproof::submission
