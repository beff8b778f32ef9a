// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The report as one HTML file that needs nothing else: no script, no request, styles and pictures
// inside.
#pragma once

#include <string>

#include "reports/model.h"
#include "reports/text.h"

namespace reconproof::reports {

/// Same report and language, same bytes. All text of strangers is made printable and escaped.
std::string render_html(const Report& report, const Texts& texts);

}  // namespace reconproof::reports
