// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/classical.h"

#include "baseline/data/volume.h"
#include "baseline/device.h"
#include "baseline/infer/write_behind.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

/// Reconstructs volumes one after another and keeps account.
class Worker {
 public:
  Worker(const challenge::Edition& edition, const ClassicalRun& run)
      : geometry_(geometry_of(edition)), options_(run.options), meter_(torch::kCPU) {
    set_threads(run.threads);
    use_deterministic_algorithms();
    if (!run.maps.empty()) maps_.emplace(run.maps);
  }

  /// [slices, size, size] f32.
  torch::Tensor images(const fs::path& file) {
    const torch::NoGradGuard no_gradients;
    const KspaceVolume volume(file, geometry_);
    meter_.add_slices(volume.slices());
    return images_of(file, volume.slices(), geometry_.size, [&](int64_t slice) {
      try {
        return image(volume, slice);
      } catch (const system::Error& error) {
        fail(error.code(), "{}: slice {}: {}", file.string(), slice, error.what());
      }
    });
  }

  RunCost cost() const { return meter_.cost(name_of(options_.method)); }

 private:
  torch::Tensor image(const KspaceVolume& volume, int64_t slice) {
    const torch::Tensor kspace = volume.slice(slice);
    const torch::Tensor maps = maps_ ? maps_->slice(slice, kspace) : torch::Tensor();
    return meter_.computed(
        [&] { return classical_image(kspace, volume.mask(), maps, options_, geometry_); });
  }

  ImageGeometry geometry_;
  ClassicalOptions options_;
  std::optional<MapFile> maps_;
  CostMeter meter_;
};

/// The folders of a data set that hold kspace/ and image/.
std::vector<fs::path> sets_in(const challenge::Edition& edition, const fs::path& data) {
  const auto is_set = [](const fs::path& folder) {
    return system::is_folder(folder / challenge::kKspaceFolder);
  };
  if (is_set(data)) return {data};
  std::vector<fs::path> sets;
  for (const char* part : {"train", "val"})
    if (is_set(data / part)) sets.push_back(data / part);
  const fs::path leaderboard = challenge::leaderboard_in(edition, data);
  for (const challenge::Cell& cell : edition.cells)
    if (is_set(leaderboard / cell.folder)) sets.push_back(leaderboard / cell.folder);
  if (sets.empty()) {
    fail(Code::kNotFound,
         "{}: no kspace/ here, in train/, in val/ or in a cell of leaderboard/: nothing to "
         "reconstruct",
         data.string());
  }
  return sets;
}

/// K-space files with the image files to fill, each of which has been looked at.
std::vector<Task> list_fillings(const challenge::Edition& edition, const fs::path& data,
                                bool force) {
  std::vector<Task> tasks;
  for (const fs::path& set : sets_in(edition, data)) {
    for (const fs::path& kspace : challenge::volumes_in(set / challenge::kKspaceFolder)) {
      const fs::path image = set / challenge::kImageFolder / kspace.filename();
      const auto file = formats::open_local(image);
      const KspaceVolume volume(kspace, geometry_of(edition));
      const formats::Shape expected = {volume.slices(), edition.image_size, edition.image_size};
      const formats::Shape& found = file->dataset(challenge::kInputSet).shape;
      if (found != expected) {
        fail(Code::kCorrupt, "{}: '{}' has shape {}, expected {} as of {}", image.string(),
             challenge::kInputSet, formats::shape_text(found), formats::shape_text(expected),
             kspace.string());
      }
      if (!force && file->info().datasets.count(challenge::kGrappaSet) != 0) {
        fail(Code::kInvalidArgument, "{}: has '{}' already; --force replaces it", image.string(),
             challenge::kGrappaSet);
      }
      tasks.push_back({kspace, image});
    }
  }
  if (tasks.empty()) fail(Code::kNotFound, "{}: no volumes (*.h5) in kspace/", data.string());
  return tasks;
}

void fill(const fs::path& path, const torch::Tensor& images) {
  const bool there = formats::open_local(path)->info().datasets.count(challenge::kGrappaSet) != 0;
  formats::Hdf5Writer writer = formats::Hdf5Writer::updating(path);
  if (there) writer.remove(challenge::kGrappaSet);
  writer.write(challenge::kGrappaSet, images.sizes().vec(),
               {images.data_ptr<float>(), static_cast<size_t>(images.numel())});
  writer.commit();
}

}  // namespace

RunCost reconstruct_classical(const challenge::Edition& edition, const ClassicalRun& run,
                              const fs::path& data, const fs::path& out) {
  const std::vector<Task> tasks = list_tasks(edition, challenge::kKspaceFolder, data, out);
  Worker worker(edition, run);
  WriteBehind writer;
  system::Progress progress("reconstruct", static_cast<int64_t>(tasks.size()));
  for (const Task& task : tasks) {
    writer.begin([out = task.out, images = worker.images(task.input)] {
      write_reconstruction(out, images);
    });
    progress.advance();
  }
  writer.finish();
  return worker.cost();
}

RunCost fill_image_grappa(const challenge::Edition& edition, const ClassicalRun& run,
                          const fs::path& data, bool force) {
  RP_ASSERT(run.options.method == ClassicalMethod::kGrappa);
  const std::vector<Task> tasks = list_fillings(edition, data, force);
  Worker worker(edition, run);
  WriteBehind writer;
  system::Progress progress("reconstruct", static_cast<int64_t>(tasks.size()));
  for (const Task& task : tasks) {
    writer.begin([out = task.out, images = worker.images(task.input)] { fill(out, images); });
    progress.advance();
  }
  writer.finish();
  return worker.cost();
}

}  // namespace reconproof::baseline
