// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What an edition's organisers asked for, in the places where their scripts look: the repository,
// and beside it the weights, records of the loss, and slides. It has no manifest; the bundle
// proves, this is only handed in.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "submission/bundle/collect.h"
#include "submission/bundle/pack.h"

namespace reconproof::submission {

/// Path below the one folder of the layout -> file. Reconstructions, which organisers make
/// themselves, and data are not among them.
std::map<std::string, SourceFile> official_files(const Project& project,
                                                 const Collection& collection);

/// Writes `out`: a zip file where its name ends in ".zip", else a new folder. Whole or not at all;
/// the same project gives the same bytes. Without an id. kInvalidArgument when a folder of that
/// name is there.
PackResult pack_official(const Project& project, const std::filesystem::path& out);

}  // namespace reconproof::submission
