// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The model: what the weights themselves say of it.
#include <algorithm>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

using challenge::VarnetSizes;

std::string types_text(const NetworkRecord& network) {
  std::string all;
  for (const auto& [type, _] : network.types) all += (all.empty() ? "" : ", ") + type;
  return all;
}

void add_sizes(FactLines& facts, const NetworkRecord& network, const Texts& texts) {
  if (!network.sizes) {
    facts.add(texts("network_architecture"), texts("network_unknown"));
    return;
  }
  facts.add(texts("network_architecture"),
            texts(std::string("network_is_") + challenge::network_name(*network.sizes)));
  for (const auto& [name, size] : challenge::size_fields(*network.sizes)) {
    const auto found = texts.all().find("network_size_" + name);
    facts.add(found == texts.all().end() ? name : found->second, count_text(size));
  }
}

Table parts_table(const NetworkRecord& network, const Texts& texts) {
  constexpr size_t kMost = 40;
  Table table{texts("network_parts_caption"),
              {{texts("network_part")},
               {texts("network_tensors"), true},
               {texts("network_parameters"), true},
               {texts("network_share"), true}},
              {}};
  for (const NetworkPart& part : network.parts) {
    if (table.rows.size() == kMost) break;
    const double share = network.parameters > 0 ? 100 * static_cast<double>(part.parameters) /
                                                      static_cast<double>(network.parameters)
                                                : 0;
    table.rows.push_back({{shown(part.name), "", true},
                          {count_text(part.tensors)},
                          {count_text(part.parameters)},
                          {digits_text(share, 1) + "\u202F%"}});
  }
  return table;
}

}  // namespace

Section network_section(const Report& report, const Texts& texts) {
  Section section = begin_section("network", texts);
  if (!report.network) {
    add_note(section, texts("network_none"));
    return section;
  }
  const NetworkRecord& network = *report.network;
  if (!network.unreadable.empty()) {
    add_note(section, texts.fill("network_unreadable", {{"reason", shown(network.unreadable)}}));
    return section;
  }
  FactLines facts;
  add_sizes(facts, network, texts);
  facts.add(texts("network_parameters"), count_text(network.parameters));
  facts.add(texts("network_parameter_bytes"),
            bytes_text(static_cast<double>(network.parameter_bytes)));
  facts.add(texts("network_types"), types_text(network));
  facts.add(texts("network_tensors"), count_text(network.tensors));
  facts.add(texts("network_file"),
            shown(network.path) + " (" +
                texts(network.from_torch ? "network_torch" : "network_safetensors") + ")");
  if (network.epoch) facts.add(texts("network_epoch"), number_text(*network.epoch));
  if (network.best_val_loss)
    facts.add(texts("network_best_val_loss"), number_text(*network.best_val_loss));
  facts.add(texts("network_left_out"), listed(network.left_out));
  facts.close(section, texts("network_caption"));
  if (network.sizes && std::holds_alternative<VarnetSizes>(*network.sizes)) {
    section.blocks.push_back(Drawing{varnet_svg(std::get<VarnetSizes>(*network.sizes), texts),
                                     texts("network_figure_alt"), texts("network_figure_caption")});
  }
  if (network.parts.size() > 1) section.blocks.push_back(parts_table(network, texts));
  return section;
}

}  // namespace reconproof::reports
