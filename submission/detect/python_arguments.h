// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The options of a Python script, as its argparse calls name them: read as text, never executed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::submission {

struct PythonOption {
  std::vector<std::string> flags;    // "-n", "--net_name"
  std::optional<std::string> value;  // its default, where that is a literal (or Path of one)
  int64_t line = 0;

  bool has_flag(std::string_view flag) const;
};

/// Every `add_argument(...)` of the source whose flags are literals. What is in a comment is left
/// out; what is written otherwise is not found.
std::vector<PythonOption> argparse_options(std::string_view source);

struct GivenValue {
  std::string value;
  size_t word = 0;  // index of the word that names the option
};

/// What a command line gives the option: `-n x`, `-nx`, `--net_name x`, `--net_name=x`, or a
/// beginning of the long flag that no other option shares. The last one holds; absent when the
/// default does.
std::optional<GivenValue> given_value(const std::vector<std::string>& words,
                                      const PythonOption& option,
                                      const std::vector<PythonOption>& all);

}  // namespace reconproof::submission
