// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/validation.h"

#include "baseline/data/reader.h"
#include "baseline/infer/inference.h"
#include "baseline/train/sampler.h"
#include "challenge/score/ssim.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace {

/// Slices of one volume, all [1, size, size] f32 on the CPU.
struct Volume {
  std::string file;
  std::vector<torch::Tensor> outputs, targets, inputs;
};

std::span<const float> pixels(const torch::Tensor& image) {
  return {image.data_ptr<float>(), static_cast<size_t>(image.numel())};
}

double volume_loss(const Volume& volume) {
  float range = volume.targets.front().max().item<float>();
  for (const torch::Tensor& target : volume.targets)
    range = std::max(range, target.max().item<float>());
  double sum = 0;
  for (size_t i = 0; i < volume.outputs.size(); ++i) {
    const torch::Tensor& output = volume.outputs[i];
    const double ssim = challenge::mean_ssim(pixels(output), pixels(volume.targets[i]),
                                             output.size(1), output.size(2), range);
    if (!std::isfinite(ssim)) {
      system::fail(system::Code::kCorrupt,
                   "validation: the SSIM of {}, slice {}, is not finite: the training diverged "
                   "(try a smaller "
                   "--lr) or the label is empty",
                   volume.file, i);
    }
    sum += ssim;
  }
  return 1 - sum / static_cast<double>(volume.outputs.size());
}

void write_images(const Volume& volume, const std::filesystem::path& folder) {
  formats::Hdf5Writer writer(folder / volume.file);
  const auto write = [&](const char* set, const std::vector<torch::Tensor>& slices) {
    if (slices.empty()) return;
    const torch::Tensor all = torch::cat(slices);
    writer.write(set, all.sizes().vec(), pixels(all));
  };
  write(challenge::kReconstructionSet, volume.outputs);
  write("target", volume.targets);
  write("input", volume.inputs);
  writer.commit();
}

}  // namespace

Validation validate(Network& model, PairedDataset& data, torch::Device device,
                    const std::filesystem::path& images) {
  const torch::NoGradGuard no_gradients;
  model.eval();
  draw_base_seed();
  Validation result;
  Volume volume;
  const auto finish_volume = [&] {
    result.loss_sum += volume_loss(volume);
    ++result.volumes;
    write_images(volume, images);
    volume = {};
  };
  system::Progress progress("validation", data.size());
  Inference inference(model, device);
  SampleReader reader(0, data.size(), [&](int64_t i) { return data.load(i); });
  for (int64_t i = 0; i < data.size(); ++i) {
    const Sample sample = reader.next();
    if (!volume.outputs.empty() && sample.file != volume.file) finish_volume();
    volume.file = sample.file;
    volume.outputs.push_back(inference.reconstruct(sample.input).contiguous());
    volume.targets.push_back(sample.target);
    if (sample.input.image.defined()) volume.inputs.push_back(sample.input.image);
    progress.advance();
  }
  finish_volume();
  return result;
}

}  // namespace reconproof::baseline
