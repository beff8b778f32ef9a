// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/classical/grappa.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <map>

#include "baseline/classical/sampling.h"
#include "baseline/shape.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

using Columns = std::vector<int64_t>;
using system::Code;
using system::fail;

// Columns of the ACS that teach; more cost time and memory (quadratically) and change nothing.
constexpr int64_t kMostAcsColumns = 24;
// The middle rows teach: far from it there is more noise than signal.
constexpr int64_t kRowShare = 2;  // one half
// Fewer places than this overfit a kernel of more than two columns (measured at acceleration 8).
constexpr size_t kFewestPlaces = 6;
constexpr size_t kNarrowKernel = 2;

torch::Tensor as_index(const Columns& columns) { return torch::tensor(columns, torch::kLong); }

/// Where a kernel's columns lie, seen from the column that is missing: {-1, 3} or {-5, -1, 3, 7} at
/// acceleration 4. Kernels are the same where these are.
using Offsets = Columns;

/// Each kernel with the missing columns that it fills.
using Groups = std::map<Offsets, Columns>;

/// The `count` sampled columns around `missing`, as many on the left as on the right where there
/// are so many.
Offsets nearest(const Columns& sampled, int64_t missing, size_t count) {
  const auto middle = std::lower_bound(sampled.begin(), sampled.end(), missing);
  const size_t on_left = static_cast<size_t>(middle - sampled.begin());
  const size_t on_right = sampled.size() - on_left;
  size_t left = std::min(count / 2, on_left);
  const size_t right = std::min(count - left, on_right);
  left = std::min(count - right, on_left);
  Offsets offsets(middle - static_cast<int64_t>(left), middle + static_cast<int64_t>(right));
  for (int64_t& column : offsets) column -= missing;
  return offsets;
}

/// The normal equations of every kernel at once. A kernel's system A w = b has one equation for
/// each place (a column that was sampled and whose neighbours were) and each row; the products of
/// all pairs of columns, taken once, hold A^H A and A^H b of all of them.
class GrappaCalibration {
 public:
  GrappaCalibration(const torch::Tensor& kspace, const torch::Tensor& mask,
                    const GrappaOptions& options)
      : options_(options), coils_(kspace.size(1)) {
    choose_columns(mask);
    multiply(kspace[0]);
  }

