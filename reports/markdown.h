// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A report as Markdown (CommonMark with pipe tables, as GitHub shows it). Figures are files of a
// folder beside it: GitHub shows no data: addresses, and a page of Markdown is read as text too.
#pragma once

#include <string>
#include <vector>

#include "reports/document.h"
#include "reports/figures.h"

namespace reconproof::reports {

struct MarkdownReport {
  std::string text;
  std::vector<FigureFile> figures;  // what `text` links to
};

/// `folder`: name of the figures' folder as the links have it. `texts` of the document's language.
MarkdownReport render_markdown(const Document& document, const Texts& texts,
                               const std::string& folder);

}  // namespace reconproof::reports
