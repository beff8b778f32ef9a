// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Volumes of the challenge as tensors, checked on the way in: a wrong shape or a NaN is named here
// with its file and slice, not as a strange loss an hour later.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "baseline/model/varnet.h"
#include "challenge/dataset/folder.h"
#include "challenge/edition.h"
#include "formats/hdf5.h"

namespace reconproof::baseline {

/// What an edition's network gives out.
struct ImageGeometry {
  int64_t size = 384;
  Crop crop = Crop::kZeroPad;
};
ImageGeometry geometry_of(const challenge::Edition& edition);

/// One file of kspace/. kCorrupt: wrong rank or type, mask of another length or with other values
/// than 0 and 1, images that `geometry` cannot crop.
class KspaceVolume {
 public:
  KspaceVolume(const std::filesystem::path& path, const ImageGeometry& geometry);

  const std::filesystem::path& path() const { return reader_->path(); }
  int64_t slices() const { return shape_[0]; }
  /// [W] f32, 1 where a column was sampled.
  const torch::Tensor& mask() const { return mask_; }
  /// [1, C, H, W] c64, zero outside the mask. kCorrupt on NaN or infinity.
  torch::Tensor slice(int64_t index) const;

 private:
  void read_mask();

  std::unique_ptr<formats::Hdf5Reader> reader_;
  formats::Shape shape_;
  torch::Tensor mask_;
};

/// A slice with its label.
struct Sample {
  torch::Tensor kspace;   // [1, C, H, W] c64, zero outside the mask
  torch::Tensor mask;     // [W] f32
  torch::Tensor target;   // [1, size, size] f32
  torch::Tensor maximum;  // [1] f32 or f64, as the file stores it: the range of the volume's values
  std::string file;       // name without folder
  int64_t slice = 0;
};

/// All slices of DIR/kspace and DIR/image in the official order.
class PairedDataset {
 public:
  PairedDataset(const std::filesystem::path& folder, const ImageGeometry& geometry);
  int64_t size() const { return static_cast<int64_t>(slices_.size()); }
  const challenge::SliceRef& ref(int64_t index) const {
    return slices_.at(static_cast<size_t>(index));
  }
  Sample load(int64_t index);

 private:
  void open(const challenge::SliceRef& ref);

  ImageGeometry geometry_;
  std::vector<challenge::SliceRef> slices_;
  // The files of the last slice: consecutive slices do not open them again.
  std::unique_ptr<KspaceVolume> kspace_;
  std::unique_ptr<formats::Hdf5Reader> image_;
};

}  // namespace reconproof::baseline
