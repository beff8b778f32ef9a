// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Who vouches for a bundle (docs/formats/bundle.md, "Attestations"): signed statements about its
// id, in the bundle or beside it. Whoever verifies names the keys; what the bundle says of keys is
// a hint.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/dsse.h"
#include "submission/bundle/bag.h"
#include "submission/bundle/inventory.h"
#include "system/ed25519.h"

namespace reconproof::submission {

struct Attestation {
  std::string id;                // the bundle's
  std::string role;              // "team" or "organiser": what the signer says that it is
  std::string project, edition;  // as in meta/submission.json
  std::string note = {}, date = {}, expires = {};  // empty: not stated; days as system/date.h
};

/// attestations/NAME.dsse.json: a key has one, so that signing again replaces it.
std::string attestation_path(const system::PublicKey& key);

/// Contents of such a file. The same attestation and key give the same bytes.
std::string sign_attestation(const Attestation& attestation, const system::SigningKey& key);

/// What an envelope states; true only where a trusted key signed it. kCorrupt, with `name`, for
/// anything else than an attestation.
Attestation parse_attestation(const formats::DsseEnvelope& envelope, const std::string& name);

struct Trust {
  std::vector<system::PublicKey> keys;       // each must have signed; none: signatures are listed
  std::vector<std::filesystem::path> files;  // further attestations, beside those of the bundle
  std::string today = {};                    // for expiry; empty: by this machine's clock
};

/// One signature that stands under an attestation. Unless it is `checked`, nothing of it need be
/// true, and all of it is text of a stranger.
struct Signer {
  std::string file;  // where it stands
  std::string key_id;
  Attestation stated;
  bool checked = false;  // a key of `Trust` made it, for this bundle, and it has not expired
};

/// Adds the problems "attestation" (no attestation, or of another bundle) and "signature" (a
/// trusted key has not signed this bundle). kNotFound for a file of `trust` that is not there.
std::vector<Signer> judge_attestations(const Inventory& bag, const Trust& trust,
                                       std::vector<BundleProblem>& problems);

nlohmann::json signers_json(const std::vector<Signer>& signers);
/// A line each.
std::string signers_text(const std::vector<Signer>& signers);

}  // namespace reconproof::submission
