// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What every way to reconstruct has in common: the files to read, images of a volume, the cost.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"

namespace reconproof::baseline {

/// A file to read and one to write.
struct Task {
  std::filesystem::path input, out;
};

/// DATA/<cell folder>/`folder`/*.h5 of every cell with OUT/<cell name>/<same name>: everything
/// there is to do, so that a missing folder is found before the first hour of work. kNotFound
/// without volumes.
std::vector<Task> list_tasks(const challenge::Edition& edition, const char* folder,
                             const std::filesystem::path& data, const std::filesystem::path& out);

/// One image a slice, [size, size] or [1, size, size] f32 from `image_of` -> [slices, size, size].
/// Errors name `file` and the slice; kCorrupt for an image with NaN or infinity.
torch::Tensor images_of(const std::filesystem::path& file, int64_t slices, int64_t size,
                        const std::function<torch::Tensor(int64_t)>& image_of);

/// Data set `reconstruction` of a new file, whole or absent. images [slices, size, size] f32.
void write_reconstruction(const std::filesystem::path& out, const torch::Tensor& images);

/// What a run took, reading and writing included, loading of the program not.
struct RunCost {
  std::string method;
  int64_t slices = 0;
  double seconds = 0;
  double computing_seconds = 0;       // of them
  std::optional<int64_t> peak_bytes;  // of tensors on the device; nullopt where it is not known
};

/// Takes time and memory from its construction on.
class CostMeter {
 public:
  explicit CostMeter(torch::Device device);
  void add_slices(int64_t slices) { slices_ += slices; }
  /// What `compute` gives, its time counted.
  torch::Tensor computed(const std::function<torch::Tensor()>& compute);
  RunCost cost(const std::string& method) const;

 private:
  torch::Device device_;
  double started_;
  int64_t slices_ = 0;
  double computing_seconds_ = 0;
};

/// A table of one row, for stdout.
std::string cost_table(const RunCost& cost);

}  // namespace reconproof::baseline
