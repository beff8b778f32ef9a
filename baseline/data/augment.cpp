// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/data/augment.h"

#include <cmath>

#include "baseline/model/fft.h"
#include "baseline/model/varnet.h"
#include "challenge/dataset/random.h"
#include "challenge/dataset/sampling_mask.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

constexpr int64_t kStream = 0x617567;  // names the augmentation's random numbers ("aug")
constexpr int64_t kRows = -2, kColumns = -1;

/// Index 2a - i for every i of an axis, a being the middle of the label's frame, taken around the
/// end. Undefined when the image is smaller than the frame and does not lie in its middle.
torch::Tensor mirrored(int64_t extent, int64_t frame) {
  const int64_t spare = extent - frame;
  if (spare < 0 && spare % 2 != 0) return {};
  // The frame begins at spare / 2, before the image when that is negative.
  const torch::Tensor index = 2 * (spare / 2) + frame - 1 - torch::arange(extent, torch::kLong);
  return index.remainder(extent);
}

bool holds_unsampled_columns(const torch::Tensor& kspace, const torch::Tensor& mask) {
  const torch::Tensor missing = (mask == 0).nonzero().view(-1);
  return missing.numel() == 0 || kspace.index_select(3, missing).abs().max().item<float>() > 0;
}

[[noreturn]] void refuse(const Sample& sample, const char* what) {
  fail(Code::kCorrupt,
       "{}, slice {}: k-space is zero outside its mask, and {} needs complete k-space; train "
       "without it, or on the challenge's unmasked training files",
       sample.file, sample.slice, what);
}

torch::Tensor to_tensor(const std::vector<float>& mask) {
  return torch::tensor(mask, torch::kFloat);
}

/// The spacing of the sampled columns outside the centre: the widest gap between neighbours.
int64_t acceleration_of(const torch::Tensor& mask) {
  const torch::Tensor columns = mask.nonzero().view(-1);
  return columns.numel() < 2 ? 1 : columns.diff().max().item<int64_t>();
}

/// The mask of a slice that was turned on its side.
torch::Tensor mask_of_width(const torch::Tensor& mask, int64_t width) {
  const Acs centre = find_acs(mask);
  const double share = static_cast<double>(centre.end - centre.begin) / mask.size(0);
  challenge::SamplingPattern pattern;
  pattern.acceleration = acceleration_of(mask);
  pattern.acs = std::llround(share * static_cast<double>(width));
  return to_tensor(challenge::sampling_mask(pattern, width));
}

/// Mirrors one axis of image and label together, where that is possible.
void flip(torch::Tensor& image, torch::Tensor& target, int64_t axis, int64_t frame) {
  const torch::Tensor index = mirrored(image.size(axis), frame);
  if (!index.defined()) return;
  image = image.index_select(axis, index);
  target = target.flip(axis);
}

void move_pixels(torch::Tensor& image, torch::Tensor& target, const AugmentDraw& draw,
                 int64_t frame) {
  if (draw.transpose) {
    image = image.transpose(kRows, kColumns);
    target = target.transpose(kRows, kColumns);
  }
  if (draw.flip_rows) flip(image, target, kRows, frame);
  if (draw.flip_columns) flip(image, target, kColumns, frame);
  image = image.contiguous();
  target = target.contiguous();
}

void augment_kspace(Sample& sample, const AugmentDraw& draw, int64_t frame) {
  NetworkInput& input = sample.input;
  const bool moves = draw.transpose || draw.flip_rows || draw.flip_columns;
  const bool complete = holds_unsampled_columns(input.kspace, input.mask);
  if (draw.transpose && !complete) refuse(sample, "a turn");
  if (draw.acceleration && !complete) refuse(sample, "another acceleration");
  const int64_t width = input.kspace.size(3);
  if (moves) {
    torch::Tensor image = ifft2_centred(input.kspace);
    move_pixels(image, sample.target, draw, frame);
    input.kspace = fft2_centred(image).contiguous();
  }
  const int64_t new_width = input.kspace.size(3);
  if (draw.acceleration) {
    challenge::SamplingPattern pattern;
    pattern.acceleration = *draw.acceleration;
    input.mask = to_tensor(challenge::sampling_mask(pattern, new_width));
  } else if (draw.transpose && new_width != width) {
    input.mask = mask_of_width(input.mask, new_width);
  } else if (!complete && draw.flip_columns && mirrored(width, frame).defined()) {
    // Mirroring an image mirrors its frequencies about the zero one, which stands at width / 2.
    const torch::Tensor index = 2 * (width / 2) - torch::arange(width, torch::kLong);
    input.mask = input.mask.index_select(0, index.remainder(width));
  }
}

}  // namespace

AugmentDraw draw_augmentation(const AugmentOptions& options, uint64_t seed, int64_t epoch,
                              int64_t index) {
  challenge::Random random(seed, {kStream, epoch, index});
  AugmentDraw draw;
  // Every number is drawn whether it is used or not: switching one kind on leaves the others as
  // they were.
  const uint64_t turn = random.bits() >> 62;
  const bool up_down = random.chance(0.5);
  const bool left_right = random.chance(0.5);
  const uint64_t choice = random.bits();
  if (options.turns) {
    draw.transpose = turn == 1 || turn == 3;
    draw.flip_rows = turn == 2 || turn == 3;
    draw.flip_columns = turn == 1 || turn == 2;
  }
  if (options.flips) {
    draw.flip_rows ^= up_down;
    draw.flip_columns ^= left_right;
  }
  if (!options.accelerations.empty())
    draw.acceleration = options.accelerations[choice % options.accelerations.size()];
  return draw;
}

void augment(Sample& sample, const AugmentDraw& draw, const ImageGeometry& geometry) {
  if (sample.input.image.defined())
    move_pixels(sample.input.image, sample.target, draw, geometry.size);
  if (!sample.input.kspace.defined()) return;
  augment_kspace(sample, draw, geometry.size);
  apply_mask(sample.input.kspace, sample.input.mask);
}

}  // namespace reconproof::baseline
