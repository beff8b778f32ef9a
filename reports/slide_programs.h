// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to reports/: programs of others that make reports, and how their files are mended.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/office_package.h"
#include "reports/slides.h"

namespace reconproof::reports {

/// Path of a program in PATH; empty where it is not there.
std::filesystem::path program_in_path(const std::string& name);

/// Runs a program in a folder, without a clock (SOURCE_DATE_EPOCH). kInternal, with what it
/// printed, where it fails.
void run_program(const std::vector<std::string>& command, const std::filesystem::path& folder);

/// pandoc's own reference document with our colours, sizes and fonts.
void restyle_master(formats::PackageParts& parts);

/// Makes the layouts that slides use known to pandoc in a team's own master: it looks for them by
/// their English names. Returns the name of one that is not there, or nothing.
std::string adapt_layouts(formats::PackageParts& parts);

/// What pandoc leaves to be desired in its slides: the sizes of type in tables, captions and code,
/// captions above their tables, texts in place of pictures, numbers of shapes that stand twice.
void mend_slides(formats::PackageParts& parts, const SlideDeck& deck, const std::string& locale);

}  // namespace reconproof::reports
