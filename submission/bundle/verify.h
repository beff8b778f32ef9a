// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Is a bundle what its manifests say, to the last byte and name? Stricter than bagit.py.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "challenge/finding.h"
#include "submission/bundle/attestation.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/inventory.h"
#include "submission/hand_in.h"

namespace reconproof::submission {

struct VerifyResult {
  std::string id;  // SHA-256 of tagmanifest-sha256.txt as found; "" when there is none
  int64_t files = 0, bytes = 0;  // of the bag, attestations left out
  std::vector<Signer> signers;
  HandIn handed_in;                         // what stands in it
  std::vector<challenge::Finding> hand_in;  // the same, judged by what its edition asks for
  /// Of each kind and code the first 1,000, and one that says how many more there are.
  std::vector<BundleProblem> problems;
  int64_t unlisted = 0;         // problems beyond one for each of these
  std::set<std::string> parts;  // of the payload, whose bytes were looked at; empty: all of it

  bool ok() const { return problems.empty(); }
  system::ExitCode exit_code() const;
};

struct VerifyOptions {
  int threads = 0;                   // 0: one a core
  std::set<std::string> parts = {};  // of the payload, whose bytes are looked at; empty: all of it
  Trust trust = {};                  // who must have signed
};

/// An archive or an extracted bag. Throws only when `bundle` cannot be opened or read: everything
/// else is a problem.
VerifyResult verify(const std::filesystem::path& bundle, const VerifyOptions& options = {});

/// The judgement alone. Files without a SHA-256 are not compared.
VerifyResult judge(const Inventory& inventory, const Trust& trust = {});

/// docs/formats/bundle.md, "reconproof.verify"
nlohmann::json to_json(const VerifyResult& result);
/// One line a problem, then the verdict. Nothing in it can move a terminal's cursor.
std::string to_text(const VerifyResult& result);

}  // namespace reconproof::submission