  /// Indices into the calibration columns where `offsets` can be learned.
  Columns places(const Offsets& offsets) const {
    Columns found;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto known = [&](int64_t offset) { return index_.count(columns_[i] + offset) != 0; };
      if (std::all_of(offsets.begin(), offsets.end(), known))
        found.push_back(static_cast<int64_t>(i));
    }
    return found;
  }

  /// [rows, N, C, C] c64: kernel row, offset, coil from which, coil to which.
  torch::Tensor kernel(const Offsets& offsets) const {
    const int64_t taps = static_cast<int64_t>(offsets.size());
    const int64_t unknowns = options_.kernel_rows * taps * coils_;
    torch::Tensor normal = torch::zeros({unknowns, unknowns}, torch::kComplexDouble);
    torch::Tensor right_side = torch::zeros({unknowns, coils_}, torch::kComplexDouble);
    for (const int64_t place : places(offsets)) {
      Columns sources;
      for (const int64_t offset : offsets)
        sources.push_back(index_.at(columns_[static_cast<size_t>(place)] + offset));
      const torch::Tensor from = products_.index_select(1, as_index(sources));
      normal += from.index_select(4, as_index(sources)).reshape({unknowns, unknowns});
      right_side +=
          from.select(4, place).select(3, options_.kernel_rows / 2).reshape({unknowns, coils_});
    }
    return solve(normal, right_side).view({options_.kernel_rows, taps, coils_, coils_});
  }

 private:
  /// The ACS, and outside it the columns that a kernel at its edge reaches.
  void choose_columns(const torch::Tensor& mask) {
    const Acs acs = middle_of(contiguous_acs(mask), kMostAcsColumns);
    const Columns sampled = columns_of(mask, true);
    const auto begin = std::lower_bound(sampled.begin(), sampled.end(), acs.begin);
    const auto end = std::lower_bound(begin, sampled.end(), acs.end);
    const int64_t reach = acs.begin < acs.end ? options_.kernel_columns / 2 : 0;
    columns_.assign(begin - std::min(reach, begin - sampled.begin()),
                    end + std::min(reach, sampled.end() - end));
    for (size_t i = 0; i < columns_.size(); ++i) index_[columns_[i]] = static_cast<int64_t>(i);
  }

  /// products_ [rows, S, C, rows, S, C] c128: sum over windows of conj(sample) * sample.
  void multiply(const torch::Tensor& kspace) {
    const int64_t rows = options_.kernel_rows, height = kspace.size(1);
    const int64_t taught = std::max(height / kRowShare, std::min(height, 2 * rows));
    const torch::Tensor samples = kspace.narrow(1, (height - taught) / 2, taught)
                                      .index_select(2, as_index(columns_))
                                      .permute({1, 2, 0})
                                      .flatten(1)
                                      .to(torch::kComplexDouble);  // [H', S * C]
    const int64_t windows = taught - rows + 1, size = samples.size(1);
    // Each row of windows weighs the same: the centre of k-space is a thousand times brighter, and
    // what a kernel of finite size cannot explain there would outweigh all the rest.
    const torch::Tensor energy =
        torch::view_as_real(samples).square().sum({1, 2}).unfold(0, rows, 1).sum(1);
    const torch::Tensor weight = energy.clamp_min(energy.max().item<double>() * 1e-12).reciprocal();
    products_ = torch::zeros({rows, size, rows, size}, torch::kComplexDouble);
    // BLAS of the small Debian kind uses one thread: here each takes pairs of rows.
    at::parallel_for(0, rows * rows, 1, [&](int64_t first, int64_t last) {
      for (int64_t pair = first; pair < last; ++pair) {
        const int64_t one = pair / rows, other = pair % rows;
        if (one > other) continue;
        const torch::Tensor left = samples.narrow(0, one, windows) * weight.unsqueeze(1);
        const torch::Tensor right = samples.narrow(0, other, windows);
        const torch::Tensor block = left.conj().t().matmul(right);
        products_.select(0, one).select(1, other).copy_(block);
        if (one < other) products_.select(0, other).select(1, one).copy_(block.conj().t());
      }
    });
    const int64_t columns = static_cast<int64_t>(columns_.size());
    products_ = products_.view({rows, columns, coils_, rows, columns, coils_});
  }

  torch::Tensor solve(const torch::Tensor& normal, const torch::Tensor& right_side) const {
    const double mean_eigenvalue = torch::real(normal.diagonal()).mean().item<double>();
    normal.diagonal().add_(options_.lambda * mean_eigenvalue);
    const auto [factor, info] = torch::linalg_cholesky_ex(normal);
    if (info.item<int>() != 0) {
      fail(Code::kInvalidArgument,
           "GRAPPA: the kernel's equations do not determine it with --lambda {} (a coil without "
           "signal, or more unknowns than samples); give a larger one",
           options_.lambda);
    }
    return torch::cholesky_solve(right_side, factor).to(torch::kComplexFloat);
  }

  GrappaOptions options_;
  int64_t coils_;
  Columns columns_;
  std::map<int64_t, int64_t> index_;  // k-space column to place in columns_
  torch::Tensor products_;
};

/// How many kernel columns a missing one takes at least. One between two sampled columns takes
/// both; beyond the outermost one there is only one side.
size_t narrowest(const Columns& sampled, int64_t missing) {
  const bool at_rim = missing < sampled.front() || missing > sampled.back();
  return at_rim ? 1 : std::min(kNarrowKernel, sampled.size());
}

[[noreturn]] void fail_untaught(const torch::Tensor& mask, const Columns& sampled,
                                const Columns& missing) {
  int64_t needed = 0;
  for (const int64_t column : missing) {
    const Offsets offsets = nearest(sampled, column, narrowest(sampled, column));
    needed = std::max(
        needed, std::max<int64_t>(offsets.back(), 0) - std::min<int64_t>(offsets.front(), 0) + 1);
  }
  const Acs acs = contiguous_acs(mask);
  fail(Code::kUnsupported,
       "GRAPPA: the ACS (columns sampled without a gap around column {}) has {} columns, {} are "
       "enough for kernels across the gaps of this mask; use --method cg-sense or zero-filled",
       mask.size(0) / 2, acs.end - acs.begin, needed);
}

