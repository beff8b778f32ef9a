// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/network_record.h"

#include <algorithm>

#include "formats/torch_checkpoint.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using formats::TensorFile;
using formats::TensorInfo;

/// Buffers of batch norm follow the data; no optimizer changes them.
bool is_parameter(const std::string& name, const TensorInfo& tensor) {
  const bool buffer = name.ends_with("running_mean") || name.ends_with("running_var") ||
                      name.ends_with("num_batches_tracked");
  return !buffer && (tensor.dtype.starts_with("F") || tensor.dtype == "BF16");
}

/// "cascades.0.model.unet.conv.weight" belongs to "cascades.0", "sens_net.norm_unet..." to
/// "sens_net": up to the first name that is no number behind a list's.
std::string part_of(const std::string& name) {
  const size_t first = name.find('.');
  if (first == std::string::npos) return name;
  const size_t second = std::min(name.find('.', first + 1), name.size());
  const std::string index = name.substr(first + 1, second - first - 1);
  const bool is_number = !index.empty() && std::ranges::all_of(index, [](unsigned char c) {
    return c >= '0' && c <= '9';
  });
  return name.substr(0, is_number ? second : first);
}

void count_tensors(const TensorFile& file, NetworkRecord& record) {
  std::map<std::string, NetworkPart> parts;
  for (const auto& [name, tensor] : file.tensors()) {
    ++record.tensors;
    if (!is_parameter(name, tensor)) continue;
    const int64_t elements =
        tensor.bytes / std::max<int64_t>(formats::dtype_bytes(tensor.dtype), 1);
    NetworkPart& part = parts[part_of(name)];
    ++part.tensors;
    part.parameters += elements;
    record.parameters += elements;
    record.parameter_bytes += tensor.bytes;
    record.types[tensor.dtype] += elements;
  }
  for (auto& [name, part] : parts) {
    part.name = name;
    record.parts.push_back(std::move(part));
  }
}

/// A message of ours names the file as this machine does, where the team's name belongs.
std::string as_declared(std::string message, const fs::path& file, const std::string& declared) {
  const std::string here = file.string();
  for (size_t at = message.find(here); at != std::string::npos; at = message.find(here, at)) {
    message.replace(at, here.size(), declared);
    at += declared.size();
  }
  return message;
}

}  // namespace

NetworkRecord read_network(const fs::path& file, const std::string& declared) {
  NetworkRecord record;
  record.path = declared;
  try {
    const std::unique_ptr<TensorFile> weights = formats::open_tensor_file(file);
    record.from_torch = file.extension() != ".safetensors";
    count_tensors(*weights, record);
    record.sizes = challenge::recognise_network(weights->tensors());
    record.epoch = formats::metadata_number<double>(weights->metadata(), "epoch");
    record.best_val_loss = formats::metadata_number<double>(weights->metadata(), "best_val_loss");
    record.left_out = weights->left_out();
  } catch (const system::Error& error) {
    record = {};
    record.path = declared;
    record.unreadable = as_declared(error.what(), file, declared);
  }
  return record;
}

}  // namespace reconproof::reports
