// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/reconstruct.h"

#include "baseline/data/volume.h"
#include "baseline/device.h"
#include "baseline/train/checkpoint.h"
#include "formats/safetensors.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;

namespace {

struct Task {
  fs::path kspace, out;
};

/// Everything there is to do, so that a missing folder is found before the first hour of work.
std::vector<Task> list_tasks(const challenge::Edition& edition, const fs::path& data,
                             const fs::path& out) {
  std::vector<Task> tasks;
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path folder = data / cell.folder / challenge::kKspaceFolder;
    const std::vector<fs::path> volumes = challenge::volumes_in(folder);
    if (volumes.empty())
      system::fail(system::Code::kNotFound, "{}: no volumes (*.h5)", folder.string());
    for (const fs::path& volume : volumes)
      tasks.push_back({volume, out / cell.name / volume.filename()});
  }
  return tasks;
}

Varnet load_model(const fs::path& weights, const ImageGeometry& geometry, torch::Device device) {
  const formats::SafetensorsReader file(weights);
  Varnet model(read_checkpoint_info(file).sizes, geometry.size, geometry.crop);
  load_weights(file, *model);
  model->eval();
  model->to(device);
  return model;
}

}  // namespace

void reconstruct_volume(Varnet& model, torch::Device device, const challenge::Edition& edition,
                        const fs::path& kspace, const fs::path& out) {
  const KspaceVolume volume(kspace, geometry_of(edition));
  const torch::Tensor mask = volume.mask().to(device);
  const formats::Shape shape = {volume.slices(), edition.image_size, edition.image_size};
  torch::Tensor images = torch::empty(shape);
  for (int64_t slice = 0; slice < volume.slices(); ++slice) {
    images.narrow(0, slice, 1).copy_(model->forward(volume.slice(slice).to(device), mask));
    if (!torch::isfinite(images[slice]).all().item<bool>()) {
      system::fail(system::Code::kCorrupt,
                   "{}: the network's output for slice {} is not finite: its k-space is empty "
                   "where the mask says "
                   "it was sampled, or the weights are unfit",
                   kspace.string(), slice);
    }
  }
  formats::Hdf5Writer writer(out);
  writer.write(
      challenge::kReconstructionSet, shape,
      std::span<const float>(images.data_ptr<float>(), static_cast<size_t>(images.numel())));
  writer.commit();
}

void reconstruct(const challenge::Edition& edition, const fs::path& weights, const fs::path& data,
                 const fs::path& out, int threads) {
  set_threads(threads);
  use_deterministic_algorithms();
  const torch::NoGradGuard no_gradients;
  const torch::Device device = compute_device();
  Varnet model = load_model(weights, geometry_of(edition), device);
  const std::vector<Task> tasks = list_tasks(edition, data, out);
  system::Progress progress("reconstruct", static_cast<int64_t>(tasks.size()));
  for (const Task& task : tasks) {
    system::make_folders(task.out.parent_path());
    reconstruct_volume(model, device, edition, task.kspace, task.out);
    progress.advance();
  }
}

}  // namespace reconproof::baseline
