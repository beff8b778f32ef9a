// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// One report in several formats and languages: what the files are called, and how they come to the
// disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reports/model.h"

namespace reconproof::reports {

enum class Format { kHtml, kMarkdown, kSlides, kPdf };

/// "html", "md", "pptx", "pdf": what --format says and file names end in.
std::string_view format_name(Format format);

struct WriteOptions {
  std::vector<Format> formats = {Format::kHtml};
  std::vector<std::string> languages = {"en"};
  /// With one of the endings: that file, of one format and language. Else what all names begin
  /// with: NAME.html, and NAME.ko.html for every language but English.
  std::filesystem::path output = "report";
  std::optional<std::filesystem::path> slide_master;
};

struct PlannedFile {
  Format format = Format::kHtml;
  std::string language;
  std::filesystem::path path;
  std::filesystem::path figures;  // folder of a Markdown report's figures, else empty
};

/// From comma-separated lists as --format and --lang give them; `output` may be empty. kUsage for
/// what is unknown, stands twice, or does not go together.
WriteOptions write_options(const std::string& formats, const std::string& languages,
                           const std::string& output);

std::vector<PlannedFile> planned_files(const WriteOptions& options);

/// kUsage where a program that a format needs is not here; kInvalidArgument where the folder of
/// figures holds anything that is no figure of ours. To be called before the long work.
void expect_writable(const WriteOptions& options);

struct WrittenFile {
  std::filesystem::path path;
  std::string format;  // of the report; "figure" for what a Markdown report links to
  std::string language;
  int64_t size_bytes = 0;
  std::string sha256;
};

/// Renders everything, writes everything beside its place, and only then puts one after the other
/// there. In the order of languages, then formats.
std::vector<WrittenFile> write_reports(const Report& report, const WriteOptions& options);

}  // namespace reconproof::reports
