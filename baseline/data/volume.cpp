// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/data/volume.h"

#include "system/error.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

template <typename T>
std::span<T> elements(torch::Tensor& tensor) {
  return {static_cast<T*>(tensor.data_ptr()), static_cast<size_t>(tensor.numel())};
}

void require_finite(const torch::Tensor& tensor, const fs::path& path, const char* set,
                    int64_t slice) {
  if (torch::isfinite(tensor).all().item<bool>()) return;
  fail(Code::kCorrupt, "{}: slice {} of '{}' holds NaN or infinity; copy or make the file again",
       path.string(), slice, set);
}

}  // namespace

ImageGeometry geometry_of(const challenge::Edition& edition) {
  return {edition.image_size, edition.crop_zero_pads ? Crop::kZeroPad : Crop::kSlice};
}

KspaceVolume::KspaceVolume(const fs::path& path, const ImageGeometry& geometry)
    : reader_(formats::open_local(path)) {
  const formats::DatasetInfo& set = reader_->dataset(challenge::kKspaceSet);
  shape_ = set.shape;
  const std::string found = fmt::format("{}: 'kspace' is {} {}", path.string(), set.type_text(),
                                        formats::shape_text(shape_));
  if (set.kind != formats::ElementKind::kComplex || shape_.size() != 4) {
    fail(Code::kCorrupt, "{}, expected complex64 (slices, coils, H, W)", found);
  }
  if (shape_[0] < 1 || shape_[1] < 1 || shape_[2] < 2 || shape_[3] < 2) {
    fail(Code::kCorrupt, "{}: too small, expected at least (1, 1, 2, 2)", found);
  }
  if (geometry.crop == Crop::kSlice && std::min(shape_[2], shape_[3]) < geometry.size) {
    fail(Code::kCorrupt,
         "{}: smaller than {} x {}, and the network of this edition (2024 and before) cannot "
         "enlarge images; "
         "choose an edition from snu-2025 on",
         found, geometry.size, geometry.size);
  }
  read_mask();
}

void KspaceVolume::read_mask() {
  const formats::Shape& found = reader_->dataset(challenge::kMaskSet).shape;
  const int64_t width = shape_[3];
  if (found != formats::Shape{width}) {
    fail(Code::kCorrupt,
         "{}: 'mask' has shape {}, expected ({},): one value for each column of 'kspace' {}",
         path().string(), formats::shape_text(found), width, formats::shape_text(shape_));
  }
  mask_ = torch::empty({width});
  reader_->read(challenge::kMaskSet, 0, width, elements<float>(mask_));
  for (int64_t column = 0; const float value : elements<float>(mask_)) {
    if (value != 0 && value != 1) {
      fail(Code::kCorrupt, "{}: 'mask' is {} at column {}, expected 0 or 1", path().string(), value,
           column);
    }
    ++column;
  }
}

torch::Tensor KspaceVolume::slice(int64_t index) const {
  torch::Tensor kspace = torch::empty({1, shape_[1], shape_[2], shape_[3]}, torch::kComplexFloat);
  reader_->read(challenge::kKspaceSet, index, 1, elements<std::complex<float>>(kspace));
  require_finite(kspace, path(), challenge::kKspaceSet, index);
  // Files of some editions hold complete k-space: the official loader multiplies every one by its
  // mask.
  return kspace.mul_(mask_);
}

PairedDataset::PairedDataset(const fs::path& folder, const ImageGeometry& geometry)
    : geometry_(geometry), slices_(challenge::paired_slices(folder)) {}

void PairedDataset::open(const challenge::SliceRef& ref) {
  if (kspace_ && kspace_->path() == ref.kspace) return;
  kspace_.reset();
  image_.reset();
  auto kspace = std::make_unique<KspaceVolume>(ref.kspace, geometry_);
  auto image = formats::open_local(ref.image);
  const formats::Shape expected = {kspace->slices(), geometry_.size, geometry_.size};
  const formats::Shape& found = image->dataset(challenge::kLabelSet).shape;
  if (found != expected) {
    fail(Code::kCorrupt, "{}: '{}' has shape {}, expected {} ({} slices in {})", ref.image.string(),
         challenge::kLabelSet, formats::shape_text(found), formats::shape_text(expected),
         kspace->slices(), ref.kspace.string());
  }
  const auto maximum = image->info().attributes.find(challenge::kMaxAttribute);
  if (maximum == image->info().attributes.end() || !maximum->second.number ||
      !(*maximum->second.number > 0)) {
    fail(Code::kCorrupt, "{}: no attribute '{}' above 0, the range that the loss divides by",
         ref.image.string(), challenge::kMaxAttribute);
  }
  kspace_ = std::move(kspace);
  image_ = std::move(image);
}

Sample PairedDataset::load(int64_t index) {
  const challenge::SliceRef& ref = slices_.at(static_cast<size_t>(index));
  open(ref);
  torch::Tensor target = torch::empty({1, geometry_.size, geometry_.size});
  image_->read(challenge::kLabelSet, ref.slice, 1, elements<float>(target));
  require_finite(target, ref.image, challenge::kLabelSet, ref.slice);
  const formats::Attribute& maximum = image_->info().attributes.at(challenge::kMaxAttribute);
  const auto type = maximum.bytes == sizeof(double) ? torch::kDouble : torch::kFloat;
  return {kspace_->slice(ref.slice),
          kspace_->mask(),
          target,
          torch::full({1}, *maximum.number, type),
          ref.kspace.filename().string(),
          ref.slice};
}

}  // namespace reconproof::baseline
