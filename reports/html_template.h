// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to the HTML report: what fills a template.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>

#include "reports/document.h"
#include "reports/text.h"

namespace reconproof::reports {

using TemplateData = kainjow::mustache::data;
using TemplateObject = kainjow::mustache::object;

/// The embedded template `name` with its values; kInternal where it names something that `values`
/// does not have, which mustache would silently leave out.
std::string fill_template(const std::string& name, const TemplateData& values);

/// All texts, by key: {{t.contents}}.
TemplateData template_texts(const Texts& texts);

/// {"text": ...}, or false where there is none: a part of a template that is there or not.
TemplateData optional_text(const std::string& text);

/// The pictures of the report: figures for paper, and for readers without script; the viewer for
/// the others.
std::string pictures_html(const Report& report, const Texts& texts);

}  // namespace reconproof::reports
