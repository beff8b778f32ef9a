// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/pdf.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <filesystem>

#include "formats/archive_writer.h"
#include "reports/slide_programs.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBrowsers[] = {"chromium", "chromium-browser", "google-chrome",
                                     "google-chrome-stable"};

fs::path browser_in_path() {
  for (const char* name : kBrowsers) {
    if (fs::path path = program_in_path(name); !path.empty()) return path;
  }
  return {};
}

/// Puts one date in place of the clock's, digit by digit: no offset in the file moves.
void fix_dates(std::string& pdf) {
  const std::string date =
      fmt::format("{:%Y%m%d%H%M%S}", fmt::gmtime(formats::source_date_epoch()));
  for (const std::string key : {"/CreationDate (D:", "/ModDate (D:"}) {
    for (size_t at = pdf.find(key); at != std::string::npos; at = pdf.find(key, at + 1)) {
      const size_t digits = at + key.size();
      if (digits + date.size() <= pdf.size()) pdf.replace(digits, date.size(), date);
    }
  }
}

}  // namespace

void require_browser() {
  if (!browser_in_path().empty()) return;
  system::fail(system::Code::kUsage,
               "a PDF needs Chromium, which is not here; install it (apt-get install chromium), or "
               "open the HTML report in any browser and choose Print, Save as PDF");
}

std::string render_pdf(const std::string& html) {
  require_browser();
  const system::TemporaryFolder temporary;
  const fs::path& folder = temporary.path();
  system::write_file(folder / "report.html", html);
  std::vector<std::string> command = {browser_in_path().string(),
                                      "--headless",
                                      "--disable-gpu",
                                      "--no-first-run",
                                      "--disable-extensions",
                                      "--disable-sync",
                                      "--disable-component-update",
                                      "--disable-background-networking",
                                      "--host-resolver-rules=MAP * ~NOTFOUND",
                                      "--user-data-dir=" + (folder / "profile").string(),
                                      "--no-pdf-header-footer",
                                      "--print-to-pdf=" + (folder / "report.pdf").string()};
  // Chromium's own sandbox refuses to start as root; the page is ours, and strangers' text is text.
  if (::geteuid() == 0) command.push_back("--no-sandbox");
  command.push_back("file://" + (folder / "report.html").string());
  run_program(command, folder);
  std::string pdf = system::read_file(folder / "report.pdf", int64_t{1} << 30);
  fix_dates(pdf);
  return pdf;
}

}  // namespace reconproof::reports
