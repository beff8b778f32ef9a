// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace reconproof::system {

void fail_errno(Code code, const std::string& what) {
  const int error = errno;
  fail(code, "{}: {}", what, std::strerror(error));
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "reconproof: internal error at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace reconproof::system
