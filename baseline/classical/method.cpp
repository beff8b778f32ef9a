// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/classical/method.h"

#include <array>

#include "baseline/classical/sensitivities.h"
#include "baseline/model/fft.h"
#include "baseline/model/varnet.h"
#include "baseline/shape.h"
#include "formats/npy.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

struct NamedMethod {
  const char* name;
  ClassicalMethod method;
};
constexpr std::array kMethods = {NamedMethod{"zero-filled", ClassicalMethod::kZeroFilled},
                                 NamedMethod{"grappa", ClassicalMethod::kGrappa},
                                 NamedMethod{"cg-sense", ClassicalMethod::kCgSense}};

/// The rows of an image that the crop keeps. [1, C, H, W] -> [1, C, min(H, size), W].
torch::Tensor middle_rows(const torch::Tensor& images, int64_t size) {
  const int64_t height = images.size(2);
  return height <= size ? images : images.narrow(2, (height - size) / 2, size);
}

/// k-space of the rows that the crop keeps: a scanner samples the direction along a column twice as
/// finely as it needs, and the methods would spend their time on air.
torch::Tensor without_oversampling(const torch::Tensor& kspace, int64_t size) {
  if (kspace.size(2) <= size) return kspace;
  return fft2_centred(middle_rows(ifft2_centred(kspace), size));
}

torch::Tensor cg_sense_image(const torch::Tensor& kspace, const torch::Tensor& mask,
                             const torch::Tensor& maps, const ClassicalOptions& options) {
  const torch::Tensor image = cg_sense(kspace, mask, maps, options.sense);
  if (options.magnitude) return image.abs();
  const torch::Tensor unmeasured = encode(image, maps, 1 - mask);
  return zero_filled(kspace + unmeasured);
}

}  // namespace

ClassicalMethod classical_method(const std::string& name) {
  for (const NamedMethod& known : kMethods)
    if (name == known.name) return known.method;
  fail(Code::kUsage, "--method {}: expected network, zero-filled, grappa or cg-sense", name);
}

const char* name_of(ClassicalMethod method) {
  for (const NamedMethod& known : kMethods)
    if (method == known.method) return known.name;
  RP_ASSERT(false);
  return "";
}

torch::Tensor zero_filled(const torch::Tensor& kspace) {
  return root_sum_of_squares(ifft2_centred(kspace));
}

torch::Tensor classical_image(const torch::Tensor& kspace, const torch::Tensor& mask,
                              const torch::Tensor& maps, const ClassicalOptions& options,
                              const ImageGeometry& geometry) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, 1, kAny, kAny, kAny);
  const auto cropped = [&](const torch::Tensor& image) {
    return centre_crop(image, geometry.size, geometry.crop);
  };
  if (options.method == ClassicalMethod::kZeroFilled) return cropped(zero_filled(kspace));
  const torch::Tensor needed = without_oversampling(kspace, geometry.size);
  if (options.method == ClassicalMethod::kGrappa)
    return cropped(zero_filled(grappa(needed, mask, options.grappa)));
  return cropped(cg_sense_image(
      needed, mask, maps.defined() ? middle_rows(maps, geometry.size) : sensitivities(needed, mask),
      options));
}

MapFile::MapFile(const std::filesystem::path& path) : path_(path) {
  const formats::NpyArray array = formats::read_npy(path);
  const size_t rank = array.shape.size();
  if (array.type != formats::NpyType::kComplex64 || (rank != 3 && rank != 4)) {
    fail(Code::kCorrupt, "{}: {} {}, expected complex64 (coils, H, W) or (slices, coils, H, W)",
         path.string(), formats::npy_type_text(array.type), formats::shape_text(array.shape));
  }
  maps_ = torch::empty(array.shape, torch::kComplexFloat);
  const auto values = array.complexes();
  std::copy(values.begin(), values.end(), static_cast<std::complex<float>*>(maps_.data_ptr()));
  if (!torch::isfinite(torch::view_as_real(maps_)).all().item<bool>())
    fail(Code::kCorrupt, "{}: holds NaN or infinity; make the maps again", path.string());
  if (rank == 3) maps_.unsqueeze_(0);
}

torch::Tensor MapFile::slice(int64_t index, const torch::Tensor& kspace) const {
  const bool shared = maps_.size(0) == 1;
  if (maps_.sizes().slice(1) != kspace.sizes().slice(1) || (!shared && index >= maps_.size(0))) {
    fail(Code::kCorrupt, "{}: shape {}, but slice {} of the k-space is {} (coils, H, W)",
         path_.string(), formats::shape_text(maps_.sizes().vec()), index,
         formats::shape_text(kspace.sizes().slice(1).vec()));
  }
  return maps_.narrow(0, shared ? 0 : index, 1);
}

}  // namespace reconproof::baseline
