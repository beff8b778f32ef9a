// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// `--edition snu-2025`, or `--rules my.toml` for one that is not compiled into the program.
#pragma once

#include <string>

#include "challenge/edition.h"
#include "cli/options.h"

namespace reconproof::cli {

class EditionOption {
 public:
  void add_to(po::options_description& description);
  /// kUsage unless exactly one of both is given.
  challenge::Edition load() const;

 private:
  std::string edition_, rules_;
};

}  // namespace reconproof::cli
