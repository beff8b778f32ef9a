// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A small project to pack, and bundles that an enemy made of it.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "submission/bundle/pack.h"
#include "submission/project.h"
#include "system/files.h"

namespace reconproof::submission {

using Bag = std::map<std::string, std::string>;  // path in the bag -> contents

void put(const std::filesystem::path& path, const std::string& contents);
std::string slurp(const std::filesystem::path& path);

/// Without entries of folders.
std::string archive_of(const Bag& bag, const std::string& top = "team");

/// Makes the manifests and the Oxum right again: what a careful forger does.
void reseal(Bag& bag);

/// The findings of meta/findings.json about what is to be handed in: "slides" -> status.
std::map<std::string, std::string> hand_in_of(const Bag& bag);

/// A team's repository that was checked, below a temporary folder.
class SampleProject {
 public:
  SampleProject();

 protected:
  nlohmann::json check_json() const;
  void write_check() const;
  std::filesystem::path packed(const std::string& name = "out.tar", bool unchecked = false);
  /// The files of the packed bundle.
  Bag bag();

  system::TemporaryFolder folder_;
  std::filesystem::path root_ = folder_.path(), code_ = root_ / "code";
  Project project_;
  PackResult last_;
};

}  // namespace reconproof::submission