/// For each missing column the widest kernel that the mask can teach.
Groups group_by_kernel(const GrappaCalibration& calibration, const torch::Tensor& mask,
                       int64_t widest) {
  const Columns sampled = columns_of(mask, true), missing = columns_of(mask, false);
  Groups groups;
  for (const int64_t column : missing) {
    size_t count = nearest(sampled, column, static_cast<size_t>(widest)).size();
    const auto taught = [&] {
      const size_t places = calibration.places(nearest(sampled, column, count)).size();
      return places >= (count > kNarrowKernel ? kFewestPlaces : 1);
    };
    const size_t least = std::min(narrowest(sampled, column), count);
    while (count > least && !taught()) --count;
    if (!taught()) fail_untaught(mask, sampled, missing);
    groups[nearest(sampled, column, count)].push_back(column);
  }
  return groups;
}

/// Complex weights [rows, N, C, C] c64 as those of a real convolution [2C, N * 2C, rows] f32, real
/// parts before imaginary ones: LibTorch's convolutions are fast on any machine, its complex
/// products only where a fast BLAS is installed.
torch::Tensor real_weights(const torch::Tensor& kernel) {
  const torch::Tensor to_from = kernel.permute({3, 1, 2, 0});  // to, N, from, rows
  const torch::Tensor real = torch::real(to_from), imag = torch::imag(to_from);
  const torch::Tensor to_real = torch::cat({real, -imag}, 2), to_imag = torch::cat({imag, real}, 2);
  return torch::cat({to_real, to_imag}, 0).flatten(1, 2).contiguous();
}

/// The kernels of all groups, in their order.
std::vector<torch::Tensor> learn(const GrappaCalibration& calibration, const Groups& groups) {
  std::vector<const Offsets*> offsets;
  for (const auto& group : groups) offsets.push_back(&group.first);
  std::vector<torch::Tensor> weights(offsets.size());
  at::parallel_for(0, static_cast<int64_t>(offsets.size()), 1, [&](int64_t first, int64_t last) {
    for (auto i = static_cast<size_t>(first); i < static_cast<size_t>(last); ++i)
      weights[i] = real_weights(calibration.kernel(*offsets[i]));
  });
  return weights;
}

}  // namespace

torch::Tensor grappa(const torch::Tensor& kspace, const torch::Tensor& mask,
                     const GrappaOptions& options) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, 1, kAny, kAny, kAny);
  RP_CHECK_SHAPE(mask, torch::kFloat, kspace.size(3));
  RP_ASSERT(options.kernel_rows % 2 == 1 && options.kernel_columns >= 1);
  const int64_t sampled = (mask != 0).sum().item<int64_t>();
  // Nothing to fill, or nothing to learn from: a slice without signal stays one.
  if (sampled == mask.size(0) || (sampled > 0 && !torch::view_as_real(kspace).any().item<bool>()))
    return kspace.clone();
  if (kspace.size(2) < options.kernel_rows || sampled == 0) {
    fail(Code::kUnsupported,
         "GRAPPA: k-space of {} rows and {} sampled columns, expected at least {} and 1",
         kspace.size(2), sampled, options.kernel_rows);
  }
  const GrappaCalibration calibration(kspace, mask, options);
  const Groups groups = group_by_kernel(calibration, mask, options.kernel_columns);
  // [W, 2C, H] f32: a column is what a convolution runs along.
  const torch::Tensor columns =
      torch::view_as_real(kspace[0]).permute({2, 3, 0, 1}).flatten(1, 2).contiguous();
  torch::Tensor filled = columns.clone();
  const std::vector<torch::Tensor> weights = learn(calibration, groups);
  for (auto weight = weights.begin(); const auto& [offsets, targets] : groups) {
    Columns sources;
    for (const int64_t target : targets)
      for (const int64_t offset : offsets) sources.push_back(target + offset);
    const torch::Tensor input =
        columns.index_select(0, as_index(sources))
            .view({static_cast<int64_t>(targets.size()), -1, kspace.size(2)});
    filled.index_copy_(0, as_index(targets),
                       torch::conv1d(input, *weight++, {}, 1, options.kernel_rows / 2));
  }
  return torch::view_as_complex(filled.view({kspace.size(3), 2, kspace.size(1), kspace.size(2)})
                                    .permute({2, 3, 0, 1})
                                    .contiguous())
      .unsqueeze(0);
}

}  // namespace reconproof::baseline
