// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// An organiser lets a broken rule pass for one submission (docs/formats/waiver.md). A waiver is a
// signed file of the organiser's; it never comes from a submission.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "challenge/finding.h"
#include "system/ed25519.h"

namespace reconproof::submission {

struct Waiver {
  std::vector<std::string> rules;  // ids
  std::string bundle;              // its id; empty: the scope is project and edition
  std::string project, edition;    // empty: the scope is a bundle
  std::string reason;
  std::string expires;  // the last day on which it holds, "2026-09-01"
  std::string key_id;   // of who signed, once it was read
  std::string file;     // where it was read
};

/// Contents of a waiver's file. The same waiver and key give the same bytes.
std::string sign_waiver(const Waiver& waiver, const system::SigningKey& key);

/// kNotFound; kIntegrity unless `key` signed it; kCorrupt for anything else than a waiver.
Waiver read_waiver(const std::filesystem::path& file, const system::PublicKey& key);

/// What findings are about, and when they are judged.
struct WaiverScope {
  std::string bundle;  // its id; empty: a project that is no bundle
  std::string project, edition;
  std::string today;  // as system::today()
};

/// Findings with status fail become waived; until when, by whom and why is the first piece of their
/// evidence. Returns a note, one sentence, for each waiver, or rule of one, that has no effect.
std::vector<std::string> apply_waivers(std::vector<challenge::Finding>& findings,
                                       const std::vector<Waiver>& waivers,
                                       const WaiverScope& scope);

}  // namespace reconproof::submission
