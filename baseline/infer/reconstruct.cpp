// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/reconstruct.h"

#include "baseline/data/reader.h"
#include "baseline/device.h"
#include "baseline/infer/write_behind.h"
#include "baseline/train/checkpoint.h"
#include "system/prefetch.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;

namespace {

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

/// A volume's slices in their order. For a GPU they are read while it computes, into memory from
/// which it copies by itself; on a processor a slice more would be a third more memory.
class SliceSource {
 public:
  SliceSource(const InputVolume& volume, torch::Device device) : volume_(volume) {
    if (!device.is_cuda()) return;
    const auto load = [&volume](int64_t index) {
      Sample sample;
      sample.input = volume.slice(index).pinned();
      return sample;
    };
    reader_ = std::make_unique<SampleReader>(0, volume.slices(), load, /*ahead=*/2);
  }
  NetworkInput next(int64_t index) {
    return reader_ ? reader_->next().input : volume_.slice(index);
  }

 private:
  const InputVolume& volume_;
  std::unique_ptr<SampleReader> reader_;
};

/// The disk brings the next slice, or the beginning of the next volume, while this one is computed.
/// (Slices lie in their order, of one size; those of a compressed file about so.)
void prefetch_behind(const Task& task, const Task* next, int64_t slice, int64_t slices) {
  const double share = 1 / static_cast<double>(slices),
               end = static_cast<double>(slice + 1) * share;
  if (slice + 1 < slices)
    system::prefetch(task.input, end, end + share);
  else if (next != nullptr)
    system::prefetch(next->input, 0, share);
}

/// `next`: what comes behind it, if anything does.
void reconstruct_volume(Inference& inference, const challenge::Edition& edition, const Task& task,
                        const Task* next, CostMeter& meter, WriteBehind& writer) {
  const InputVolume volume(task.input, geometry_of(edition), inference.domain());
  const int64_t slices = volume.slices();
  SliceSource source(volume, inference.device());
  const auto image_of = [&](int64_t slice) {
    const NetworkInput input = source.next(slice);
    prefetch_behind(task, next, slice, slices);
    return meter.computed([&] { return inference.reconstruct(input); });
  };
  const torch::Tensor images = images_of(task.input, slices, edition.image_size, image_of);
  writer.begin([out = task.out, images] { write_reconstruction(out, images); });
  meter.add_slices(slices);
}

}  // namespace

RunCost reconstruct(const challenge::Edition& edition, const fs::path& weights,
                    const fs::path& data, const fs::path& out, int threads, Backend backend) {
  set_threads(threads);
  use_deterministic_algorithms();
  const torch::NoGradGuard no_gradients;
  const torch::Device device = compute_device();
  CostMeter meter(device);
  const std::shared_ptr<Network> model = load_network(weights, geometry_of(edition), device);
  Inference inference(*model, device, backend);
  const std::vector<Task> tasks = list_tasks(edition, input_folder(model->domain()), data, out);
  WriteBehind writer;
  system::Progress progress("reconstruct", static_cast<int64_t>(tasks.size()));
  for (size_t i = 0; i < tasks.size(); ++i) {
    const Task* next = i + 1 < tasks.size() ? &tasks[i + 1] : nullptr;
    reconstruct_volume(inference, edition, tasks[i], next, meter, writer);
    progress.advance();
  }
  writer.finish();
  return meter.cost("network");
}

}  // namespace reconproof::baseline
