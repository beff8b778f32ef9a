// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/command_line.h"

#include <fmt/core.h>

#include <iostream>
#include <sstream>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::system {
namespace {

void print_help(const CommandHelp& help, const po::options_description& options) {
  std::cout << "Usage: " << help.usage << "\n\n"
            << help.summary << "\n\n"
            << options << "\nExamples:\n";
  std::istringstream lines(help.examples);
  for (std::string line; std::getline(lines, line);) std::cout << "  " << line << "\n";
}

}  // namespace

std::optional<po::variables_map> parse_options(
    int argc, char** argv, const CommandHelp& help, po::options_description options,
    const po::positional_options_description& positional) {
  options.add_options()("help,h", "show this help");
  try {
    // Guessing abbreviated options would make scripts break when an option is added.
    using po::command_line_style::allow_guessing, po::command_line_style::unix_style;
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv)
                  .options(options)
                  .positional(positional)
                  .style(unix_style & ~allow_guessing)
                  .run(),
              values);
    if (values.count("help")) {
      print_help(help, options);
      return std::nullopt;
    }
    po::notify(values);
    return values;
  } catch (const po::error& error) {
    fail(Code::kUsage, "{}: {}; see `reconproof {} --help`", argv[0], printable(error.what()),
         argv[0]);
  }
}

}  // namespace reconproof::system
