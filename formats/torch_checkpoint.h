// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What torch.save writes since version 1.6 (docs/formats/torch-checkpoint.md), read without
// executing anything.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formats/tensor_file.h"
#include "formats/zip.h"

namespace reconproof::formats {

/// The weights in a checkpoint: the dict under `model`, `state_dict` or `model_state_dict`, or the
/// whole file when it is a dict of tensors; a leading `module.` (DataParallel) is taken off.
/// Metadata are what is known of `epoch`, `best_val_loss` and, from `args`, numbers as
/// `args.<name>` with `seed` also by itself; and the texts that our own writer adds. Every tensor
/// in the file, those of the optimizer too, is checked against its storage at construction.
/// kNotFound, kCorrupt; kUnsupported for anything that is no tensor and no plain value, with its
/// name and what to do.
class TorchCheckpoint : public TensorFile {
 public:
  explicit TorchCheckpoint(const std::filesystem::path& path);

  using TensorFile::read;
  void read(const std::string& name, std::span<std::byte> out) const override;

  /// Where a tensor's elements lie within its storage.
  struct View {
    std::string entry;   // of the archive
    int64_t offset = 0;  // of the first element, in elements
    int64_t span = 0;    // elements from the first to the last, both included
    Shape strides;       // in elements
  };

 private:
  ZipReader zip_;
  std::map<std::string, View> views_;
};

/// Reads `.pt` and `.pth` as TorchCheckpoint, `.safetensors` as SafetensorsReader; kInvalidArgument
/// for another suffix.
std::unique_ptr<TensorFile> open_tensor_file(const std::filesystem::path& path);

}  // namespace reconproof::formats
