// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/slide_programs.h"

#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using formats::PackageParts;
using system::Code;
using system::fail;

constexpr double kProgramTimeout = 120;  // seconds; pandoc takes two
constexpr const char* kReader =
    "markdown_strict+pipe_tables+table_captions+fenced_divs+backtick_code_blocks+implicit_figures"
    "+all_symbols_escapable+yaml_metadata_block-raw_html";

fs::path our_master(const fs::path& folder) {
  run_program({"pandoc", "--output=reference.pptx", "--print-default-data-file=reference.pptx"},
              folder);
  PackageParts parts = formats::read_package(folder / "reference.pptx");
  restyle_master(parts);
  formats::write_package(folder / "reference.pptx", parts);
  return folder / "reference.pptx";
}

[[noreturn]] void refuse_master(const fs::path& master, const std::string& why) {
  fail(Code::kCorrupt, "{}: cannot be the slides' master: {}", master.string(), why);
}

fs::path adapted_master(const fs::path& master, const fs::path& folder) {
  PackageParts parts;
  try {
    parts = formats::read_package(master);
  } catch (const system::Error& error) {
    refuse_master(master, error.what());
  }
  if (const std::string missing = adapt_layouts(parts); !missing.empty()) {
    refuse_master(master,
                  "it has no layout '" + missing +
                      "', by type or by name; give a layout that name in the program that made the "
                      "file, or begin with what `pandoc -o ours.pptx --print-default-data-file "
                      "reference.pptx` writes");
  }
  formats::write_package(folder / "reference.pptx", parts);
  return folder / "reference.pptx";
}

/// pandoc says of a reference document what it misses; whose fault that is depends on whose it is.
void run_pandoc(const std::vector<std::string>& command, const fs::path& folder,
                const std::optional<fs::path>& master) {
  try {
    run_program(command, folder);
  } catch (const system::Error& error) {
    if (!master || error.code() != Code::kInternal) throw;
    refuse_master(*master, error.what());
  }
}

}  // namespace

fs::path program_in_path(const std::string& name) {
  return system::find_program(name, system::environment_variable("PATH"));
}

void run_program(const std::vector<std::string>& command, const fs::path& folder) {
  system::ProcessSpec spec;
  spec.argv = command;
  spec.env = system::inherited_environment();
  spec.env.try_emplace("SOURCE_DATE_EPOCH", "0");
  spec.working_directory = folder;
  spec.timeout_s = kProgramTimeout;
  const system::ProcessResult result = system::run_process(spec);
  if (result.ok()) return;
  const std::string why = !result.start_error.empty() ? result.start_error
                          : result.timed_out          ? "took longer than two minutes"
                                                      : system::excerpt(result.output, 400);
  fail(Code::kInternal, "{} ended with exit {}: {}", command.front(), result.exit_code, why);
}

void require_slide_programs() {
  std::string missing;
  for (const auto& [program, package] :
       {std::pair{"pandoc", "pandoc"}, std::pair{"rsvg-convert", "librsvg2-bin"}}) {
    if (program_in_path(program).empty()) missing += std::string(" ") + package;
  }
  if (missing.empty()) return;
  fail(Code::kUsage,
       "slides need programs that are not here; install them (apt-get install{}), or leave pptx "
       "out of --format",
       missing);
}

std::string render_slides(const SlideDeck& deck, const Texts& texts,
                          const std::optional<fs::path>& master) {
  require_slide_programs();
  if (master) system::open_for_reading(*master);
  const system::TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
  for (const FigureFile& figure : deck.figures) {
    system::write_file(folder / figure.name, figure.bytes);
    const std::string png = fs::path(figure.name).stem().string() + ".png";
    // Three pixels for each of the drawing's: sharp on a projector of twice the usual density.
    run_program({"rsvg-convert", "--zoom=3", "--format=png", "--output=" + png, figure.name},
                folder);
  }
  system::write_file(folder / "slides.md", deck.markdown);
  const fs::path reference = master ? adapted_master(*master, folder) : our_master(folder);
  system::make_folders(folder / "data");  // in place of the user's own pandoc folder
  run_pandoc({"pandoc", "--from=" + std::string(kReader), "--to=pptx", "--output=slides.pptx",
              "--data-dir=data", "--reference-doc=" + reference.string(), "--slide-level=2",
              "--columns=10", "--no-highlight", "slides.md"},
             folder, master);
  PackageParts parts = formats::read_package(folder / "slides.pptx");
  mend_slides(parts, deck, texts("slides_locale"));
  formats::write_package(folder / "mended.pptx", parts);
  return system::read_file(folder / "mended.pptx", int64_t{1} << 30);
}

}  // namespace reconproof::reports
