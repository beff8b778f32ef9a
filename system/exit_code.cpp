// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/exit_code.h"

#include <algorithm>
#include <array>

namespace reconproof::system {

ExitCode exit_code_of(Code code) {
  switch (code) {
    case Code::kUsage:
    case Code::kInvalidArgument:
      return ExitCode::kUsage;
    case Code::kNotFound:
    case Code::kCorrupt:
    case Code::kUnsupported:
      return ExitCode::kMalformed;
    case Code::kIntegrity:
      return ExitCode::kIntegrity;
    case Code::kIo:
    case Code::kInternal:
      break;
  }
  return ExitCode::kInternal;
}

ExitCode worst(std::initializer_list<ExitCode> codes) {
  constexpr std::array kOrder = {
      ExitCode::kInternal,   ExitCode::kUsage,         ExitCode::kMalformed,   ExitCode::kIntegrity,
      ExitCode::kRuleBroken, ExitCode::kNotReproduced, ExitCode::kInconclusive};
  for (ExitCode candidate : kOrder) {
    if (std::find(codes.begin(), codes.end(), candidate) != codes.end()) return candidate;
  }
  return ExitCode::kPass;
}

}  // namespace reconproof::system
