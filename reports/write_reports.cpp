// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/write_reports.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "reports/document.h"
#include "reports/html.h"
#include "reports/markdown.h"
#include "reports/pdf.h"
#include "reports/slides.h"
#include "system/error.h"
#include "system/files.h"
#include "system/lists.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::fail;

constexpr Format kFormats[] = {Format::kHtml, Format::kMarkdown, Format::kSlides, Format::kPdf};

std::vector<std::string> split_list(const std::string& list, const char* option) {
  const std::vector<std::string> items = system::split_at_commas(list);
  for (auto item = items.begin(); item != items.end(); ++item) {
    if (std::find(items.begin(), item, *item) != item)
      fail(Code::kUsage, "{} names '{}' twice", option, system::printable(*item));
  }
  return items;
}

Format format_of(const std::string& name) {
  for (const Format format : kFormats)
    if (format_name(format) == name) return format;
  fail(Code::kUsage, "--format '{}' is unknown; expected one or more of html,md,pptx,pdf",
       system::printable(name));
}

std::optional<Format> format_of_ending(const fs::path& output) {
  for (const Format format : kFormats)
    if (output.extension() == fmt::format(".{}", format_name(format))) return format;
  return std::nullopt;
}

bool is_figure_name(const fs::path& entry) {
  std::error_code ignored;
  return fs::is_regular_file(fs::symlink_status(entry, ignored)) &&
         (entry.extension() == ".svg" || entry.extension() == ".png");
}

/// The folder is replaced as a whole: nothing in it may be anyone else's.
void expect_only_figures(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(folder, ignored))) return;
  if (!system::is_folder(folder) || fs::is_symlink(folder, ignored)) {
    fail(Code::kInvalidArgument,
         "{}: the report's figures go there, and it is no folder; choose another name with -o",
         folder.string());
  }
  for (const fs::path& entry : system::sorted_entries(folder)) {
    if (is_figure_name(entry)) continue;
    fail(Code::kInvalidArgument,
         "{}: holds {}, which is no figure of a report; choose another name with -o",
         folder.string(), system::printable(entry.filename().string()));
  }
}

/// What is to be written, complete in memory.
struct Rendered {
  PlannedFile plan;
  std::string bytes;
  std::vector<FigureFile> figures;
};

/// All of one language.
class Renderer {
 public:
  Renderer(const Report& report, const std::string& language,
           const std::optional<fs::path>& slide_master)
      : texts_(language), document_(make_document(report, texts_)), slide_master_(slide_master) {}

  Rendered render(const PlannedFile& plan) {
    switch (plan.format) {
      case Format::kHtml:
        return {plan, render_html(document_, texts_), {}};
      case Format::kMarkdown: {
        MarkdownReport markdown =
            render_markdown(document_, texts_, plan.figures.filename().string());
        return {plan, std::move(markdown.text), std::move(markdown.figures)};
      }
      case Format::kSlides:
        return {plan, render_slides(make_deck(document_, texts_), texts_, slide_master_), {}};
      case Format::kPdf:
        return {plan, render_pdf(render_html(document_, texts_, Medium::kPaper)), {}};
    }
    fail(Code::kInternal, "no format {}", static_cast<int>(plan.format));
  }

 private:
  Texts texts_;
  Document document_;
  const std::optional<fs::path>& slide_master_;
};

WrittenFile described(const fs::path& path, std::string_view format, const std::string& language,
                      const std::string& bytes) {
  return {path, std::string(format), language, std::ssize(bytes), system::sha256_hex(bytes)};
}

}  // namespace

std::string_view format_name(Format format) {
  switch (format) {
    case Format::kHtml:
      return "html";
    case Format::kMarkdown:
      return "md";
    case Format::kSlides:
      return "pptx";
    case Format::kPdf:
      return "pdf";
  }
  fail(Code::kInternal, "no format {}", static_cast<int>(format));
}

WriteOptions write_options(const std::string& formats, const std::string& languages,
                           const std::string& output) {
  WriteOptions options;
  if (!output.empty()) options.output = output;
  const std::optional<Format> ending = format_of_ending(options.output);
  options.formats.clear();
  if (formats.empty()) {
    options.formats.push_back(ending.value_or(Format::kHtml));
  } else {
    for (const std::string& name : split_list(formats, "--format"))
      options.formats.push_back(format_of(name));
  }
  options.languages = split_list(languages, "--lang");
  for (const std::string& language : options.languages) Texts{language};  // is there such a one?
  if (ending && (options.formats != std::vector{*ending} || options.languages.size() != 1)) {
    fail(
        Code::kUsage,
        "-o {} names one file, and --format and --lang ask for another or for several; give a name "
        "without an ending, such as {}",
        system::printable(output), system::printable(options.output.stem().string()));
  }
  if (options.output.filename().empty()) {
    fail(Code::kUsage, "-o {} is a folder; name a file, such as {}", system::printable(output),
         system::printable((options.output / "report").string()));
  }
  return options;
}

std::vector<PlannedFile> planned_files(const WriteOptions& options) {
  std::vector<PlannedFile> files;
  const bool exact = format_of_ending(options.output).has_value();
  for (const std::string& language : options.languages) {
    for (const Format format : options.formats) {
      fs::path path = options.output;
      if (!exact) {
        path += language == "en" ? "" : "." + language;
        path += fmt::format(".{}", format_name(format));
      }
      fs::path figures;
      if (format == Format::kMarkdown)
        figures = path.parent_path() / (path.stem().string() + "_files");
      files.push_back({format, language, path, figures});
    }
  }
  return files;
}

void expect_writable(const WriteOptions& options) {
  for (const Format format : options.formats) {
    if (format == Format::kSlides) require_slide_programs();
    if (format == Format::kPdf) require_browser();
  }
  if (options.slide_master) system::open_for_reading(*options.slide_master);
  for (const PlannedFile& file : planned_files(options)) {
    if (!file.figures.empty()) expect_only_figures(file.figures);
  }
}

std::vector<WrittenFile> write_reports(const Report& report, const WriteOptions& options) {
  expect_writable(options);
  std::vector<Rendered> rendered;
  std::optional<Renderer> renderer;
  std::string language;
  for (const PlannedFile& plan : planned_files(options)) {
    if (!renderer || language != plan.language)
      renderer.emplace(report, language = plan.language, options.slide_master);
    rendered.push_back(renderer->render(plan));
  }
  std::vector<std::unique_ptr<system::StagedFolder>> folders;
  std::vector<std::unique_ptr<system::AtomicFile>> files;
  std::vector<WrittenFile> written;
  for (const Rendered& part : rendered) {
    files.push_back(std::make_unique<system::AtomicFile>(part.plan.path));
    files.back()->write(part.bytes);
    written.push_back(
        described(part.plan.path, format_name(part.plan.format), part.plan.language, part.bytes));
    std::error_code ignored;
    if (part.figures.empty() && !fs::exists(part.plan.figures, ignored)) continue;
    folders.push_back(std::make_unique<system::StagedFolder>(part.plan.figures));
    for (const FigureFile& figure : part.figures) {
      system::write_file(folders.back()->path() / figure.name, figure.bytes);
      written.push_back(
          described(part.plan.figures / figure.name, "figure", part.plan.language, figure.bytes));
    }
  }
  // Pictures before the pages that show them.
  for (const std::unique_ptr<system::StagedFolder>& folder : folders) folder->commit();
  for (const std::unique_ptr<system::AtomicFile>& file : files) file->commit();
  return written;
}

}  // namespace reconproof::reports
