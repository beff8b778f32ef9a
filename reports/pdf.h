// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A report as PDF: the HTML report as a browser prints it.
#pragma once

#include <string>

namespace reconproof::reports {

/// kUsage, with what to do instead, where no Chromium is in PATH.
void require_browser();

/// Prints a page that needs nothing else. The dates in the file are those of SOURCE_DATE_EPOCH,
/// else of 1970: same page and browser, same bytes. kInternal where the browser fails.
std::string render_pdf(const std::string& html);

}  // namespace reconproof::reports
