// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/convert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/options.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kConvertHelp = {
    "reconproof convert IN OUT [--json]",
    "Converts weights between what torch.save writes (.pt, .pth) and safetensors (.safetensors);\n"
    "the names' endings say which. Nothing in IN is executed. The official reconstruct.py loads a\n"
    ".pt written here; `reconproof reconstruct` loads either. Only weights are carried over, with\n"
    "epoch, validation loss, seed and sizes where they are known.",
    "reconproof convert result/test_varnet/checkpoints/best_model.pt best_model.safetensors\n"
    "reconproof convert run/checkpoints/best_model.safetensors best_model.pt --json"};

void print_text(const challenge::Conversion& conversion) {
  std::string network = "a network that is not an official one";
  if (conversion.network) {
    network = challenge::network_name(*conversion.network);
    for (const auto& [key, value] : challenge::size_fields(*conversion.network))
      network += fmt::format(", {} {}", key, value);
  }
  fmt::print("{}: {} tensors, {}\nweights_sha256 {}\n", system::printable(conversion.out.string()),
             conversion.tensors, network, conversion.weights_sha256);
}

/// The first names of a list that a stranger may have made long.
void print_left_out(const std::vector<std::string>& names) {
  constexpr size_t kShown = 20;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown));
  const std::string more =
      names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "";
  fmt::print(stderr, "note: not carried over: {}{}\n",
             system::printable(fmt::format("{}", fmt::join(names.begin(), end, ", "))), more);
}

}  // namespace

system::ExitCode run_convert(int argc, char** argv) {
  std::string in, out;
  po::options_description description("Options");
  auto add = description.add_options();
  add("in", po::value(&in)->required()->value_name("IN"), "checkpoint to read");
  add("out", po::value(&out)->required()->value_name("OUT"), "checkpoint to write");
  add("json", "print the result as JSON (docs/formats/checkpoint.md)");
  po::positional_options_description positional;
  positional.add("in", 1).add("out", 1);
  const auto values = parse_options(argc, argv, kConvertHelp, description, positional);
  if (!values) return system::ExitCode::kPass;

  const challenge::Conversion conversion = challenge::convert_checkpoint(in, out);
  if (values->count("json")) {
    fmt::print("{}\n", challenge::to_json(conversion).dump(2));
  } else {
    print_text(conversion);
  }
  if (!conversion.left_out.empty()) print_left_out(conversion.left_out);
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
