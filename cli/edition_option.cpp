// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "cli/edition_option.h"

#include <fmt/format.h>

#include "system/error.h"

namespace reconproof::cli {

void EditionOption::add_to(po::options_description& description) {
  description.add_options()("edition", po::value(&edition_),
                            "edition of the challenge, such as snu-2025")(
      "rules", po::value(&rules_), "instead: a rule file of your own (docs/formats/edition.md)");
}

challenge::Edition EditionOption::load() const {
  if (edition_.empty() == rules_.empty()) {
    system::fail(system::Code::kUsage, "give --edition E (one of {}) or --rules FILE",
                 fmt::join(challenge::edition_ids(), ", "));
  }
  return rules_.empty() ? challenge::find_edition(edition_) : challenge::read_edition(rules_);
}

}  // namespace reconproof::cli
