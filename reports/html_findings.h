// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: the verdict and the findings of an HTML report.
#pragma once

#include <kainjow/mustache.hpp>

#include "reports/model.h"
#include "reports/text.h"

namespace reconproof::reports {

void add_verdict(kainjow::mustache::data& page, const Report& report, const Texts& texts);
void add_findings(kainjow::mustache::data& page, const Report& report, const Texts& texts);

}  // namespace reconproof::reports
