// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/classical/cg_sense.h"

#include <ATen/Parallel.h>
#include <torch/fft.h>

#include "baseline/model/fft.h"
#include "baseline/shape.h"

namespace reconproof::baseline {
namespace {

// Rows that are solved together: few enough for the cache. A block is one thread's work from start
// to end, so the result does not depend on the number of threads.
constexpr int64_t kBlockRows = 8;
const std::vector<int64_t> kColumns = {-1};
constexpr const char* kOrthonormal = "ortho";

void check_encoding(const torch::Tensor& kspace, const torch::Tensor& maps,
                    const torch::Tensor& mask) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, 1, kAny, kAny, kAny);
  RP_CHECK_SHAPE(maps, torch::kComplexFloat, 1, kspace.size(1), kspace.size(2), kspace.size(3));
  RP_CHECK_SHAPE(mask, torch::kFloat, kspace.size(3));
}

/// Zero frequency to the front, as the plain FFT has it: shifted once here, not in each iteration.
torch::Tensor to_front(const torch::Tensor& centred) {
  return torch::fft::ifftshift(centred, kColumns);
}

/// Re<a, b> of each row. [B, W] c64 -> [B, 1] f32.
torch::Tensor row_products(const torch::Tensor& a, const torch::Tensor& b) {
  return (torch::view_as_real(a) * torch::view_as_real(b)).sum({1, 2}).unsqueeze(1);
}

/// A block of rows: E^H E + lambda I, everything with the zero frequency in front.
struct RowSystem {
  torch::Tensor maps, conjugate_maps;  // [B, C, W] c64
  torch::Tensor mask;                  // [W] f32
  float lambda;

  torch::Tensor adjoint(const torch::Tensor& spectrum) const {
    return (torch::fft::ifft(spectrum, {}, -1, kOrthonormal) * conjugate_maps).sum(1);
  }
  torch::Tensor apply(const torch::Tensor& rows) const {
    const torch::Tensor spectrum =
        torch::fft::fft(maps * rows.unsqueeze(1), {}, -1, kOrthonormal).mul_(mask);
    return adjoint(spectrum).add_(rows, lambda);
  }
};

/// a / b, and 0 where b is: a row of air, or one that is solved to the last bit.
torch::Tensor ratio(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::where(b > 0, a / b, torch::zeros_like(a));
}

/// Conjugate gradients (Hestenes and Stiefel 1952), all rows of the block in step. -> [B, W] c64.
torch::Tensor solve_rows(const RowSystem& system, const torch::Tensor& right_side,
                         const CgSenseOptions& options) {
  torch::Tensor x = torch::zeros_like(right_side), residual = right_side.clone();
  torch::Tensor direction = residual.clone();
  torch::Tensor energy = row_products(residual, residual);
  const torch::Tensor enough = energy * (options.tolerance * options.tolerance);
  for (int64_t i = 0; i < options.iterations && (energy > enough).any().item<bool>(); ++i) {
    const torch::Tensor image = system.apply(direction);
    const torch::Tensor step = ratio(energy, row_products(direction, image));
    x += step * direction;
    residual -= step * image;
    const torch::Tensor before = energy;
    energy = row_products(residual, residual);
    direction = residual + ratio(energy, before) * direction;
  }
  return x;
}

}  // namespace

torch::Tensor encode(const torch::Tensor& image, const torch::Tensor& maps,
                     const torch::Tensor& mask) {
  check_encoding(maps, maps, mask);
  RP_CHECK_SHAPE(image, torch::kComplexFloat, 1, maps.size(2), maps.size(3));
  return fft2_centred(maps * image.unsqueeze(1)) * mask;
}

torch::Tensor encode_adjoint(const torch::Tensor& kspace, const torch::Tensor& maps,
                             const torch::Tensor& mask) {
  check_encoding(kspace, maps, mask);
  return (ifft2_centred(kspace * mask) * maps.conj()).sum(1);
}

torch::Tensor cg_sense(const torch::Tensor& kspace, const torch::Tensor& mask,
                       const torch::Tensor& maps, const CgSenseOptions& options) {
  check_encoding(kspace, maps, mask);
  // Image rows, spectrum columns: [H, C, W].
  const torch::Tensor hybrid =
      to_front(torch::fft::fftshift(
                   torch::fft::ifft(torch::fft::ifftshift(kspace, {2}), {}, 2, kOrthonormal), {2}) *
               mask)[0]
          .transpose(0, 1)
          .contiguous();
  const torch::Tensor shifted_maps = to_front(maps)[0].transpose(0, 1).contiguous();
  const torch::Tensor shifted_mask = to_front(mask);
  torch::Tensor image = torch::empty({kspace.size(2), kspace.size(3)}, torch::kComplexFloat);
  const int64_t blocks = (kspace.size(2) + kBlockRows - 1) / kBlockRows;
  at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
    const torch::NoGradGuard no_gradients;  // a property of the thread
    for (int64_t block = first; block < last; ++block) {
      const int64_t begin = block * kBlockRows;
      const auto rows = [&](const torch::Tensor& tensor) {
        return tensor.slice(0, begin, begin + kBlockRows);
      };
      const torch::Tensor block_maps = rows(shifted_maps);
      const RowSystem system{block_maps, block_maps.conj().resolve_conj(), shifted_mask,
                             static_cast<float>(options.lambda)};
      rows(image).copy_(solve_rows(system, system.adjoint(rows(hybrid)), options));
    }
  });
  return torch::fft::fftshift(image, kColumns).unsqueeze(0);
}

}  // namespace reconproof::baseline
