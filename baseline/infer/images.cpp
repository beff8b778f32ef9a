// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/images.h"

#include <fmt/format.h>

#include <algorithm>

#include "baseline/memory.h"
#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

std::vector<Task> list_tasks(const challenge::Edition& edition, const char* folder,
                             const fs::path& data, const fs::path& out) {
  std::vector<Task> tasks;
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path inputs = data / cell.folder / folder;
    const std::vector<fs::path> volumes = challenge::volumes_in(inputs);
    if (volumes.empty()) fail(Code::kNotFound, "{}: no volumes (*.h5)", inputs.string());
    for (const fs::path& volume : volumes)
      tasks.push_back({volume, out / cell.name / volume.filename()});
  }
  return tasks;
}

torch::Tensor images_of(const fs::path& file, int64_t slices, int64_t size,
                        const std::function<torch::Tensor(int64_t)>& image_of) {
  torch::Tensor images = torch::empty({slices, size, size});
  for (int64_t slice = 0; slice < slices; ++slice) {
    images.narrow(0, slice, 1).copy_(image_of(slice));
    if (!torch::isfinite(images[slice]).all().item<bool>()) {
      fail(Code::kCorrupt,
           "{}: the image of slice {} is not finite: its input is empty, or the weights are unfit",
           file.string(), slice);
    }
  }
  return images;
}

void write_reconstruction(const fs::path& out, const torch::Tensor& images) {
  system::make_folders(out.parent_path());
  formats::Hdf5Writer writer(out);
  writer.write(challenge::kReconstructionSet, images.sizes().vec(),
               {images.data_ptr<float>(), static_cast<size_t>(images.numel())});
  writer.commit();
}

CostMeter::CostMeter(torch::Device device)
    : device_(device), started_(system::monotonic_seconds()) {
  reset_peak_memory(device);
}

torch::Tensor CostMeter::computed(const std::function<torch::Tensor()>& compute) {
  const double begin = system::monotonic_seconds();
  torch::Tensor image = compute();
  computing_seconds_ += system::monotonic_seconds() - begin;
  return image;
}

RunCost CostMeter::cost(const std::string& method) const {
  return {method, slices_, system::monotonic_seconds() - started_, computing_seconds_,
          peak_memory(device_)};
}

std::string cost_table(const RunCost& cost) {
  const double seconds = cost.slices > 0 ? cost.seconds / static_cast<double>(cost.slices) : 0;
  const std::string memory = cost.peak_bytes ? bytes_text(*cost.peak_bytes) : "not known";
  const std::string computing =
      fmt::format("{:.1f} %", 100 * cost.computing_seconds / std::max(cost.seconds, 1e-9));
  constexpr const char* kRow = "{:<12} {:>7} {:>14} {:>16} {:>16}\n";
  return fmt::format(fmt::runtime(kRow), "method", "slices", "seconds/slice", "of it computing",
                     "tensors, peak") +
         fmt::format(fmt::runtime(kRow), cost.method, cost.slices, fmt::format("{:.3f}", seconds),
                     computing, memory);
}

}  // namespace reconproof::baseline
