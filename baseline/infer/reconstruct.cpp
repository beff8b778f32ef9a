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
  fs::path input, out;
};

/// Everything there is to do, so that a missing folder is found before the first hour of work.
std::vector<Task> list_tasks(const challenge::Edition& edition, Domain domain, const fs::path& data,
                             const fs::path& out) {
  std::vector<Task> tasks;
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path folder =
        data / cell.folder /
        (domain == Domain::kKspace ? challenge::kKspaceFolder : challenge::kImageFolder);
    const std::vector<fs::path> volumes = challenge::volumes_in(folder);
    if (volumes.empty())
      system::fail(system::Code::kNotFound, "{}: no volumes (*.h5)", folder.string());
    for (const fs::path& volume : volumes)
      tasks.push_back({volume, out / cell.name / volume.filename()});
  }
  return tasks;
}

/// One volume as its network reads it. Of an image file nothing but `image_input` is read.
class InputVolume {
 public:
  InputVolume(const fs::path& file, const ImageGeometry& geometry, Domain domain) {
    if (domain == Domain::kKspace) {
      kspace_ = std::make_unique<KspaceVolume>(file, geometry);
    } else {
      image_ = std::make_unique<ImageVolume>(file, geometry.size, challenge::kInputSet);
    }
  }

  int64_t slices() const { return kspace_ ? kspace_->slices() : image_->slices(); }

  NetworkInput slice(int64_t index) const {
    if (kspace_) return {kspace_->slice(index), kspace_->mask(), {}};
    return {{}, {}, image_->slice(challenge::kInputSet, index)};
  }

 private:
  std::unique_ptr<KspaceVolume> kspace_;
  std::unique_ptr<ImageVolume> image_;
};

}  // namespace

void reconstruct_volume(Network& model, torch::Device device, const challenge::Edition& edition,
                        const fs::path& file, const fs::path& out) {
  InputVolume volume(file, geometry_of(edition), model.domain());
  const formats::Shape shape = {volume.slices(), edition.image_size, edition.image_size};
  torch::Tensor images = torch::empty(shape);
  for (int64_t slice = 0; slice < volume.slices(); ++slice) {
    images.narrow(0, slice, 1).copy_(model.reconstruct(volume.slice(slice).to(device)));
    if (!torch::isfinite(images[slice]).all().item<bool>()) {
      system::fail(system::Code::kCorrupt,
                   "{}: the network's output for slice {} is not finite: its input is empty, "
                   "or the weights are unfit",
                   file.string(), slice);
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
  const std::shared_ptr<Network> model = load_network(weights, geometry_of(edition), device);
  const std::vector<Task> tasks = list_tasks(edition, model->domain(), data, out);
  system::Progress progress("reconstruct", static_cast<int64_t>(tasks.size()));
  for (const Task& task : tasks) {
    system::make_folders(task.out.parent_path());
    reconstruct_volume(*model, device, edition, task.input, task.out);
    progress.advance();
  }
}

}  // namespace reconproof::baseline
