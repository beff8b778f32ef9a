// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "cli/limit_options.h"

#include <cmath>
#include <optional>

#include "system/error.h"

namespace reconproof::cli {

using system::Code;
using system::fail;

namespace {

/// GiB as bytes; absent where the option is.
std::optional<int64_t> gib_option(const po::variables_map& values, const char* command,
                                  const char* name) {
  if (!values.count(name)) return std::nullopt;
  const double gib = values[name].as<double>();
  if (!(gib > 0 && gib < 1 << 20)) {
    fail(Code::kInvalidArgument, "{}: --{} {}: expected more than 0 GiB", command, name, gib);
  }
  return std::llround(gib * (int64_t{1} << 30));
}

}  // namespace

void add_limit_options(po::options_description& description) {
  description.add_options()("timeout", po::value<double>(),
                            "stop the command after so many seconds (default: twice the limit)")(
      "limit-memory", po::value<double>(), "GiB that the command may use (default: all but 1)")(
      "limit-output", po::value<double>(), "GiB that it may write (default: half of what is free)")(
      "limit-processes", po::value<int64_t>(),
      "processes and threads that it may have at once (default: 4096)");
}

workflows::RunLimits limit_options(const po::variables_map& values, const char* command) {
  workflows::RunLimits limits;
  if (values.count("timeout")) limits.timeout_s = values["timeout"].as<double>();
  limits.memory_bytes = gib_option(values, command, "limit-memory");
  limits.output_bytes = gib_option(values, command, "limit-output");
  if (values.count("limit-processes")) limits.processes = values["limit-processes"].as<int64_t>();
  if (limits.processes && *limits.processes < 1) {
    fail(Code::kInvalidArgument, "{}: --limit-processes {}: expected 1 or more", command,
         *limits.processes);
  }
  if (limits.timeout_s && !(*limits.timeout_s > 0)) {
    fail(Code::kInvalidArgument, "{}: --timeout {}: expected more than 0 seconds", command,
         *limits.timeout_s);
  }
  return limits;
}

}  // namespace reconproof::cli
