// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the weights say of the network, read without executing anything of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "challenge/network.h"

namespace reconproof::reports {

struct NetworkPart {
  std::string name;  // "sens_net", "cascades.0": what the names of its tensors begin with
  int64_t tensors = 0, parameters = 0;
};

struct NetworkRecord {
  std::string path;         // of the weights, as declared
  std::string unreadable;   // why nothing below is known; empty: it is
  bool from_torch = false;  // else safetensors
  int64_t tensors = 0;
  int64_t parameters = 0;  // elements of what a training changes: no counters, no running means
  int64_t parameter_bytes = 0;
  std::map<std::string, int64_t> types;          // "F32" -> parameters
  std::optional<challenge::NetworkSizes> sizes;  // of an official network
  std::vector<NetworkPart> parts;                // in the order of their names
  std::optional<double> epoch, best_val_loss;    // as the file says
  std::vector<std::string> left_out;             // what else it holds: "optimizer"
};

/// Of a weights file on this machine, called `declared` in what it says. Never throws for the file:
/// why it cannot be read stands in the record.
NetworkRecord read_network(const std::filesystem::path& file, const std::string& declared);

}  // namespace reconproof::reports
