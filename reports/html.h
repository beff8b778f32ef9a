// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The report as one HTML file that needs nothing else: no request; style, script and pictures are
// inside, and a Content-Security-Policy lets nothing else run.
#pragma once

#include <string>

#include "reports/document.h"
#include "reports/text.h"

namespace reconproof::reports {

enum class Medium {
  kScreen,
  kPaper,  // without the viewer's script: it would have set up the page or not, as time allows
};

/// Same document and texts, same bytes. All text is escaped here; what is not is our own: SVG,
/// style and script.
std::string render_html(const Document& document, const Texts& texts,
                        Medium medium = Medium::kScreen);

}  // namespace reconproof::reports
