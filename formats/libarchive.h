// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What reading and writing with libarchive have in common; for the sources of this folder.
#pragma once

#include <archive.h>
#include <locale.h>

#include <string>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::formats {

/// libarchive converts names through the thread's locale. Under the plain "C" locale it would store
/// or refuse other bytes for a Korean file name than under a UTF-8 one.
class Utf8Locale {
 public:
  Utf8Locale() {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (!utf8)
      system::fail(system::Code::kInternal,
                   "the locale C.UTF-8 is missing on this machine; install libc-bin");
    before_ = ::uselocale(utf8);
  }
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t before_;
};

struct ReadCloser {
  void operator()(archive* reader) const { ::archive_read_free(reader); }
};

inline std::string archive_message(archive* archive) {
  const char* text = ::archive_error_string(archive);
  return text ? system::printable(text) : "unknown fault";
}

}  // namespace reconproof::formats
