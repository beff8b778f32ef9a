// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Faults are exceptions of one type; broken rules are values (challenge/finding.h).
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

namespace reconproof::system {

enum class Code {
  kUsage,            // command line cannot be understood
  kInvalidArgument,  // understood, but a value is out of range
  kNotFound,         // a named input is not there or cannot be opened
  kCorrupt,          // an input is there but malformed
  kUnsupported,      // well-formed, but beyond what this version reads
  kIntegrity,        // a hash, signature or manifest does not hold
  kIo,               // the machine failed us: disk full, permission, broken pipe
  kInternal,         // our own mistake
};

/// The only exception type this project throws. `what()` is one message for a person: which file,
/// which place in it, what was found, what was expected, what to do.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

template <typename... Args>
[[noreturn]] void fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

/// "path: No such file or directory", from the current errno.
[[noreturn]] void fail_errno(Code code, const std::string& what);

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace reconproof::system

/// A bug of ours, never a fault of the user's data: aborts.
#define RP_ASSERT(expression) \
  ((expression) ? void(0) : ::reconproof::system::assertion_failed(#expression, __FILE__, __LINE__))
