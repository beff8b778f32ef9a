// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/convert.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <memory>

#include "formats/safetensors.h"
#include "formats/torch_checkpoint.h"
#include "formats/torch_checkpoint_writer.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::challenge {
namespace fs = std::filesystem;
using formats::metadata_number;
using formats::NamedTensor;
using formats::TensorFile;
using system::Code;
using system::fail;

namespace {

using Metadata = std::map<std::string, std::string>;

constexpr const char* kHashKey = "weights_sha256";
constexpr const char* kOriginKey = "converted_from_sha256";

bool is_torch(const fs::path& path) {
  const std::string suffix = path.extension().string();
  return suffix == ".pt" || suffix == ".pth";
}

void check_names(const fs::path& in, const fs::path& out) {
  for (const fs::path& path : {in, out}) {
    if (is_torch(path) || path.extension() == ".safetensors") continue;
    fail(Code::kUsage, "{}: expected a name that ends in .pt, .pth or .safetensors", path.string());
  }
  std::error_code error;  // of an OUT that is not there yet
  if (fs::equivalent(in, out, error))
    fail(Code::kUsage, "{}: is the input itself; give the output another name", out.string());
}

/// The tensors of a file with their data.
struct Weights {
  std::vector<std::vector<std::byte>> data;
  std::vector<NamedTensor> tensors;
};

/// In the order of the official state_dict where the network is known, else by name.
Weights read_weights(const TensorFile& file, const std::optional<NetworkSizes>& network) {
  std::vector<std::string> names;
  if (network) {
    for (const NetworkTensor& tensor : network_tensors(*network)) names.push_back(tensor.name);
  } else {
    for (const auto& item : file.tensors()) names.push_back(item.first);
  }
  Weights weights;
  for (const std::string& name : names) {
    const formats::TensorInfo& info = file.tensor(name);
    weights.data.push_back(file.read(name));
    weights.tensors.push_back({name, info.dtype, info.shape, weights.data.back()});
  }
  return weights;
}

/// What a checkpoint of another program calls a seed may be anything: kept as it is only where it
/// means what docs/formats/checkpoint.md says.
void drop_meaningless(Metadata& metadata) {
  if (!metadata_number<uint64_t>(metadata, "seed")) metadata.erase("seed");
  if (!metadata_number<int64_t>(metadata, "epoch")) metadata.erase("epoch");
  const std::optional<double> loss = metadata_number<double>(metadata, "best_val_loss");
  if (!loss || !std::isfinite(*loss)) metadata.erase("best_val_loss");
}

/// What the tensors themselves tell: "model" and the sizes.
Metadata network_metadata(const NetworkSizes& network) {
  Metadata metadata = {{"model", network_name(network)}};
  for (const auto& [key, value] : size_fields(network)) metadata[key] = std::to_string(value);
  return metadata;
}

/// Metadata that a file of ours states about itself must hold.
void check_statements(const TensorFile& file, const Conversion& conversion) {
  const Metadata& metadata = file.metadata();
  const auto stated = metadata.find(kHashKey);
  if (stated != metadata.end() && stated->second != conversion.weights_sha256) {
    fail(Code::kIntegrity,
         "{}: the weights hash to {}, but the metadata states {}: the file was altered",
         file.path().string(), conversion.weights_sha256, stated->second);
  }
  const auto schema = metadata.find("schema");
  if (schema == metadata.end() || schema->second != kCheckpointSchema) return;
  if (!conversion.network) {
    fail(Code::kCorrupt,
         "{}: the metadata state schema '{}', but the tensors are those of no official network; "
         "take the metadata away, or convert the original again",
         file.path().string(), kCheckpointSchema);
  }
  for (const auto& [key, value] : network_metadata(*conversion.network)) {
    const std::string& found = file.require_metadata(key);
    if (found != value) {
      fail(Code::kCorrupt, "{}: metadata '{}' is '{}', but by its tensors it is {}",
           file.path().string(), key, found, value);
    }
  }
}

Metadata new_metadata(const TensorFile& file, const Conversion& conversion) {
  Metadata metadata = file.metadata();
  drop_meaningless(metadata);
  if (conversion.network) {
    metadata["schema"] = kCheckpointSchema;
    metadata["schema_version"] = kCheckpointVersion;
    for (const auto& [key, value] : network_metadata(*conversion.network)) metadata[key] = value;
  }
  metadata[kHashKey] = conversion.weights_sha256;
  metadata[kOriginKey] = conversion.converted_from_sha256;
  return metadata;
}

void write_safetensors(const Conversion& conversion, const Metadata& metadata,
                       const TensorFile& file) {
  for (const auto& [name, tensor] : file.tensors()) {
    if (name == "__metadata__" || formats::dtype_bytes(tensor.dtype) == 0) {
      fail(Code::kUnsupported, "{}: '{}' of dtype {} cannot be kept in safetensors",
           conversion.in.string(), name, tensor.dtype);
    }
  }
  formats::write_safetensors(conversion.out, metadata, file);
}

void write_torch(const Conversion& conversion, const Metadata& metadata, const Weights& weights) {
  formats::TorchCheckpointInfo info;
  info.epoch = metadata_number<int64_t>(metadata, "epoch");
  info.best_val_loss = metadata_number<double>(metadata, "best_val_loss");
  info.metadata = metadata;
  // The options of the official train.py and reconstruct.py.
  if (conversion.network) {
    for (const auto& [key, value] : size_fields(*conversion.network)) {
      if (key != "pools") info.args[key == "cascades" ? "cascade" : key] = value;
    }
  }
  if (const auto seed = metadata_number<int64_t>(metadata, "seed")) info.args["seed"] = *seed;
  formats::write_torch_checkpoint(conversion.out, info, weights.tensors);
}

}  // namespace

Conversion convert_checkpoint(const fs::path& in, const fs::path& out) {
  check_names(in, out);
  const std::unique_ptr<TensorFile> file = formats::open_tensor_file(in);
  Conversion conversion{in, out, recognise_network(file->tensors()), 0, "", "", file->left_out()};
  conversion.tensors = std::ssize(file->tensors());
  conversion.weights_sha256 = formats::weights_sha256(*file);
  conversion.converted_from_sha256 = system::sha256_file(in);
  check_statements(*file, conversion);
  const Metadata metadata = new_metadata(*file, conversion);
  if (is_torch(out)) {
    write_torch(conversion, metadata, read_weights(*file, conversion.network));
  } else {
    write_safetensors(conversion, metadata, *file);
  }
  return conversion;
}

nlohmann::ordered_json to_json(const Conversion& conversion) {
  nlohmann::ordered_json json = {{"schema", "reconproof.convert"},
                                 {"schema_version", 1},
                                 {"in", conversion.in.string()},
                                 {"out", conversion.out.string()},
                                 {"model", nullptr},
                                 {"sizes", nlohmann::ordered_json::object()},
                                 {"tensors", conversion.tensors},
                                 {"weights_sha256", conversion.weights_sha256},
                                 {"converted_from_sha256", conversion.converted_from_sha256},
                                 {"left_out", conversion.left_out}};
  if (conversion.network) {
    json["model"] = network_name(*conversion.network);
    for (const auto& [key, value] : size_fields(*conversion.network)) json["sizes"][key] = value;
  }
  return json;
}

}  // namespace reconproof::challenge
