// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "challenge/score/foreground.h"
#include "challenge/score/official_ssim.h"
#include "challenge/score/volumes.h"
#include "system/error.h"
#include "system/parallel.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using system::Code;
using system::fail;

/// SSIM of a slice in one way after another.
enum Way : size_t { kValidation, kAttribute, kMasked, kInside, kWays };

struct SliceValues {
  size_t cell = 0, volume = 0;
  std::array<std::optional<double>, kWays> ssim;  // nothing: does not count
};

std::vector<SliceValues> volume_values(const Edition& edition, const ExpectedVolume& volume,
                                       const std::string& dataset, size_t index) {
  LabelVolume label(edition, volume.label);
  SliceReader recon = open_reconstruction(edition, volume.recon, dataset, label);
  const double range = label.largest_value();
  const auto cell = std::ranges::find(edition.cells, volume.cell, &Cell::name);
  std::vector<SliceValues> slices;
  for (int64_t slice = 0; slice < label.slices(); ++slice) {
    const ImageView truth = label.slice(slice), image = recon.slice(slice);
    if (!all_scorable(image)) {
      fail(Code::kCorrupt, "{}: slice {} holds NaN, infinity or a value beyond 1.8e19",
           volume.recon.string(), slice);
    }
    const std::vector<uint8_t> mask =
        foreground_mask({truth.pixels, static_cast<size_t>(truth.height * truth.width)},
                        truth.height, truth.width, volume.anatomy->mask_threshold);
    const MaskView view{mask.data(), truth.height, truth.width, truth.width};
    SliceValues values{static_cast<size_t>(cell - edition.cells.begin()), index, {}};
    values.ssim[kValidation] = mean_ssim(image, truth, range);
    values.ssim[kAttribute] = mean_ssim(image, truth, label.max());
    values.ssim[kMasked] = official_ssim(image, truth, label.max(), view);
    values.ssim[kInside] = official_ssim_inside(image, truth, label.max(), view);
    slices.push_back(values);
  }
  return slices;
}

/// The mean over groups of the mean within each; groups in which nothing counts are left out.
template <typename GroupOf>
double mean_of_groups(const std::vector<SliceValues>& slices, size_t groups, Way way,
                      GroupOf&& group_of) {
  std::vector<double> sums(groups), counts(groups);
  for (const SliceValues& slice : slices) {
    if (!slice.ssim[way]) continue;
    sums[group_of(slice)] += *slice.ssim[way];
    counts[group_of(slice)] += 1;
  }
  double sum = 0, counted = 0;
  for (size_t i = 0; i < groups; ++i)
    if (counts[i] > 0) sum += sums[i] / counts[i], counted += 1;
  return counted == 0 ? 0 : sum / counted;
}

}  // namespace

std::vector<ScoreStep> explain_score(const Edition& edition, const fs::path& labels,
                                     const fs::path& recon, const ScoreOptions& options) {
  if (edition.score.metric == Metric::kVolume)
    fail(Code::kUsage, "--explain: {} scores whole volumes, as a validation does", edition.id);
  const std::vector<ExpectedVolume> expected = expected_volumes(edition, labels, recon);
  std::vector<std::vector<SliceValues>> volumes(expected.size());
  system::for_each_index(expected.size(), options.threads, [&](size_t i) {
    volumes[i] = volume_values(edition, expected[i], options.dataset, i);
  });
  std::vector<SliceValues> slices;
  for (const std::vector<SliceValues>& volume : volumes)
    slices.insert(slices.end(), volume.begin(), volume.end());
  const auto by_volume = [&](Way way) {
    return mean_of_groups(slices, expected.size(), way, [](const auto& s) { return s.volume; });
  };
  const auto by_cell = [&](Way way) {
    return mean_of_groups(slices, edition.cells.size(), way, [](const auto& s) { return s.cell; });
  };
  std::vector<ScoreStep> steps = {
      {"1 - ValLoss of the official trainer: no mask, range = the volume's largest value, mean of "
       "the volumes",
       by_volume(kValidation)},
      {"range = attribute 'max' of the file", by_volume(kAttribute)},
      {"outside the foreground both images are 0, which counts as 1", by_volume(kMasked)},
      {"mean of all slices of a cell, then of the cells", by_cell(kMasked)}};
  if (edition.score.metric == Metric::kMaskAndBoxes)
    steps.push_back({"mean over the foreground alone: SSIM_full", by_cell(kInside)});
  return steps;
}

std::string explanation_table(const std::vector<ScoreStep>& steps) {
  std::string text = "  from the validation of a training to the leaderboard:\n";
  for (size_t i = 0; i < steps.size(); ++i) {
    text += fmt::format("  {:.6f} {:>10}   {}\n", steps[i].value,
                        i == 0 ? "" : fmt::format("{:+.6f}", steps[i].value - steps[i - 1].value),
                        steps[i].change);
  }
  return text;
}

}  // namespace reconproof::challenge
